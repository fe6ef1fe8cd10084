"""SOQL cut into tokens. Source: SOQL and SOSL reference, "Reserved characters" and "Date formats"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.salesforce.errors import Refusal

TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_][\w.]*(?::\d+)?)
  | (?P<sign>!=|<>|<=|>=|[=<>(),])
  | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """`text` of a string is what stands between the quotes, escapes and all."""

    kind: str
    text: str
    at: int

    def says(self, *words: str) -> bool:
        return self.kind in ("name", "sign") and self.text.upper() in words


def cut(soql: str) -> list[Token]:
    """Ends with an `end` token. Raises: Refusal."""
    tokens, at = [], 0
    while True:
        found = TOKEN.match(soql, at)
        if found is None:
            rest = soql[at:].lstrip()
            raise malformed(soql, len(soql) - len(rest), f"unexpected token: '{rest[:1]}'")
        kind = str(found.lastgroup)
        text = found[kind][1:-1] if kind == "string" else found[kind]
        tokens.append(Token(kind, text, found.start(kind)))
        if kind == "end":
            return tokens
        at = found.end()


def malformed(soql: str, at: int, words: str) -> Refusal:
    return Refusal("MALFORMED_QUERY", pointed(soql, at, words))


def pointed(soql: str, at: int, words: str) -> str:
    """The message with the piece of the query it is about. How much of the query is shown is [U]."""
    start = max(0, at - 30)
    line = soql[start : at + 30].replace("\n", " ")
    return f"\n{line}\n{' ' * (at - start)}^\nERROR at Row:1:Column:{at + 1}\n{words}"


def plain(raw: str) -> str:
    """A string literal without its escapes."""
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), raw, flags=re.DOTALL)


def like_pattern(raw: str) -> re.Pattern[str]:
    r"""`%` any run, `_` any one, `\%` and `\_` themselves; without regard to case."""
    pattern, place = "", 0
    while place < len(raw):
        char = raw[place]
        if char == "\\" and place + 1 < len(raw):
            place += 1
            pattern += re.escape(ESCAPES.get(raw[place], raw[place]))
        else:
            pattern += {"%": ".*", "_": "."}.get(char) or re.escape(char)
        place += 1
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
