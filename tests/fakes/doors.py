"""Everything behind the doors on one empty database: real stores and rules, an obedient clock, a quick hash."""

import asyncio
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from portal_app.security.audit import Audit
from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions
from portal_app.security.tokens import AccessTokens, RefreshTokens
from portal_app.settings import Settings, parse_keyring
from portal_app.storage import migrate
from portal_app.storage.bus import MemoryBus
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.flash import MemoryFlash
from portal_app.storage.inbox import Inbox
from portal_app.storage.outbox import Outbox
from portal_app.storage.sign_in_challenges import SignInChallenges
from portal_app.storage.users import Users
from portal_app.wiring import sign_in
from portal_app.workflows.signing_in import SigningIn
from portal_app.workflows.slowing import Pause
from tests.fakes.clock import FakeClock
from tests.fakes.hasher import CountingHasher
from tests.fakes.settings import a_settings

PASSWORD = "Kumquat-Rhubarb-77"
OWNER = "demo@example.com"


@cache
def _migrated_file() -> Path:
    """One migrated SQLite file, made once and copied for every test."""
    path = Path(tempfile.mkdtemp(prefix="portal-doors-")) / "empty.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


def sqlite_url(folder: Path) -> str:
    """An empty migrated database of a test's own."""
    return f"sqlite:///{shutil.copy(_migrated_file(), folder / 'portal.db')}"


class Doors:
    """One process of the portal. Two of them on one database are two processes that share nothing else."""

    def __init__(self, url: str, clock: FakeClock, settings: Settings | None = None, bus: Any = None) -> None:
        self.settings = settings or a_settings()
        self.clock = clock
        self.db = Database(url)
        self.bus = bus or MemoryBus()
        self.heard: list[tuple[str, str]] = []
        self.bus.subscribe("", lambda topic, payload: self.heard.append((topic, payload)))
        cipher = self.cipher = FieldCipher(parse_keyring(self.settings.PORTAL_ENCRYPTION_KEYS))
        self.index = KeyedIndex(self.settings.PORTAL_INDEX_KEY)
        self.users = Users(self.db, cipher, self.index, clock)
        self.inbox = Inbox(self.db, cipher, clock)
        self.outbox = Outbox(self.db, cipher, clock)
        self.flash = MemoryFlash(clock)
        self.audit = Audit(self.db, self.index, clock)
        base = self.settings.PORTAL_BASE_URL
        self.access = AccessTokens(self.settings.JWT_SECRET, base, base, clock)
        self.refresh = RefreshTokens(self.settings.JWT_REFRESH_SECRET)
        self.sessions = Sessions(
            db=self.db,
            users=self.users,
            access=self.access,
            refresh=self.refresh,
            bus=self.bus,
            clock=clock,
            outbox=self.outbox,
            audit=self.audit,
        )
        self.hasher = CountingHasher()
        self.passwords = Passwords(self.settings.PORTAL_PEPPER, 4, self.hasher)
        self.limits = Limits(None, self.settings.RATE_LIMIT_SCALE, clock)
        self.lockout = Lockout(self.db, self.index, clock, self.audit, self.settings.RATE_LIMIT_SCALE)
        self.devices = DeviceCookies(self.settings.JWT_SECRET, clock)
        self.wire()

    def wire(self, pause: Pause = asyncio.sleep) -> None:
        """Signing in and what goes with it, wired as in the portal."""
        names = "users passwords lockout limits devices index audit sessions outbox bus cipher clock"
        parts = {name: getattr(self, name) for name in names.split()} | {"database": self.db}
        self.second_factors = sign_in.second_factors(parts, "Portal", self.settings.RATE_LIMIT_SCALE)
        self.sign_in_challenges = SignInChallenges(self.db, self.clock)
        parts |= {"second_factors": self.second_factors, "sign_in_challenges": self.sign_in_challenges}
        self.factor_parts = sign_in.workflows(parts, pause)
        self.signing_in: SigningIn = self.factor_parts["signing_in"]

    async def a_user(self, email: str = OWNER, password: str = PASSWORD, whmcs_client_id: int = 101) -> str:
        """A user linked to a WHMCS client; the id."""
        user_id = await self.users.create(email, await self.passwords.hash(password))
        await self.users.link(user_id, whmcs_client_id)
        return user_id

    async def audited(self, event: str) -> list[Any]:
        """Rows of the audit trail with that event, oldest first."""
        from sqlalchemy import select

        from portal_app.storage.tables.audit import AuditRow

        async with self.db.read() as session:
            return list(await session.scalars(select(AuditRow).where(AuditRow.event == event).order_by(AuditRow.seq)))

    async def mails(self) -> list[dict[str, Any]]:
        """What the outbox would send."""
        return [item.payload for item in await self.outbox.claim()]

    async def close(self) -> None:
        self.sessions.close()
        self.passwords.close()
        await self.db.dispose()
