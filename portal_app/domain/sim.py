"""What a SIM order asks for: card or eSIM, when it starts, and a number taken along (MNP).

Every check gives a key of `text`, or "" when all is well; every reader gives the one stored form.
Source: GSMA SGP.29 for the check digits of an EID; the operators' public rules for reservation numbers.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from portal_app.domain.phones import DASHES, clean_phone

SimForm = Literal["", "esim", "physical"]
StartKind = Literal["", "immediate", "scheduled"]
Gender = Literal["", "male", "female", "other"]

EID_DIGITS: Final = 32
LATEST_START: Final = timedelta(days=30)
DELIVERY: Final = timedelta(days=4)
RESERVATION_DIGITS: Final = 10
RESERVATION_DAYS: Final = 15
"""A reservation is good for so many days, the day of issue among them."""
DAYS_LEFT: Final = {"esim": 3, "physical": 10}
ADULT_AT: Final = 18
LONGEST_NAME: Final = 50
LONGEST_ACCOUNT: Final = 40
_KANA: Final = re.compile(r"[ァ-ヶー・ ]+")
_MOBILE: Final = re.compile(r"0(?:[789]0[1-9]\d{7}|601[0-4]0\d{5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PortIn:
    """A number taken along, as typed; `read_port_in` gives the stored form. Names as the old contract has them."""

    reservation_number: str = ""
    expires_on: date | None = None
    phone_number: str = ""
    last_name: str = ""
    first_name: str = ""
    last_name_kana: str = ""
    first_name_kana: str = ""
    gender: Gender = ""
    birth_date: date | None = None
    account_number: str = ""  # at the old operator, where it asks for one


def read_eid(text: str) -> str:
    """Its digits, without the spaces and hyphens it is printed with."""
    return _digits(text)


def check_eid(text: str) -> str:
    """32 digits whose number leaves 1 when divided by 97."""
    eid = read_eid(text)
    if not eid:
        return "sim.eid_missing"
    if not (eid.isascii() and eid.isdigit()) or len(eid) != EID_DIGITS:
        return "sim.eid_digits"
    return "" if int(eid) % 97 == 1 else "sim.eid_wrong"


def check_start(kind: StartKind, on: date | None, form: SimForm, today: date) -> str:
    """When it starts; `today` in Japan. A card must have arrived by then."""
    if kind == "":
        return "sim.start_missing"
    if kind == "immediate":
        return "" if on is None else "sim.start_not_scheduled"
    if on is None:
        return "sim.start_date_missing"
    earliest = today + (DELIVERY if form == "physical" else timedelta(days=1))
    return "" if earliest <= on <= today + LATEST_START else "sim.start_date_range"


def read_port_in(typed: PortIn) -> PortIn:
    """Digits plain, kana full-width, no space around; whatever is wrong stays wrong."""
    return PortIn(
        _digits(typed.reservation_number),
        typed.expires_on,
        read_mobile(typed.phone_number),
        _plain(typed.last_name),
        _plain(typed.first_name),
        read_kana(typed.last_name_kana),
        read_kana(typed.first_name_kana),
        typed.gender,
        typed.birth_date,
        _plain(typed.account_number),
    )


def check_port_in(
    typed: PortIn, *, voice: bool, form: SimForm, today: date, start_on: date | None = None
) -> dict[str, str]:
    """Field of PortIn -> what is wrong with it, in their order; `port_in` itself for a plan without voice."""
    if not voice:
        return {"port_in": "sim.port_in_needs_voice"}
    read = read_port_in(typed)
    found = {
        "reservation_number": _check_reservation(read.reservation_number),
        "expires_on": _check_expiry(read.expires_on, form, today, start_on),
        "phone_number": "" if _MOBILE.fullmatch(read.phone_number) else "sim.port_in_phone",
        "last_name": _check_name(read.last_name),
        "first_name": _check_name(read.first_name),
        "last_name_kana": _check_kana(read.last_name_kana),
        "first_name_kana": _check_kana(read.first_name_kana),
        "gender": "" if read.gender in ("male", "female", "other") else "sim.port_in_gender",
        "birth_date": _check_birth_date(read.birth_date, today),
        "account_number": "" if _printable(read.account_number, LONGEST_ACCOUNT) else "sim.port_in_account",
    }
    return {field: reason for field, reason in found.items() if reason}


def read_mobile(text: str) -> str:
    """Digits with the leading 0, whichever way the number is written; "" for what is no Japanese number."""
    found = clean_phone(text)
    return "0" + found.removeprefix("+81") if found else ""


def read_kana(text: str) -> str:
    """Half-width and hiragana become full-width katakana."""
    plain = _plain(text)
    return "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in plain)


def _digits(text: str) -> str:
    """Only what people put between digits goes: a letter stays, and is wrong."""
    return re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", text).translate(DASHES))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _check_reservation(number: str) -> str:
    good = number.isascii() and number.isdigit() and len(number) == RESERVATION_DIGITS
    return "" if good else "sim.port_in_reservation"


def _check_expiry(on: date | None, form: SimForm, today: date, start_on: date | None) -> str:
    if on is None:
        return "sim.port_in_expiry_missing"
    if on < today:
        return "sim.port_in_expired"
    if on > today + timedelta(days=RESERVATION_DAYS - 1):
        return "sim.port_in_expiry_too_late"
    if start_on is not None and on <= start_on:
        return "sim.port_in_ends_before_start"
    left = DAYS_LEFT["physical" if form == "physical" else "esim"]
    return "" if (on - today).days >= left else "sim.port_in_too_few_days"


def _check_name(name: str) -> str:
    symbols = any(unicodedata.category(char) == "So" for char in name)
    return "" if name and not symbols and _printable(name, LONGEST_NAME) else "sim.port_in_name"


def _check_kana(name: str) -> str:
    return "" if len(name) <= LONGEST_NAME and _KANA.fullmatch(name) else "sim.port_in_kana"


def _check_birth_date(on: date | None, today: date) -> str:
    if on is None or on > today or today.year - on.year > 130:
        return "sim.port_in_birth_date"
    years = today.year - on.year - ((today.month, today.day) < (on.month, on.day))
    return "" if years >= ADULT_AT else "sim.port_in_under_age"


def _printable(text: str, longest: int) -> bool:
    """No control, direction or zero-width characters, no half of a pair."""
    return len(text) <= longest and not any(unicodedata.category(char).startswith("C") for char in text)
