"""Every sentence a customer reads, as key -> (English, Japanese). Placeholders are `{name}` and equal in both.

Pages use `components.text.t(key)`, which compiles both languages into the page; the server uses `say(locale, key)`.
"""

from typing import Final

SCREENS: dict[str, tuple[str, str]] = {}

DOORS: dict[str, tuple[str, str]] = {}

WORK: dict[str, tuple[str, str]] = {}

SENTENCES: Final[dict[str, tuple[str, str]]] = SCREENS | DOORS | WORK


def say(locale: str, key: str, **values: object) -> str:
    """The sentence in that language with its placeholders filled. Raises KeyError for an unknown key."""
    return SENTENCES[key][1 if locale == "ja" else 0].format(**values)
