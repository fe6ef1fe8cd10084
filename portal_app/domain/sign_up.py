"""What somebody who signs up tells about themselves, and what of it is acceptable (docs/signup-validation.md).

Names and addresses go to WHMCS, which holds the roman form. Reasons are keys into `text`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final

from portal_app.domain.emails import clean_email
from portal_app.domain.letters import APOSTROPHES, is_roman, is_visible, tidied
from portal_app.domain.phones import DASHES, clean_phone
from portal_app.domain.prefectures import PREFECTURES
from portal_app.errors import InvalidFields, InvalidInput

GENDERS: Final = ("M", "W", "other", "no_answer")
ADULT: Final = 18
OLDEST: Final = 120
NAME_LONGEST, COMPANY_LONGEST, ADDRESS_LONGEST = 50, 100, 100
LONGEST: Final = 300
"""Characters of one field that are looked at: normalising can make eighteen out of one."""

_NUMBER = re.compile(r"[A-Za-z0-9-]{4,20}")
_POSTAL_CODE = re.compile(r"([0-9]{3})-?([0-9]{4})")
_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_KANA = re.compile(r"[ァ-ヶー・ ]{1,50}")
_LETTER_MARKS = frozenset(" -'.")
_YES = frozenset({"on", "true", "yes", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpDetails:
    """One acceptable sign-up form, every value in its stored form. Its repr tells nothing."""

    country: ClassVar[str] = "JP"

    customer_number: str = field(repr=False)
    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    first_name_kana: str = field(default="", repr=False)
    last_name_kana: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    phone: str = field(repr=False)
    postal_code: str = field(repr=False)
    prefecture: str = field(repr=False)
    city: str = field(repr=False)
    address1: str = field(repr=False)
    address2: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    gender: str = field(default="", repr=False)
    marketing: bool = field(default=False, repr=False)


def parse_sign_up(fields: Mapping[str, str], today: date) -> SignUpDetails:
    """The form in its stored spelling. `today` is the Japanese calendar day. The password is not looked at.

    Raises: InvalidFields with every bad field at once, in the form's order, `terms` included.
    """
    clean: dict[str, Any] = {}
    bad: dict[str, str] = {}
    for name, rule in RULES.items():
        try:
            clean[name] = rule(fields.get(name, ""), today)
        except InvalidInput as refused:
            bad[name] = refused.reason
    if bad:
        raise InvalidFields(bad)
    del clean["terms"]
    return SignUpDetails(**clean)


def check_field(name: str, value: str, today: date) -> str:
    """Why this value of this field is not acceptable, as a text key, or "". Raises KeyError for an unknown field."""
    try:
        RULES[name](value, today)
    except InvalidInput as refused:
        return refused.reason
    return ""


def _refuse(reason: str) -> InvalidInput:
    return InvalidInput("sign_up", reason)


def _typed(text: str, too_long: str) -> str:
    """What was meant: one form per letter, single spaces."""
    if len(text) > LONGEST:
        raise _refuse(too_long)
    return tidied(text)


def _required(text: str, missing: str, too_long: str) -> str:
    text = _typed(text, too_long)
    if not text:
        raise _refuse(missing)
    return text


def _customer_number(text: str, _: date) -> str:
    text = _required(text, "signup.number_missing", "signup.number_invalid").translate(DASHES)
    if not _NUMBER.fullmatch(text):
        raise _refuse("signup.number_invalid")
    return text.upper()


def _email(text: str, _: date) -> str:
    return clean_email(text[: LONGEST + 1])


def _name(missing: str) -> Callable[[str, date], str]:
    def rule(text: str, _: date) -> str:
        text = _required(text, missing, "signup.name_too_long").translate(APOSTROPHES).translate(DASHES)
        if not all(is_roman(c) or c in _LETTER_MARKS for c in text) or not any(map(is_roman, text)):
            raise _refuse("signup.name_not_roman")
        return _at_most(text, NAME_LONGEST, "signup.name_too_long")

    return rule


def _kana(text: str, _: date) -> str:
    # NFKC makes half-width kana whole; hiragana lies 0x60 below katakana.
    text = "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in _typed(text, "signup.kana_invalid"))
    if text and not _KANA.fullmatch(text):
        raise _refuse("signup.kana_invalid")
    return text


def _company(text: str, _: date) -> str:
    text = _typed(text, "signup.company_too_long")
    if not all(map(is_visible, text)):
        raise _refuse("signup.text_unusable")
    return _at_most(text, COMPANY_LONGEST, "signup.company_too_long")


def _phone(text: str, _: date) -> str:
    number = clean_phone(_required(text, "signup.phone_missing", "signup.phone_invalid"))
    if not number:
        raise _refuse("signup.phone_invalid")
    return number


def _postal_code(text: str, _: date) -> str:
    text = _required(text, "signup.postal_code_missing", "signup.postal_code_invalid")
    found = _POSTAL_CODE.fullmatch(text.removeprefix("〒").translate(DASHES).strip())
    if found is None:
        raise _refuse("signup.postal_code_invalid")
    return "-".join(found.groups())


def _prefecture(text: str, _: date) -> str:
    if text not in PREFECTURES:
        raise _refuse("signup.prefecture_missing")
    return text


def _address(missing: str = "") -> Callable[[str, date], str]:
    def rule(text: str, _: date) -> str:
        text = _typed(text, "signup.address_too_long").translate(APOSTROPHES).translate(DASHES)
        if missing and not text:
            raise _refuse(missing)
        if not all(is_roman(c) or (" " <= c <= "~" and c not in "<>") for c in text):
            raise _refuse("signup.address_not_roman")
        return _at_most(text, ADDRESS_LONGEST, "signup.address_too_long")

    return rule


def _birth_date(text: str, today: date) -> date | None:
    text = _typed(text, "signup.birth_date_invalid").translate(DASHES)
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        born = date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        born = None
    if born is None or born > today or born.year < today.year - OLDEST:
        raise _refuse("signup.birth_date_invalid")
    if today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < ADULT:
        raise _refuse("signup.too_young")
    return born


def _gender(text: str, _: date) -> str:
    if text and text not in GENDERS:
        raise _refuse("signup.gender_unknown")
    return text


def _marketing(text: str, _: date) -> bool:
    return text.strip().lower() in _YES


def _terms(text: str, _: date) -> bool:
    if text.strip().lower() not in _YES:
        raise _refuse("signup.terms_missing")
    return True


def _at_most(text: str, longest: int, too_long: str) -> str:
    if len(text) > longest:
        raise _refuse(too_long)
    return text


RULES: Final[dict[str, Callable[[str, date], Any]]] = {
    "last_name": _name("signup.last_name_missing"),
    "first_name": _name("signup.first_name_missing"),
    "last_name_kana": _kana,
    "first_name_kana": _kana,
    "email": _email,
    "phone": _phone,
    "birth_date": _birth_date,
    "company": _company,
    "customer_number": _customer_number,
    "postal_code": _postal_code,
    "prefecture": _prefecture,
    "city": _address("signup.city_missing"),
    "address1": _address("signup.address1_missing"),
    "address2": _address(),
    "gender": _gender,
    "marketing": _marketing,
    "terms": _terms,
}
"""Each field's rule: gives the stored form, or raises InvalidInput whose field means nothing."""
FIELDS: Final = tuple(RULES)
"""In the order of the form."""
