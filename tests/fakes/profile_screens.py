"""What the account's own pages ask about a person, with the answers in the open."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace

from portal_app.domain.customer import Customer
from portal_app.domain.pay_methods import PayMethod
from portal_app.domain.profile import AccountProfile
from portal_app.domain.safety import LiveSession
from portal_app.errors import NotFound
from portal_app.security.audit import Activity
from portal_app.security.mfa import MfaStanding
from tests.fakes.screens import ScreenSessions

SINCE = datetime(2026, 1, 14, 20, 0, tzinfo=UTC)
"""The morning of Thursday 15 January in Japan."""


def a_profile(**changed: object) -> AccountProfile:
    """Hanako's, whole."""
    held = {
        "first_name": "Hanako",
        "last_name": "Yamada",
        "customer_number": "C-100007",
        "email": "hanako@example.com",
        "phone": "+819012345678",
        "birth_date": date(1985, 4, 12),
        "gender": "W",
        "language": "en",
        "has_address": True,
        "keeps": frozenset({"birth_date", "gender"}),
    }
    return AccountProfile(**(held | changed))  # type: ignore[arg-type]


def a_live_session(handle: str, *, current: bool = False, device: str = "Firefox on Windows") -> LiveSession:
    """Began on the morning of FakeClock's day."""
    return LiveSession(handle, device, SINCE, SINCE, current)


@dataclass
class ScreenProfiles:
    """One profile; `failure` is raised instead."""

    profile: AccountProfile = field(default_factory=a_profile)
    failure: Exception | None = None

    async def get(self, customer: Customer, *, anew: bool = False) -> AccountProfile:
        if self.failure:
            raise self.failure
        return self.profile

    async def complete(self, customer: Customer) -> bool:
        return (await self.get(customer)).complete


@dataclass
class ScreenPayMethods:
    """Cards, or `failure`."""

    items: tuple[PayMethod, ...] = ()
    failure: Exception | None = None

    async def list_methods(self, customer: Customer, *, anew: bool = False) -> tuple[PayMethod, ...]:
        if self.failure:
            raise self.failure
        return self.items


@dataclass
class ScreenSecondFactors:
    """On with ten codes, or off."""

    on: bool = False
    codes_left: int = 10

    async def enabled(self, user_id: str) -> bool:
        return self.on

    async def standing(self, user_id: str) -> MfaStanding:
        return MfaStanding(True, SINCE, self.codes_left) if self.on else MfaStanding(False)


@dataclass
class ScreenLiveSessions(ScreenSessions):
    """Those of user-1; `ended` remembers which were ended, and why. `proven_at`: when it was shown who it is."""

    live: list[LiveSession] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)
    proven_at: datetime = SINCE

    async def find(self, session_id: str) -> SimpleNamespace | None:
        found = await super().find(session_id)
        return SimpleNamespace(customer=found.customer, auth_time=self.proven_at) if found else None

    async def list_live(self, user_id: str, *, current: str = "") -> tuple[LiveSession, ...]:
        return tuple(self.live) if user_id == "user-1" else ()

    async def end_by_handle(self, user_id: str, handle: str, *, reason: str) -> None:
        found = next((one for one in await self.list_live(user_id) if one.handle == handle), None)
        if found is None:
            raise NotFound("session")
        self.live.remove(found)
        self.ended.append((handle, reason))

    async def end_all(self, user_id: str, reason: str, keep: str | None = None) -> None:
        for one in await self.list_live(user_id):
            if not (one.current and keep == "session-1"):
                await self.end_by_handle(user_id, one.handle, reason=reason)


@dataclass
class ScreenUsers:
    """Everybody has this address."""

    email: str = "hanako@example.com"

    async def get(self, user_id: str) -> SimpleNamespace:
        return SimpleNamespace(user_id=user_id, email=self.email)


@dataclass
class ScreenAudit:
    """What happened in the account of user-1, newest first."""

    happened: list[Activity] = field(default_factory=list)

    async def list_of(self, user_id: str, limit: int = 50) -> tuple[Activity, ...]:
        return tuple(self.happened[:limit]) if user_id == "user-1" else ()
