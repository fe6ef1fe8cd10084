"""Japanese phone numbers as people type them, to the one form that is stored."""

import re
import unicodedata
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

LONGEST: Final = 40
OURS: Final = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
"""Lines a person answers; toll-free and premium numbers are not."""
# A library that also reads letters ("0120-FLOWERS") and extensions is shown digits and separators only.
_TYPED = re.compile(r"\+?[0-9 ()./-]+")
DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−ーｰ﹣"), "-")
"""For str.translate: what Japanese keyboards give for a hyphen."""


def clean_phone(text: str) -> str:
    """E.164 of a Japanese number (`+81901234...`), or "" when it is none.

    Source: libphonenumber's data for Japan, by the phonenumbers package.
    """
    text = unicodedata.normalize("NFKC", text[:LONGEST]).translate(DASHES).strip() if len(text) <= LONGEST else ""
    if not _TYPED.fullmatch(text):
        return ""
    try:
        number = phonenumbers.parse(text, "JP")
    except phonenumbers.NumberParseException:
        return ""
    if number.country_code != 81 or not phonenumbers.is_valid_number(number):
        return ""
    if phonenumbers.number_type(number) not in OURS:
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_mobile(phone: str) -> bool:
    """Whether an E.164 number of Japan is that of a mobile phone."""
    try:
        number = phonenumbers.parse(phone, "JP")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) == PhoneNumberType.MOBILE


def national(phone: str) -> str:
    """An E.164 number of Japan as people write it here (`090-1234-5678`); anything else as it is."""
    try:
        number = phonenumbers.parse(phone, "JP")
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) if phone.startswith("+81") else phone
