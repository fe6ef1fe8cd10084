"""Addresses as pages show them: the one on file in roman letters, and what a postal code stands for in both scripts."""

from dataclasses import dataclass
from typing import Literal

from portal_app.domain.address import Address
from portal_app.domain.postal import PostalArea

Filed = Literal["loading", "held", "none", "failed"]
"""Whether there is an address on file. "failed": it could not be read, and was never read before."""


@dataclass(frozen=True)
class AddressView:
    """Lines of the address on file; all "" without one."""

    street: str = ""
    building: str = ""
    city: str = ""  # with the prefecture
    postal_code: str = ""

    @classmethod
    def of(cls, address: Address) -> "AddressView":
        """From the house to the city, as on a letter in roman script."""
        return cls(
            street=address.address1,
            building=address.address2,
            city=f"{address.city}, {address.prefecture}",
            postal_code=address.postal_code,
        )


@dataclass(frozen=True)
class PrefectureRow:
    """A prefecture to choose."""

    roman: str
    japanese: str


@dataclass(frozen=True)
class AreaRow:
    """What a postal code stands for. `town` is "" where it covers a whole city."""

    town: str
    japanese: str
    roman: str

    @classmethod
    def of(cls, area: PostalArea) -> "AreaRow":
        """One line in each script."""
        return cls(
            town=area.town,
            japanese=f"{area.prefecture}{area.city}{area.town}",
            roman=", ".join(filter(None, (area.town_roman, area.city_roman, area.prefecture_roman))),
        )
