"""Billing cycles: the words of requests, the words of answers, and how many months each lasts.

Source: WHMCS API reference, AddOrder (in) and GetClientsProducts (out).
"""

from __future__ import annotations

from datetime import date

from sandbox.days import NEVER_DAY, months_back

SHOWN = {
    "free": "Free Account",
    "onetime": "One Time",
    "monthly": "Monthly",
    "quarterly": "Quarterly",
    "semiannually": "Semi-Annually",
    "annually": "Annually",
    "biennially": "Biennially",
    "triennially": "Triennially",
}
MONTHS = {"monthly": 1, "quarterly": 3, "semiannually": 6, "annually": 12, "biennially": 24, "triennially": 36}


def word_of(shown: str) -> str:
    """ "Semi-Annually" -> "semiannually", "Free Account" -> "free"; "" for what is no cycle."""
    letters = "".join(c for c in shown.lower() if c.isalpha()).removesuffix("account")
    return letters if letters in SHOWN else ""


def next_due(day: str, shown: str) -> str:
    """The due date one cycle later; a cycle that does not return has none."""
    months = MONTHS.get(word_of(shown), 0)
    return months_back(date.fromisoformat(day), -months).isoformat() if months else NEVER_DAY
