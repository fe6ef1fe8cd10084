"""Passwords everybody guesses first: a small list, this site's own words, and the disguises people put on them."""

import re
from functools import cache
from pathlib import Path

SITE_WORDS = (
    "portal",
    "customerportal",
    "myportal",
    "internet",
    "hikari",
    "fiber",
    "whmcs",
    "billing",
    "simcard",
)
_LOOKALIKES = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
MOST_DECORATION = 6  # digits and signs around a listed word that add nothing
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def is_common(password: str) -> bool:
    """Whether a guesser would try it early: a listed word, also in disguise, a keyboard run, or one piece repeated."""
    text = password.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    if len(text) - len(core) > MOST_DECORATION:
        core = text
    spellings = {text, core, core.translate(_LOOKALIKES), text.translate(_LOOKALIKES)}
    spellings |= {_piece(s) for s in spellings}
    return bool(spellings & _listed()) or len(set(text)) <= 2 or _is_run(_piece(text))


@cache
def _listed() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="ascii").split()
    words = {re.sub(r"\d+$", "", line) for line in lines}
    plain = {w for w in (*lines, *words, *SITE_WORDS) if len(w) >= 5}
    return frozenset(plain | {w.translate(_LOOKALIKES) for w in plain})


def _piece(text: str) -> str:
    """The shortest piece the text is a repetition of: `abcabcabc` -> `abc`."""
    return text[: (text + text).find(text, 1)] if text else text


def _is_run(text: str) -> bool:
    return len(text) >= 3 and any(text in run or text in run[::-1] for run in _RUNS)
