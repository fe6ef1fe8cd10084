"""A customer's own data as pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from portal_app.domain.phones import national
from portal_app.domain.profile import FIELDS, AccountProfile


@dataclass(frozen=True)
class ProfileView:
    """What is on file, and what the form begins with. "" where there is nothing; `birth_date` as it is typed."""

    name: str = ""
    customer_number: str = ""
    email: str = ""
    phone: str = ""
    birth_date: str = ""
    gender: str = ""
    company: str = ""
    language: str = "en"
    marketing: bool = False
    asks_birth_date: bool = False
    asks_gender: bool = False

    @classmethod
    def of(cls, held: AccountProfile, locale: str) -> "ProfileView":
        """The whole name in the order of the language."""
        names = (held.last_name, held.first_name) if locale == "ja" else (held.first_name, held.last_name)
        return cls(
            name=" ".join(filter(None, names)),
            customer_number=held.customer_number,
            email=held.email,
            phone=national(held.phone),
            birth_date=held.birth_date.isoformat() if held.birth_date else "",
            gender=held.gender,
            company=held.company,
            language=held.language or locale,
            marketing=held.marketing,
            asks_birth_date="birth_date" in held.keeps,
            asks_gender="gender" in held.keeps,
        )

    def typed(self, values: Mapping[str, str]) -> "ProfileView":
        """The same, with what was typed into a form that came back instead; a box not sent was not ticked."""
        texts: Any = {name: values.get(name, "") for name in FIELDS if name != "marketing"}
        return replace(self, **texts, marketing="marketing" in values)
