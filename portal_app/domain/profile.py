"""Who a customer is: names for a greeting, and what they may read and change about themselves.

WHMCS owns all of it. Rules of a field are those of the sign-up form; reasons are keys into `text`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from portal_app.domain.sign_up import RULES as SIGN_UP_RULES
from portal_app.errors import InvalidFields, InvalidInput

Language = Literal["en", "ja"]
LANGUAGES: Final = ("en", "ja")


@dataclass(frozen=True, slots=True)
class Profile:
    """Names as the billing account has them; any may be ""."""

    first_name: str
    last_name: str
    company: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProfile:
    """What the billing account knows about its customer. Its repr tells nothing. Any text may be "".

    `phone` is E.164 where it can be read, else as it was typed. `keeps`: which of "birth_date" and "gender" this
    installation has a place for; the others are neither shown nor changed.
    """

    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    customer_number: str = field(default="", repr=False)
    email: str = field(default="", repr=False)  # the one the customer signs in with
    phone: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    gender: str = field(default="", repr=False)  # of GENDERS, "" also for words nobody knows
    company: str = field(default="", repr=False)
    language: Language | None = None  # None: none of ours was chosen in WHMCS
    marketing: bool = False
    has_address: bool = False
    keeps: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether a technician, a parcel and a bill would find this customer."""
        return bool(self.last_name and self.phone and self.has_address)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """The form, once it is acceptable: a profile as it shall be. Its repr tells nothing."""

    phone: str = field(repr=False)
    birth_date: date | None = field(default=None, repr=False)
    gender: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    language: Language = "en"
    marketing: bool = False

    def differences(self, held: AccountProfile) -> dict[str, Any]:
        """Field -> wanted value, of those that differ and that the installation keeps."""
        names = {"phone", "company", "language", "marketing"} | held.keeps
        wanted = {name: getattr(self, name) for name in FIELDS if name in names}
        return {name: value for name, value in wanted.items() if value != getattr(held, name)}


def parse_profile(fields: Mapping[str, str], today: date) -> ProfileChange:
    """The form in its stored spelling. `today` is the Japanese calendar day; a box not sent is not ticked.

    Raises: InvalidFields with every bad field at once, in the form's order.
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
    return ProfileChange(**clean)


def check_field(name: str, value: str, today: date) -> str:
    """Why this value of this field is not acceptable, as a text key, or "". Raises KeyError for an unknown field."""
    try:
        RULES[name](value, today)
    except InvalidInput as refused:
        return refused.reason
    return ""


def _language(text: str, _: date) -> str:
    if text not in LANGUAGES:
        raise InvalidInput("language", "profile.language_unknown")
    return text


RULES: Final[dict[str, Callable[[str, date], Any]]] = {
    name: SIGN_UP_RULES[name] for name in ("phone", "birth_date", "gender", "company")
} | {"language": _language, "marketing": SIGN_UP_RULES["marketing"]}
FIELDS: Final = tuple(RULES)
"""In the order of the form."""
