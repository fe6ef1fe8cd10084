"""A customer's address: the roman form WHMCS holds, the Japanese form for whoever comes to the door, and the one form
they are both read from (its fields: address_fields).

What a known postal code stands for comes from the table, in both scripts; the browser's spelling of it is compared and
never kept. Reasons are keys into `text`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from portal_app.domain.address_fields import FIELDS as FIELDS
from portal_app.domain.address_fields import RULES, only_roman
from portal_app.domain.address_fields import Dwelling as Dwelling
from portal_app.domain.address_fields import check_field as check_field
from portal_app.domain.eligibility import address_key
from portal_app.domain.letters import tidied
from portal_app.domain.orders import AddressSnapshot
from portal_app.domain.postal import PostalArea
from portal_app.domain.prefectures import PREFECTURES
from portal_app.errors import InvalidFields, InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """As WHMCS holds it, in roman letters. Its repr tells nothing. `prefecture` by its romanised name."""

    postal_code: str = field(repr=False)  # NNN-NNNN
    prefecture: str = field(repr=False)
    city: str = field(repr=False)
    address1: str = field(repr=False)  # block and town
    address2: str = field(default="", repr=False)  # building and room
    country: str = "JP"

    @property
    def key(self) -> str:
        """The same for every spelling of one place, block before town or after it.

        It is personal data: neither logged nor put into a link.
        """
        words = sorted(re.split("[ ,]+", tidied(self.address1).casefold()))
        return address_key(self.postal_code, self.prefecture, self.city, *words, self.address2)

    def snapshot(self) -> AddressSnapshot:
        """What an order keeps of it."""
        street = "\n".join(line for line in (self.address1, self.address2) if line)
        return AddressSnapshot(street, self.city, self.prefecture, self.postal_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class JapaneseAddress:
    """In Japanese, in its parts. Its repr tells nothing. `block` is digits and hyphens in either script."""

    postal_code: str = field(repr=False)
    prefecture: str = field(repr=False)
    city: str = field(repr=False)
    town: str = field(repr=False)
    block: str = field(repr=False)
    building: str = field(default="", repr=False)
    room: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AddressChange:
    """One address in both scripts."""

    roman: Address
    japanese: JapaneseAddress


def parse_address(fields: Mapping[str, str], areas: Sequence[PostalArea]) -> AddressChange:
    """The form, once it is acceptable. `areas`: what is known of its postal code; none, and all of it must be typed.

    Raises: InvalidFields with every bad field at once, in the form's order.
    """
    typed: dict[str, str] = {}
    bad: dict[str, str] = {}
    for name, rule in RULES.items():
        try:
            typed[name] = rule(fields.get(name, ""))
        except InvalidInput as refused:
            typed[name], bad[name] = "", refused.reason
    bad = _home(typed) | bad
    if "postal_code" in bad:
        raise _refused(bad)
    area, wrong = _of_table(typed, areas) if areas else _by_hand(typed)
    if areas and area.town_roman:
        bad = {name: reason for name, reason in bad.items() if name not in ("city_roman", "town_roman")}
    if bad := wrong | bad:
        raise _refused(bad)
    return AddressChange(_roman(area, typed), _japanese(area, typed))


def _refused(bad: Mapping[str, str]) -> InvalidFields:
    return InvalidFields({name: bad[name] for name in FIELDS if name in bad})


def _home(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with building and room together."""
    wrong = {}
    apartment = typed["dwelling"] == "apartment"
    if apartment and not typed["building"]:
        wrong["building"] = "address.building_missing"
    if apartment and not typed["room"]:
        wrong["room"] = "address.room_missing"
    if typed["dwelling"] == "house" and typed["room"]:
        wrong["room"] = "address.room_of_house"
    if typed["building"] and not _building_roman(typed):
        wrong["building_roman"] = "address.building_roman_missing"
    return wrong


def _building_roman(typed: Mapping[str, str]) -> str:
    """Many names are in roman letters anyway, and need not be typed twice."""
    if not typed["building"]:
        return ""
    own = typed["building"] if only_roman(typed["building"]) else ""
    return typed["building_roman"] or own


def _of_table(typed: Mapping[str, str], areas: Sequence[PostalArea]) -> tuple[PostalArea, dict[str, str]]:
    """The area of a known code that what was typed does not speak against, and what is wrong."""
    in_prefecture = [a for a in areas if typed["prefecture"] in ("", a.prefecture_roman)]
    if not in_prefecture:
        return areas[0], {"prefecture": "address.prefecture_mismatch"}
    in_city = [a for a in in_prefecture if _same(typed["city"], a.city)]
    if not in_city:
        return areas[0], {"city": "address.city_mismatch"}
    if len(in_city) > 1 and not typed["town"]:
        return areas[0], {"town": "address.town_choose"}
    in_town = [a for a in in_city if a.town and _same(typed["town"], a.town)] or [a for a in in_city if not a.town]
    if not in_town:
        return areas[0], {"town": "address.town_mismatch"}
    if in_town[0].town:
        return in_town[0], {}
    # The code covers a whole city: only the customer knows the town.
    return replace(in_town[0], town=typed["town"], town_roman=typed["town_roman"]), _missing(
        typed, "town", "town_roman"
    )


def _by_hand(typed: Mapping[str, str]) -> tuple[PostalArea, dict[str, str]]:
    roman = typed["prefecture"]
    area = PostalArea(
        postal_code=typed["postal_code"],
        prefecture=PREFECTURES.get(roman, ""),
        city=typed["city"],
        town=typed["town"],
        prefecture_roman=roman,
        city_roman=typed["city_roman"],
        town_roman=typed["town_roman"],
    )
    return area, _missing(typed, "prefecture", "city", "town", "city_roman", "town_roman")


_MISSING: Final = {
    "prefecture": "address.prefecture_missing",
    "city": "address.city_missing",
    "town": "address.town_missing",
    "city_roman": "address.city_roman_missing",
    "town_roman": "address.town_roman_missing",
}


def _missing(typed: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: _MISSING[name] for name in names if not typed[name]}


def _same(typed: str, known: str) -> bool:
    """Whether what was typed is that name; nothing typed is no contradiction."""
    return not typed or "".join(typed.split()) == "".join(tidied(known).split())


def _roman(area: PostalArea, typed: Mapping[str, str]) -> Address:
    return Address(
        postal_code=area.postal_code,
        prefecture=area.prefecture_roman,
        city=area.city_roman,
        address1=f"{typed['block']} {area.town_roman}",
        address2=f"{_building_roman(typed)} {typed['room']}".strip(),
    )


def _japanese(area: PostalArea, typed: Mapping[str, str]) -> JapaneseAddress:
    return JapaneseAddress(
        postal_code=area.postal_code,
        prefecture=area.prefecture,
        city=area.city,
        town=area.town,
        block=typed["block"],
        building=typed["building"],
        room=typed["room"],
    )
