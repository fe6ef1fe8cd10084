"""Contact facts, made comparable: what a person types and what staff once typed seldom look the same."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date

ENOUGH = 2


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What somebody claims about themselves at sign-up. Empty and None claim nothing."""

    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FactsMatch:
    """Which claims are true of one contact, never what is stored. `salesforce_contact_id` is "" unless proven."""

    email: bool = False
    phone: bool = False
    postal_code: bool = False
    birth_date: bool = False
    salesforce_contact_id: str = ""

    @property
    def score(self) -> int:
        """How many of phone, postal code and birth date are right."""
        return self.phone + self.postal_code + self.birth_date

    @property
    def proven(self) -> bool:
        """The e-mail is right, or two of the other facts. The e-mail must have been verified before."""
        return self.email or self.score >= ENOUGH


def same_email(claimed: str, stored: str) -> bool:
    """Without regard to case and width. Nothing equals nothing."""
    ours, theirs = _plain(claimed).casefold(), _plain(stored).casefold()
    return bool(ours) and "@" in ours and ours == theirs


def same_phone(claimed: str, stored: str) -> bool:
    """By their digits, +81 read as the leading 0."""
    ours, theirs = _phone(claimed), _phone(stored)
    return len(ours) >= 9 and ours == theirs


def same_postal_code(claimed: str, stored: str) -> bool:
    """Japanese ones, by their seven digits."""
    ours, theirs = _digits(claimed), _digits(stored)
    return len(ours) == 7 and ours == theirs


def same_date(claimed: date | None, stored: str) -> bool:
    """A calendar day against Salesforce's `2025-08-20`."""
    return claimed is not None and claimed.isoformat() == stored


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _digits(text: str) -> str:
    return "".join(char for char in _plain(text) if char in "0123456789")


def _phone(text: str) -> str:
    digits, plus = _digits(text), _plain(text).startswith("+")
    if not plus or not digits.startswith("81"):
        return digits
    return "0" + digits.removeprefix("81").removeprefix("0")  # +81 (0)3 ... is written too
