"""Guessing passwords made slow: failures counted per account, device and address, in the database.

A known device (signed cookie) has a bucket of its own, so guessing from elsewhere never locks the owner out of it.
Accounts that do not exist are counted alike, and no answer tells which bucket was full.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import TooManyTries
from portal_app.security.audit import Audit
from portal_app.security.devices import LIFE
from portal_app.security.pruning import delete_in_batches
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.tables.login_failures import LoginFailure
from portal_app.storage.upsert import insert_into

ACCOUNT_FAILURES: Final = 10
ACCOUNT_WINDOW: Final = timedelta(minutes=15)
LONGEST_DELAY: Final = timedelta(minutes=60)
CALM: Final = timedelta(hours=24)  # after so long without a failure the delays start over
CONSECUTIVE: Final = 100
ADDRESS_ACCOUNTS: Final = 10
ADDRESS_WINDOW: Final = timedelta(minutes=5)
ADDRESS_DELAY: Final = timedelta(seconds=30)  # slows an address down to the rate it may have, never shuts it out
FORGOTTEN_AFTER: Final = LIFE + timedelta(days=1)  # sooner, and a revoked device would be trusted again
GLOBAL_FAILURES: Final = 1000
GLOBAL_WINDOW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Count:
    """One row of login_failures."""

    failures: int
    started_at: datetime
    locked_until: datetime | None
    consecutive: int


class Lockout:
    """`check` before the password is looked at, then exactly one of `failed` and `succeeded`."""

    def __init__(self, db: Database, index: KeyedIndex, clock: Clock, audit: Audit, scale: float = 1.0) -> None:
        self._db, self._index, self._clock, self._audit = db, index, clock, audit
        self._account_failures = max(1, round(ACCOUNT_FAILURES * scale))
        self._address_accounts = max(1, round(ADDRESS_ACCOUNTS * scale))
        self._global_failures = max(1, round(GLOBAL_FAILURES * scale))

    async def check(self, email_index: str, device_id: str | None, ip: str) -> None:
        """Raises TooManyTries while one of the buckets of this try is locked, whether or not the account exists."""
        now = self._clock.now()
        known, unknown, address = self._known(email_index, device_id), self._unknown(email_index), self._address(ip)
        counts = await self._read([b for b in (known, unknown, address) if b])
        if known and not self._revoked(counts.get(known)):
            waits = [_wait(counts.get(known), now)]
        else:
            waits = [_wait(counts.get(b), now) for b in (known, unknown, address) if b]
            if (count := counts.get(unknown)) and count.consecutive >= CONSECUTIVE:
                waits.append(int(LONGEST_DELAY.total_seconds()))
        if any(waits):
            raise TooManyTries(max(waits))

    async def failed(self, email_index: str, device_id: str | None, ip: str) -> None:
        """Count one wrong password in every bucket it concerns."""
        async with self._db.write() as tx:
            known = self._known(email_index, device_id)
            if known and not self._revoked(await self._locked_row(tx, known)):
                await self._count_known(tx, known)
            else:
                await self._count_unknown(tx, self._unknown(email_index))
                await self._count_address(tx, ip, email_index)
            await self._count_global(tx)

    async def succeeded(self, email_index: str, device_id: str | None) -> None:
        """Forget the failures of this account on this device, and those of unknown devices."""
        buckets = [b for b in (self._known(email_index, device_id), self._unknown(email_index)) if b]
        async with self._db.write() as tx:
            await tx.execute(delete(LoginFailure).where(LoginFailure.bucket.in_(buckets)))  # type: ignore[attr-defined]

    async def device_trusted(self, email_index: str, device_id: str | None) -> bool:
        """Whether the device cookie still counts: ten failures of its own take that away for good."""
        known = self._known(email_index, device_id)
        return bool(known) and not self._revoked((await self._read([known])).get(known))

    async def prune(self) -> int:
        """Forget buckets that nobody failed in for as long as a device cookie lives; how many."""
        old = LoginFailure.updated_at < self._clock.now() - FORGOTTEN_AFTER
        return await delete_in_batches(self._db, LoginFailure, LoginFailure.bucket, old)

    async def _count_known(self, tx: AsyncSession, bucket: str) -> None:
        now = self._clock.now()
        count = _restarted(await self._locked_row(tx, bucket), now, ACCOUNT_WINDOW)
        failures = count.failures + 1
        locked = now + ACCOUNT_WINDOW if failures >= self._account_failures else None
        await self._write(tx, bucket, _Count(failures, count.started_at, locked, failures))

    async def _count_unknown(self, tx: AsyncSession, bucket: str) -> None:
        now = self._clock.now()
        count = await self._locked_row(tx, bucket)
        # Once delays have begun they grow with each failure; only a calm day or a success starts over.
        window = CALM if count.failures >= self._account_failures else ACCOUNT_WINDOW
        count = _restarted(count, now, window)
        failures, locked = count.failures + 1, None
        started = now if failures >= self._account_failures else count.started_at
        if (extra := failures - self._account_failures) >= 0:
            locked = now + min(timedelta(minutes=2 ** min(extra, 10)), LONGEST_DELAY)
        await self._write(tx, bucket, _Count(failures, started, locked, count.consecutive + 1))

    async def _count_address(self, tx: AsyncSession, ip: str, email_index: str) -> None:
        now = self._clock.now()
        pair, address = self._pair(ip, email_index), self._address(ip)
        seen = _restarted(await self._locked_row(tx, pair), now, ADDRESS_WINDOW)
        await self._write(tx, pair, _Count(seen.failures + 1, seen.started_at, None, 0))
        count = _restarted(await self._locked_row(tx, address), now, ADDRESS_WINDOW)
        accounts = count.failures + (1 if seen.failures == 0 else 0)
        locked = now + ADDRESS_DELAY if accounts >= self._address_accounts else None
        await self._write(tx, address, _Count(accounts, count.started_at, locked, 0))

    async def _count_global(self, tx: AsyncSession) -> None:
        now = self._clock.now()
        bucket = self._index.of("lockout|everybody")
        count = _restarted(await self._locked_row(tx, bucket), now, GLOBAL_WINDOW)
        await self._write(tx, bucket, _Count(count.failures + 1, count.started_at, None, 0))
        if count.failures + 1 == self._global_failures:
            await self._audit.record(
                "sign_in.flood", outcome="alert", detail={"failures": count.failures + 1}, session=tx
            )

    def _revoked(self, count: _Count | None) -> bool:
        # Locked for its window first; after that the cookie is worth nothing, and its owner is a stranger again.
        return bool(count and count.consecutive >= self._account_failures and not _wait(count, self._clock.now()))

    async def _read(self, buckets: list[str]) -> dict[str, _Count]:
        async with self._db.read() as session:
            rows = await session.scalars(select(LoginFailure).where(LoginFailure.bucket.in_(buckets)))  # type: ignore[attr-defined]
            return {row.bucket: _count(row) for row in rows}

    async def _locked_row(self, tx: AsyncSession, bucket: str) -> _Count:
        """The row, made when missing and held until the transaction ends, so that no failure goes uncounted."""
        now = self._clock.now()
        fresh = {"bucket": bucket, "failures": 0, "window_started_at": now, "consecutive": 0, "updated_at": now}
        await tx.execute(insert_into(LoginFailure, self._db.dialect).values(**fresh).on_conflict_do_nothing())
        held = select(LoginFailure).where(LoginFailure.bucket == bucket).with_for_update()  # type: ignore[arg-type]
        return _count(await tx.scalar(held))

    async def _write(self, tx: AsyncSession, bucket: str, count: _Count) -> None:
        await tx.execute(
            update(LoginFailure)
            .where(LoginFailure.bucket == bucket)  # type: ignore[arg-type]
            .values(
                failures=count.failures,
                window_started_at=count.started_at,
                locked_until=count.locked_until,
                consecutive=count.consecutive,
                updated_at=self._clock.now(),
            )
        )

    def _known(self, email_index: str, device_id: str | None) -> str:
        return self._index.of(f"lockout|known|{email_index}|{device_id}") if device_id else ""

    def _unknown(self, email_index: str) -> str:
        return self._index.of(f"lockout|unknown|{email_index}")

    def _address(self, ip: str) -> str:
        return self._index.of(f"lockout|address|{network(ip)}")

    def _pair(self, ip: str, email_index: str) -> str:
        return self._index.of(f"lockout|pair|{network(ip)}|{email_index}")


def network(ip: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)
    return str(address)


def _count(row: Any) -> _Count:
    return _Count(row.failures, row.window_started_at, row.locked_until, row.consecutive)


def _restarted(count: _Count, now: datetime, window: timedelta) -> _Count:
    if now - count.started_at < window:
        return count
    return _Count(0, now, None, count.consecutive)


def _wait(count: _Count | None, now: datetime) -> int:
    if count is None or count.locked_until is None or count.locked_until <= now:
        return 0
    return math.ceil((count.locked_until - now).total_seconds())
