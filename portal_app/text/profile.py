"""The account's own pages."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {}
