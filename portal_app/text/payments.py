"""Payment methods."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {}
