"""Letters as people type them on Japanese and western keyboards."""

import re
import unicodedata
from typing import Final

APOSTROPHES: Final = dict.fromkeys(map(ord, "‘’ʼ`´"), "'")
"""For str.translate."""
_JAPANESE: Final = ("CJK ", "HIRAGANA ", "KATAKANA ", "IDEOGRAPHIC ")


def tidied(text: str) -> str:
    """What was meant: one form per letter, single spaces, none at the ends."""
    return re.sub(" +", " ", unicodedata.normalize("NFKC", text).strip(" \t"))


def is_roman(letter: str) -> bool:
    """Whether it is a Latin letter, with an accent or without."""
    return letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN")


def is_japanese(letter: str) -> bool:
    """Whether it is kanji or kana."""
    return letter.isalpha() and unicodedata.name(letter, "").startswith(_JAPANESE)


def is_visible(letter: str) -> bool:
    """Letters and signs that can be seen: no controls, direction marks, line ends of any script, emoji."""
    kind = unicodedata.category(letter)
    return kind[0] != "C" and kind not in ("So", "Zl", "Zp")
