"""Japanese postal codes: what a code stands for, behind an interface, and a small table that is always there.

The table is a sample, made for demonstrations: a code it lacks is no mistake, so people may always type the address.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Protocol

from portal_app.domain.phones import DASHES
from portal_app.domain.prefectures import PREFECTURES

_CODE: Final = re.compile(r"\d{3}-?\d{4}", re.ASCII)
_ROMANISED: Final[Mapping[str, str]] = {japanese: roman for roman, japanese in PREFECTURES.items()}


@dataclass(frozen=True, slots=True)
class PostalArea:
    """What one code stands for. `town` is "" where a code covers a whole city. `*_roman` as WHMCS wants them."""

    postal_code: str  # NNN-NNNN
    prefecture: str
    city: str
    town: str
    prefecture_roman: str
    city_roman: str
    town_roman: str


class PostalCodes(Protocol):
    """Where codes are looked up: the table here, or a service."""

    async def find(self, postal_code: str) -> tuple[PostalArea, ...]:
        """Every area with that code, none for one that is not known. Takes any spelling of a code."""


def read_postal_code(text: str) -> str | None:
    """`NNN-NNNN`; None for what is no code."""
    plain = unicodedata.normalize("NFKC", text).translate(DASHES).strip().removeprefix("〒").strip()
    if not _CODE.fullmatch(plain):
        return None
    digits = plain.replace("-", "")
    return f"{digits[:3]}-{digits[3:]}"


class PostalTable:
    """Codes in memory."""

    def __init__(self, areas: Iterable[PostalArea]) -> None:
        self._areas: dict[str, tuple[PostalArea, ...]] = {}
        for area in areas:
            self._areas[area.postal_code] = (*self._areas.get(area.postal_code, ()), area)

    def __len__(self) -> int:
        return len(self._areas)

    async def find(self, postal_code: str) -> tuple[PostalArea, ...]:
        """See PostalCodes."""
        code = read_postal_code(postal_code)
        return self._areas.get(code, ()) if code else ()

    def agrees(self, postal_code: str, prefecture: str) -> bool | None:
        """Whether code and prefecture, in either script, belong together; None when the code is not known here."""
        areas = self._areas.get(read_postal_code(postal_code) or "")
        if not areas:
            return None
        wanted = unicodedata.normalize("NFKC", prefecture).strip().casefold()
        return any(wanted in (area.prefecture, area.prefecture_roman.casefold()) for area in areas)


def read_areas(lines: Iterable[str]) -> tuple[PostalArea, ...]:
    """Rows of code, prefecture, city, town, romanised city and town. Raises: ValueError naming the row."""
    found = []
    for number, row in enumerate(csv.reader(line for line in lines if not line.startswith("#")), 1):
        code = read_postal_code(row[0]) if len(row) == 6 else None
        if code is None or row[1] not in _ROMANISED:
            raise ValueError(f"postal table, row {number}")
        _, prefecture, city, town, city_roman, town_roman = row
        found.append(PostalArea(code, prefecture, city, town, _ROMANISED[prefecture], city_roman, town_roman))
    return tuple(found)


@cache
def sample_table() -> PostalTable:
    """The table that comes with the portal."""
    text = files("portal_app.domain").joinpath("postal_sample.csv").read_text(encoding="utf-8")
    return PostalTable(read_areas(text.splitlines()))
