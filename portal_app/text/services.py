"""One service, and what it was billed by."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {}
