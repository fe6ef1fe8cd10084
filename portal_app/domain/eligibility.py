"""Whether internet can be had at an account's address: states, who may move them, and how long an answer holds.

Salesforce owns the record; staff decide. What the portal may do is ask.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

HOLDS: Final = timedelta(days=90)
ASK_AGAIN: Final = timedelta(days=30)
ANSWER_DAYS: Final = 2


class EligibilityState(StrEnum):
    """What the customer is told."""

    NOT_REQUESTED = "not_requested"
    REQUESTED = "requested"
    PENDING_REVIEW = "pending_review"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"


S = EligibilityState
OPEN: Final = frozenset({S.REQUESTED, S.PENDING_REVIEW})
# Whoever moves it. A change of the service address leads back to the start from everywhere.
MOVES: Final[dict[EligibilityState, frozenset[EligibilityState]]] = {
    S.NOT_REQUESTED: frozenset({S.REQUESTED}),
    S.REQUESTED: frozenset({S.PENDING_REVIEW, S.ELIGIBLE, S.INELIGIBLE, S.NOT_REQUESTED}),
    S.PENDING_REVIEW: frozenset({S.ELIGIBLE, S.INELIGIBLE, S.NOT_REQUESTED}),
    S.ELIGIBLE: frozenset({S.NOT_REQUESTED, S.INELIGIBLE}),
    S.INELIGIBLE: frozenset({S.REQUESTED, S.NOT_REQUESTED, S.ELIGIBLE}),
}
_STATUSES: Final = {
    "": S.NOT_REQUESTED,
    "not requested": S.NOT_REQUESTED,
    "pending": S.REQUESTED,
    "eligible": S.ELIGIBLE,
    "ineligible": S.INELIGIBLE,
}


@dataclass(frozen=True, slots=True)
class Eligibility:
    """An account's check as it stands. Times are UTC. `offering` only while eligible; `notes` are the staff's own."""

    state: EligibilityState = S.NOT_REQUESTED
    offering: str = ""
    requested_at: datetime | None = None
    checked_at: datetime | None = None
    notes: str = ""
    salesforce_case_id: str = ""

    def valid_until(self) -> datetime | None:
        """When a yes ends; None without one, or when nobody noted when it was given."""
        if self.state is not S.ELIGIBLE or self.checked_at is None:
            return None
        return self.checked_at + HOLDS


def read_eligibility(
    status: str,
    *,
    now: datetime,
    offering: str = "",
    requested_at: datetime | None = None,
    checked_at: datetime | None = None,
    notes: str = "",
    salesforce_case_id: str = "",
    picked_up: bool = False,
) -> Eligibility | None:
    """The account's fields as a check; None for a status that is none we know.

    `picked_up`: staff have begun with the case. A yes older than 90 days reads as never asked.
    """
    state = _STATUSES.get(status.strip().casefold())
    if state is None:
        return None
    if state is S.REQUESTED and picked_up:
        state = S.PENDING_REVIEW
    if state is S.ELIGIBLE and checked_at is not None and now >= checked_at + HOLDS:
        return Eligibility(notes=notes)
    kept = offering.strip() if state is S.ELIGIBLE else ""
    return Eligibility(state, kept, requested_at, checked_at, notes, salesforce_case_id)


def may_move(old: EligibilityState, new: EligibilityState) -> bool:
    """Whether that is a step of the check; staying is none."""
    return new in MOVES[old]


Answer = Literal["ask", "open", "eligible", "wait"]


def asking(check: Eligibility, *, now: datetime, address_changed: bool = False) -> Answer:
    """What a wish to have the address checked comes to.

    "ask": open a case. "open": one is open, give that. "eligible": it is known already. "wait": a no holds for 30 days
    at the same address.
    """
    if address_changed:
        return "ask"
    if check.state in OPEN:
        return "open"
    if check.state is S.ELIGIBLE:
        return "eligible"
    if check.state is S.INELIGIBLE and check.checked_at is not None and now < check.checked_at + ASK_AGAIN:
        return "wait"
    return "ask"


def answer_by(requested_on: date) -> date:
    """The day by which staff answer: two working days on. National holidays are not known here."""
    day, left = requested_on, ANSWER_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


_BLOCK_WORDS: Final = re.compile(r"(?<=\d)(?:丁目|番地|番|号)の?")


def address_key(*parts: str) -> str:
    """Two spellings of one address have the same key: width, hyphens, spaces and the words for blocks do not count.

    Two numbers stay two, with a space between them or in two parts.
    """
    text = unicodedata.normalize("NFKC", " ".join(parts)).casefold()
    text = re.sub(r"(?<=\d)\s+(?=\d)", "-", text)
    # After a digit, a long vowel mark is a hyphen somebody typed with a Japanese keyboard.
    text = re.sub(r"(?<=\d)ー", "-", re.sub(r"[\s\u3000]+", "", text))
    text = re.sub(r"[-‐‑‒–—―−]", "-", text)
    return re.sub(r"-+", "-", _BLOCK_WORDS.sub("-", text)).strip("-")


def same_address(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two addresses are one place, part by part in the same order."""
    return address_key(*one) == address_key(*other)
