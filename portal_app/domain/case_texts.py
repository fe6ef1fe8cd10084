"""What customers write to support: made safe, measured, and marked so that the portal knows its own words again.

In Salesforce a comment of ours begins with the line `[portal <post id>]`, and the first message of a question ends with
a line `About: service 101 - <label>` where the customer said what it is about. Staff read both; customers neither.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final, cast
from uuid import UUID

from portal_app.domain.cases import NewCase, RelatedChoice, RelatedKind, Topic
from portal_app.errors import InvalidFields

LONGEST_SUBJECT: Final = 200
LONGEST_BODY: Final = 8_000
"""Characters of a first message; Salesforce has room for 32,000."""
COMMENT_BYTES: Final = 4_000
"""Salesforce counts bytes of UTF-8 here, the marker included."""
LONGEST_REPLY: Final = COMMENT_BYTES - 42
"""Bytes a customer may write in one reply: 3,958 Latin letters, a third of that in Japanese."""
LONGEST_LABEL: Final = 120
MOST_FILES: Final = 5
REFERENCE: Final = "support:"
"""How Portal_Reference__c of a customer's own question begins."""

_MARKER: Final = re.compile(r"\[portal ([0-9a-f]{32})\](?:\r?\n|$)", re.ASCII)
_ABOUT: Final = re.compile(r"(?:\A|\n\n)About: (service|order|invoice) ([A-Za-z0-9]{1,18}) - ([^\n]*)\Z")
_NEARLY_ABOUT: Final = re.compile(r"(?:\A|(?<=\n))(?=About: [^\n]*\Z)")
_DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN: Final = frozenset("\ufeff\u200b\u2060\u00ad")


def written(text: str) -> str:
    """The text as it is kept: one form per letter, line ends of one kind, nothing that cannot be seen or turns lines.

    What joins emoji stays. "" when nothing can be seen.
    """
    kept = unicodedata.normalize("NFC", "".join(_space(char) for char in _one_end(text) if _may_stay(char)))
    if all(char.isspace() or unicodedata.category(char) == "Cf" for char in kept):
        return ""
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()


def checked_case(post: NewCase) -> tuple[NewCase, Topic]:
    """The question as it will be sent, and its topic. Raises: InvalidFields with every bad field at once."""
    subject, body = " ".join(written(post.subject).split()), written(post.body)
    bad: dict[str, str] = {}
    if not subject:
        bad["subject"] = "case.subject_missing"
    elif len(subject) > LONGEST_SUBJECT:
        bad["subject"] = "case.subject_long"
    topic = next((one for one in Topic if one == post.topic), None)
    if topic is None:
        bad["topic"] = "case.topic_missing"
    if not body:
        bad["message"] = "case.message_missing"
    elif len(body) > LONGEST_BODY:
        bad["message"] = "case.message_long"
    bad |= _bad_files(post.file_ids)
    if topic is None or bad:
        raise InvalidFields(bad)
    return NewCase(subject, body, topic, post.related_kind, post.related_id, post.file_ids), topic


def checked_reply(body: str, file_ids: Collection[str]) -> str:
    """The reply as it will be sent. Raises: InvalidFields."""
    text = written(body)
    bad: dict[str, str] = {}
    if not text:
        bad["message"] = "case.message_missing"
    elif len(text.encode()) > LONGEST_REPLY:
        bad["message"] = "case.reply_long"
    bad |= _bad_files(file_ids)
    if bad:
        raise InvalidFields(bad)
    return text


def reference_of(post_id: str) -> str:
    """What a question of that post is found by again."""
    return f"{REFERENCE}{UUID(post_id).hex}"


def marked(post_id: str, body: str) -> str:
    """A reply as Salesforce gets it."""
    return f"[portal {UUID(post_id).hex}]\n{body}"


def unmarked(body: str) -> tuple[str, str]:
    """The post's id in hex, "" for a comment that is not the portal's; and the text without the marker."""
    found = _MARKER.match(body)
    return (found[1], body[found.end() :]) if found else ("", body)


def with_related(body: str, related: RelatedChoice | None) -> str:
    """A first message as Salesforce gets it. What only looks like our last line is moved in by a blank."""
    if related is None:
        return _NEARLY_ABOUT.sub(" ", body)
    label = " ".join(written(related.label).split())[:LONGEST_LABEL]
    return f"{body}\n\nAbout: {related.kind} {related.id} - {label}"


def without_related(body: str) -> tuple[str, RelatedChoice | None]:
    """The customer's own words, and what they said it is about. Who edits a question in a browser changes line ends."""
    lines = _one_end(body).rstrip()
    found = _ABOUT.search(lines)
    if found is None:
        return body, None
    return lines[: found.start()], RelatedChoice(cast(RelatedKind, found[1]), found[2], found[3])


def _bad_files(file_ids: Collection[str]) -> dict[str, str]:
    return {"files": "case.files_many"} if len(set(file_ids)) > MOST_FILES else {}


def _may_stay(char: str) -> bool:
    if char in _DIRECTIONS or char in _UNSEEN:
        return False
    if unicodedata.category(char) == "Cn":  # a sign that is younger than this Python's tables, or none at all
        return not (0xFDD0 <= ord(char) <= 0xFDEF or ord(char) & 0xFFFE == 0xFFFE)
    return char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Co")


def _one_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _space(char: str) -> str:
    return "\n" if unicodedata.category(char) in ("Zl", "Zp") else char
