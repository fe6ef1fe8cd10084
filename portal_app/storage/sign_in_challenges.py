"""Sign-ins whose password was right and whose code is waited for (P8). Only the hash of the reference is kept."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.second_factors import SignInChallengeRow

LIFE: Final = timedelta(minutes=5)
MOST_TRIES: Final = 5
KEEP: Final = timedelta(days=1)
_ROW: Any = SignInChallengeRow


@dataclass(frozen=True, slots=True)
class Challenge:
    """A login that waits. `sign_in_version`: of the address and password that were right."""

    challenge_id: str
    user_id: str
    sign_in_version: str
    device_label: str
    tries: int
    expires_at: datetime


class SignInChallenges:
    """Five minutes, five tries, one use; several logins of one user may wait beside each other."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def begin(self, tx: AsyncSession, user_id: str, *, sign_in_version: str, device_label: str) -> str:
        """The 256 bit reference for the browser that knew the password, in the caller's transaction."""
        reference, now = secrets.token_urlsafe(32), self._clock.now()
        tx.add(
            SignInChallengeRow(
                challenge_id=str(uuid.uuid4()),
                token_hash=_hashed(reference),
                user_id=user_id,
                sign_in_version=sign_in_version,
                device_label=device_label[:100],
                created_at=now,
                expires_at=now + LIFE,
            )
        )
        return reference

    async def find(self, reference: str) -> Challenge | None:
        """The one that still waits under that reference."""
        async with self._db.read() as session:
            row = await session.scalar(
                select(SignInChallengeRow).where(*self._open(_ROW.token_hash, _hashed(reference)))
            )
        if row is None:
            return None
        return Challenge(
            row.challenge_id, row.user_id, row.sign_in_version, row.device_label, row.tries, row.expires_at
        )

    async def tried(self, challenge: Challenge) -> bool:
        """Count a try before its code is looked at. False when it may have no more, so that none is looked at."""
        mine = self._open(_ROW.challenge_id, challenge.challenge_id)
        async with self._db.write() as tx:
            done = await tx.execute(update(SignInChallengeRow).where(*mine).values(tries=_ROW.tries + 1))
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def use(self, tx: AsyncSession, challenge: Challenge) -> bool:
        """Spend it in the caller's transaction. False when it is spent or over by now."""
        now = self._clock.now()
        mine = (_ROW.challenge_id == challenge.challenge_id, _ROW.used_at.is_(None), _ROW.expires_at > now)
        done = await tx.execute(update(SignInChallengeRow).where(*mine).values(used_at=now))
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def prune(self) -> int:
        """Forget those that ended a day ago, in short transactions; how many."""
        old = _ROW.expires_at <= self._clock.now() - KEEP
        return await delete_in_batches(self._db, SignInChallengeRow, _ROW.challenge_id, old)

    def _open(self, column: Any, value: str) -> tuple[Any, ...]:
        return (column == value, _ROW.used_at.is_(None), _ROW.tries < MOST_TRIES, _ROW.expires_at > self._clock.now())


def _hashed(reference: str) -> str:
    # 256 random bits cannot be guessed from a plain hash.
    return hashlib.sha256(reference.encode(errors="surrogatepass")).hexdigest()
