"""Authenticators and recovery codes as they are kept: a sealed secret, and keyed hashes (P7, P9)."""

import base64
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.tables.second_factors import RecoveryCodeRow, TotpRow
from portal_app.storage.upsert import insert_into

CODES: Final = 10
CODE_BYTES: Final = 15  # 120 bit, 24 letters and digits
_TOTP: Any = TotpRow
_CODE: Any = RecoveryCodeRow


@dataclass(frozen=True, slots=True)
class Seed:
    """An authenticator. It counts once `confirmed_at` is set; `made` tells it from another one of the same user."""

    secret: str = field(repr=False)
    last_step: int
    made: datetime
    confirmed_at: datetime | None
    password_short: bool


class TotpSeeds:
    """One authenticator for each user. A time step is accepted once: the row itself compares and sets."""

    def __init__(self, db: Database, cipher: FieldCipher, clock: Clock) -> None:
        self._db, self._cipher, self._clock = db, cipher, clock

    async def find(self, user_id: str, *, session: AsyncSession | None = None) -> Seed | None:
        """The user's, confirmed or not; as that transaction sees it where one is given. Raises: DecryptionFailed."""
        if session is not None:
            return self._seed(user_id, await session.get(TotpRow, user_id, populate_existing=True))
        async with self._db.read() as own:
            return self._seed(user_id, await own.get(TotpRow, user_id))

    async def begin(self, user_id: str, secret: str) -> bool:
        """Keep a secret that counts for nothing yet, in place of an earlier such one. False where one counts."""
        sealed, now = self._cipher.seal("totp", "secret", user_id, secret), self._clock.now()
        row = TotpRow(user_id=user_id, secret_sealed=sealed, created_at=now)
        anew = {"secret_sealed": sealed, "created_at": now}
        open_one = (
            insert_into(TotpRow, self._db.dialect)
            .values(**row.model_dump())
            .on_conflict_do_update(index_elements=["user_id"], set_=anew, where=_TOTP.confirmed_at.is_(None))
        )
        async with self._db.write() as tx:
            done = await tx.execute(open_one)
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def confirm(self, tx: AsyncSession, user_id: str, made: datetime, step: int) -> bool:
        """It counts from now on. False when it does already, or another one took its place."""
        mine = (_TOTP.user_id == user_id, _TOTP.created_at == made, _TOTP.confirmed_at.is_(None))
        return await self._set(tx, *mine, confirmed_at=self._clock.now(), last_step=step)

    async def accept(self, tx: AsyncSession, user_id: str, made: datetime, step: int) -> bool:
        """Take this step, and with it all before it. False when it was taken, whoever was quicker (P7)."""
        mine = (_TOTP.user_id == user_id, _TOTP.created_at == made, _TOTP.confirmed_at.is_not(None))
        return await self._set(tx, *mine, _TOTP.last_step < step, last_step=step)

    async def note_password(self, tx: AsyncSession, user_id: str, *, short: bool) -> bool:
        """Whether the password is one that only a second factor allows. False without one that counts."""
        return await self._set(tx, _TOTP.user_id == user_id, _TOTP.confirmed_at.is_not(None), password_short=short)

    async def remove(self, tx: AsyncSession, user_id: str) -> bool:
        """Forget it; whether there was one, confirmed or not."""
        done = await tx.execute(delete(TotpRow).where(_TOTP.user_id == user_id))
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def _set(self, tx: AsyncSession, *which: Any, **values: Any) -> bool:
        done = await tx.execute(update(TotpRow).where(*which).values(**values))
        return done.rowcount == 1  # type: ignore[attr-defined]

    def _seed(self, user_id: str, row: TotpRow | None) -> Seed | None:
        if row is None:
            return None
        secret = self._cipher.open("totp", "secret", user_id, row.secret_sealed)
        return Seed(secret, row.last_step, row.created_at, row.confirmed_at, row.password_short)


class RecoveryCodes:
    """Ten codes of 120 bit for each user; only keyed hashes are kept, and each works once (P9)."""

    def __init__(self, db: Database, index: KeyedIndex, clock: Clock) -> None:
        self._db, self._index, self._clock = db, index, clock

    async def renew(self, tx: AsyncSession, user_id: str) -> tuple[str, ...]:
        """Ten new ones, as they are to be written down; the old ones end."""
        await self.clear(tx, user_id)
        codes = tuple(base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode("ascii") for _ in range(CODES))
        now = self._clock.now()
        for code in codes:
            row_id, code_hash = str(uuid.uuid4()), self._hash(user_id, code)
            tx.add(RecoveryCodeRow(code_id=row_id, user_id=user_id, code_hash=code_hash, created_at=now))
        return tuple("-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in codes)

    async def use(self, tx: AsyncSession, user_id: str, code: str) -> bool:
        """Spend one of the user's; `code` without spaces and dashes. False when it is none, or spent."""
        mine = (_CODE.user_id == user_id, _CODE.code_hash == self._hash(user_id, code), _CODE.used_at.is_(None))
        done = await tx.execute(update(RecoveryCodeRow).where(*mine).values(used_at=self._clock.now()))
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def left(self, user_id: str) -> int:
        """How many still work."""
        mine = (_CODE.user_id == user_id, _CODE.used_at.is_(None))
        async with self._db.read() as session:
            return await session.scalar(select(func.count()).select_from(RecoveryCodeRow).where(*mine)) or 0

    async def clear(self, tx: AsyncSession, user_id: str) -> None:
        """Forget all of them."""
        await tx.execute(delete(RecoveryCodeRow).where(_CODE.user_id == user_id))

    def _hash(self, user_id: str, code: str) -> str:
        return self._index.of(f"recovery_code|{user_id}|{code}")
