"""How fresh the copies are, and who refreshes them: one at a time for each customer, over all processes.

Nothing here knows what is copied: the caller brings the `refresh` that writes the mirror.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, UpstreamError, UpstreamUnavailable
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.flights import Flights
from portal_app.storage.kept import NotKept, for_others, only_kept
from portal_app.storage.mark_rows import FAILURE_KEPT, LEASE, Mark, MarkRows, describe, failure_of

log = logging.getLogger(__name__)

Refresh = Callable[[], Awaitable[None]]

POLL_S: Final = 0.1
RENEW_EVERY_S: Final = LEASE.total_seconds() / 3
LONGEST_REFRESH_S: Final = 60.0
LONGEST_FOLLOW_S: Final = 60.0
LEAST_WAIT_S: Final = 0.5
RUNS: Final = 2
"""A refresh that something changed under is run once more, then left to the next reader."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`as_of` is the time of the copy (UTC). `stale`: the last refresh failed. `refreshing`: one is under way."""

    as_of: datetime
    stale: bool = False
    refreshing: bool = False


class FreshnessMarks:
    """Decides when to ask again. Never holds a database session while it does."""

    def __init__(self, db: Database, bus: Bus, clock: Clock) -> None:
        self._rows, self._bus, self._clock = MarkRows(db, clock), bus, clock
        self._flights: Flights[Mark] = Flights()
        # A crowd must not queue for connections only to read the same row.
        self._looks: Flights[Mark] = Flights(inside=True)
        self._retries: dict[str, asyncio.TimerHandle] = {}
        self._hints: set[asyncio.Task[None]] = set()

    async def ensure(
        self,
        kind: str,
        customer: Customer,
        refresh: Refresh,
        *,
        ttl: timedelta,
        deadline_s: float = 12,
        wait: bool = False,
    ) -> Freshness:
        """See to it that a copy is there, and say how fresh it is.

        A fresh one is left alone. An older one is answered at once while one refresh runs in the background, or waited
        for with `wait`. A missing one is always waited for. A failed refresh is not repeated for 15 s.
        The deadline counts from when the refresh began: several who wait one after the other wait no longer than one.
        Raises: only without a copy: the UpstreamError or Busy of the refresh, UpstreamUnavailable at the deadline,
        NotKept for those who read only what is kept and so never wait.
        """
        key = (kind, customer.whmcs_client_id)
        mark = await self._looks.wait(key, lambda: self._rows.read(*key))
        now = self._clock.now()
        if mark.as_of is not None and mark.fresh(now):
            return Freshness(mark.as_of)
        if mark.just_failed(now):
            return self._as_it_is(mark)
        if mark.as_of is None and only_kept():
            raise NotKept(kind)
        flight = self._flights.join(key, lambda: self._fly(kind, customer, refresh, ttl))
        if mark.as_of is not None and (not wait or only_kept()):
            return Freshness(mark.as_of, stale=mark.failed, refreshing=True)
        try:
            left = max(LEAST_WAIT_S, deadline_s - self._flights.age(flight))
            landed = await asyncio.wait_for(asyncio.shield(flight), left)
        except TimeoutError:
            if mark.as_of is None:
                raise UpstreamUnavailable("whmcs", f"refresh {kind}", "deadline") from None
            return Freshness(mark.as_of, stale=mark.failed, refreshing=True)
        except (UpstreamError, Busy):
            if mark.as_of is None:
                raise
            return Freshness(mark.as_of, stale=True)
        return self._as_it_is(landed)

    async def begin(self, kind: str, customer: Customer, refresh: Refresh, *, ttl: timedelta) -> None:
        """Start the refresh that `ensure` would wait for, if there is reason to, and do not wait."""
        if only_kept():
            return  # there is nothing that anybody would wait for
        key = (kind, customer.whmcs_client_id)
        mark, now = await self._looks.wait(key, lambda: self._rows.read(*key)), self._clock.now()
        if not mark.fresh(now) and not mark.just_failed(now):
            self._flights.join(key, lambda: self._fly(kind, customer, refresh, ttl))

    async def clear(self, kind: str, whmcs_client_id: int) -> None:
        """Something changed: the copy is no longer fresh, and a refresh under way does not count any more (H3)."""
        await self._rows.clear(kind, whmcs_client_id)
        self._looks.part(lambda key: key == (kind, whmcs_client_id))

    async def generation(self, kind: str, whmcs_client_id: int) -> int:
        """How often it was cleared; to be read before proving a copy, for `touch_fresh`."""
        return (await self._rows.read(kind, whmcs_client_id)).generation

    async def touch_fresh(
        self, kind: str, whmcs_client_id: int, ttl: timedelta, *, generation: int | None = None
    ) -> bool:
        """The whole copy was just proved right. With `generation` only if nothing was cleared since it was read."""
        return await self._rows.touch(kind, whmcs_client_id, ttl, generation)

    def hint_later(self, kind: str, customer: Customer) -> None:
        """A read of that kind failed: once the failure is forgotten, open pages are told to try again."""
        topic = f"customer:{customer.user_id}:{kind}"
        # Up to three seconds later, so that after an outage not everybody asks at once.
        pause = FAILURE_KEPT.total_seconds() + random.uniform(0, 3)  # noqa: S311
        if topic not in self._retries:
            with for_others():
                self._retries[topic] = asyncio.get_running_loop().call_later(pause, self._hint, topic)

    async def settled(self) -> None:
        """Wait until no refresh is under way in this process."""
        await self._flights.settled()

    async def stop(self) -> None:
        """Cancel refreshes under way, giving their leases back."""
        for handle in self._retries.values():
            handle.cancel()
        for task in self._hints:
            task.cancel()
        await self._flights.stop()
        await self._looks.stop()

    def _as_it_is(self, mark: Mark) -> Freshness:
        """What a mark says without another try. Raises the remembered failure when there is no copy."""
        if mark.as_of is None:
            raise failure_of(mark.failure)
        return Freshness(mark.as_of, stale=mark.failed)

    async def _fly(self, kind: str, customer: Customer, refresh: Refresh, ttl: timedelta) -> Mark:
        """Lead the refresh, or follow the process that leads it, until there is an outcome."""
        topic = f"customer:{customer.user_id}:{kind}"
        landed = asyncio.Event()
        unsubscribe = self._bus.subscribe(topic, lambda heard, _: landed.set() if heard == topic else None)
        try:
            async with asyncio.timeout(LONGEST_REFRESH_S + LONGEST_FOLLOW_S):
                while True:
                    landed.clear()
                    lease = await self._rows.take_lease(kind, customer.whmcs_client_id)
                    if lease is not None and (done := await self._lead(kind, customer, refresh, ttl, lease)):
                        return done
                    mark = await self._rows.read(kind, customer.whmcs_client_id)
                    now = self._clock.now()
                    if mark.fresh(now):
                        return mark
                    if mark.just_failed(now):
                        raise failure_of(mark.failure)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(landed.wait(), POLL_S)
        except TimeoutError:
            raise UpstreamUnavailable("whmcs", f"refresh {kind}", "deadline") from None
        finally:
            unsubscribe()

    async def _lead(self, kind: str, customer: Customer, refresh: Refresh, ttl: timedelta, lease: str) -> Mark | None:
        client_id = customer.whmcs_client_id
        renewing = asyncio.create_task(self._renew(kind, client_id, lease))
        try:
            mark = await self._refresh(kind, client_id, refresh, ttl, lease)
        except asyncio.CancelledError:
            with suppress(SQLAlchemyError, OSError):
                await self._rows.give_back(kind, client_id, lease)
            raise
        except Exception as broken:
            await self._remember(kind, customer, lease, broken)
            raise
        finally:
            renewing.cancel()
        if mark is not None:
            await self._bus.publish(f"customer:{customer.user_id}:{kind}")
        return mark

    async def _refresh(self, kind: str, client_id: int, refresh: Refresh, ttl: timedelta, lease: str) -> Mark | None:
        """The mark after a refresh landed; None when the lease was lost to somebody else meanwhile."""
        for last in (run == RUNS - 1 for run in range(RUNS)):
            generation = (await self._rows.read(kind, client_id)).generation
            began = self._clock.now()
            try:
                async with asyncio.timeout(LONGEST_REFRESH_S):
                    await refresh()
            except TimeoutError:
                raise UpstreamUnavailable("whmcs", f"refresh {kind}", "deadline") from None
            if await self._rows.landed(kind, client_id, lease, generation, began, ttl):
                break
            if not await self._rows.renew(kind, client_id, lease):
                return None
            if last:
                await self._rows.landed_under_change(kind, client_id, lease, began)
        return await self._rows.read(kind, client_id)

    async def _remember(self, kind: str, customer: Customer, lease: str, broken: Exception) -> None:
        """Keep the failure for everybody, tell open pages, and let them try again once it is forgotten."""
        if not isinstance(broken, UpstreamError | Busy):
            log.error("refresh failed", extra={"kind": kind, "error": type(broken).__name__})
        await self._rows.failed(kind, customer.whmcs_client_id, lease, describe(broken, kind))
        await self._bus.publish(f"customer:{customer.user_id}:{kind}")
        self.hint_later(kind, customer)

    def _hint(self, topic: str) -> None:
        self._retries.pop(topic, None)
        task = asyncio.get_running_loop().create_task(self._bus.publish(topic))
        self._hints.add(task)
        task.add_done_callback(self._hints.discard)

    async def _renew(self, kind: str, whmcs_client_id: int, lease: str) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            with suppress(SQLAlchemyError, OSError):
                await self._rows.renew(kind, whmcs_client_id, lease)
