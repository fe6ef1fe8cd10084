"""What can be had at an address, and which plans that allows.

Words of Salesforce: "Home 1G", "Apartment 100M". An apartment plan never suits a house, nor the other way round, and no
plan is faster than the line.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Dwelling = Literal["home", "apartment"]
Reason = Literal["", "dwelling", "speed", "unknown"]
_SHAPE: Final = re.compile(r"(home|apartment)\s*(\d{1,4})\s*([gm])(?:bps)?")


@dataclass(frozen=True, slots=True)
class Offering:
    """A type of line. `speed` in Mbit/s, at best."""

    dwelling: Dwelling
    speed: int


def read_offering(text: str) -> Offering | None:
    """The offering these words mean; None for words that mean none."""
    found = _SHAPE.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold())
    if found is None:
        return None
    speed = int(found[2]) * (1000 if found[3] == "g" else 1)
    return Offering("home" if found[1] == "home" else "apartment", speed)


def refusal(plan_offering: str, address_offering: str) -> Reason:
    """Why a plan for the one cannot be had at an address with the other; "" when it can."""
    plan, address = read_offering(plan_offering), read_offering(address_offering)
    if plan is None or address is None:
        return "unknown"
    if plan.dwelling != address.dwelling:
        return "dwelling"
    return "speed" if plan.speed > address.speed else ""
