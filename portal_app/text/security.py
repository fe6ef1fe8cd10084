"""Password, second factor, e-mail address, sessions."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {}
