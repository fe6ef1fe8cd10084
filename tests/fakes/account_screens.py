"""What the account pages ask, with the answers in the open."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

from portal_app.domain.address import Address
from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.domain.postal import PostalArea
from portal_app.integrations.upstream.deadline import remaining

ASKED = datetime(2026, 1, 14, 20, 0, tzinfo=UTC)
"""The morning of Thursday 15 January in Japan."""


def an_address(**changed: str) -> Address:
    """A flat in Tokyo."""
    parts = {
        "postal_code": "150-0001",
        "prefecture": "Tokyo",
        "city": "Shibuya-ku",
        "address1": "1-2-3 Jingumae",
        "address2": "Harbour Heights 203",
    }
    return Address(**(parts | changed))


def an_area(town: str = "神宮前", town_roman: str = "Jingumae") -> PostalArea:
    """A town of Shibuya; "" for the whole ward."""
    return PostalArea("150-0001", "東京都", "渋谷区", town, "Tokyo", "Shibuya-ku", town_roman)


@dataclass
class ScreenAddresses:
    """One address, or none; `failure` is raised instead."""

    address: Address | None = field(default_factory=an_address)
    settling: bool = False
    failure: Exception | None = None

    async def get(self, customer: Customer) -> Address | None:
        if self.failure:
            raise self.failure
        return self.address

    async def is_settling(self, customer: Customer) -> bool:
        return self.settling


@dataclass
class ScreenAvailability:
    """A check that becomes open when it is asked for; `refusal` is raised instead of that."""

    check: Eligibility | None = field(default_factory=Eligibility)
    failure: Exception | None = None
    refusal: Exception | None = None
    asked: int = 0
    time_given: float = 0

    async def get(self, customer: Customer) -> Eligibility | None:
        if self.failure:
            raise self.failure
        return self.check

    async def request(self, customer: Customer) -> Eligibility:
        self.asked += 1
        self.time_given = remaining()
        if self.refusal:
            raise self.refusal
        self.check = Eligibility(EligibilityState.REQUESTED, requested_at=ASKED)
        return self.check


@dataclass
class ScreenDocument:
    """How an identity document stands; `failure` is raised instead."""

    check: DocumentCheck | None = field(default_factory=DocumentCheck)
    failure: Exception | None = None

    async def get(self, customer: Customer) -> DocumentCheck | None:
        if self.failure:
            raise self.failure
        return self.check


@dataclass
class ScreenBothChecks:
    """Both checks of an account; `failure` is raised instead."""

    eligibility: Eligibility | None = field(default_factory=Eligibility)
    document: DocumentCheck | None = field(default_factory=DocumentCheck)
    failure: Exception | None = None

    async def get(self, customer: Customer) -> SimpleNamespace:
        if self.failure:
            raise self.failure
        return SimpleNamespace(eligibility=self.eligibility, document=self.document)
