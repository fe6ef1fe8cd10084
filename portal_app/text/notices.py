"""The bell and what it says."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {}
