"""Plays a plan: orders are approved, workers work and die, and in the end everything has come to rest."""

import asyncio
import logging
import random
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from portal_app.domain.fulfilment import NotFulfillable
from portal_app.errors import PortalError
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.troubles import Crash, Troubles
from tests.properties.fulfilment import oracle, orders
from tests.properties.fulfilment.errands import Errand, Fate, Plan
from tests.properties.fulfilment.faults import Script
from tests.properties.fulfilment.orders import Placed
from tests.properties.fulfilment.outside import Outside
from tests.properties.fulfilment.seed import CUSTOMERS, add_card
from tests.properties.fulfilment.worker import Worker
from tests.properties.player import where
from tests.properties.process import BEGINNING

ROUNDS: Final = 8
A_LITTLE_S: Final = 0.01
LOOKS_ANYWAY_S: Final = 300.0
LONGEST_S: Final = 40 * 3600.0
FINISHED: Final = ("COMPLETED", "CANCELLED")
COMPLETION_MAIL: Final = "order_active"


class Life:
    """One world. `script.calls` says afterwards what was asked; `wrongs` what is broken."""

    def __init__(self, plan: Plan, file: Path, database: QuickSqlite) -> None:
        self.plan, self._file, self._database = plan, file, database
        self.script = Script()
        self.placed: list[Placed] = []
        self.surprises: list[str] = []
        self.deaths = 0
        self._workers: list[Worker] = []
        self._fates = {number: list(fates) for number, fates in plan.fates.items()}
        self._passed: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def play(self) -> None:
        """Raises: AssertionError with every broken rule."""
        random.seed(self.plan.seed)
        ids = random.Random(self.plan.seed)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # dying workers leave tasks behind
        self._database.point(self._file, Troubles())
        self._looking = sqlite3.connect(self._file)
        self._looking.row_factory = sqlite3.Row
        self.outside = Outside(self.script, activation_s=self.plan.activation_s)
        try:
            with (
                self._caught(),
                patch.object(uuid, "uuid4", lambda: uuid.UUID(int=ids.getrandbits(128), version=4)),
            ):
                await self._happens()
        finally:
            await self._end()
        wrong = list(dict.fromkeys([*self.wrongs, *self.surprises]))
        assert not wrong, "\n".join([*wrong, str(self.plan)])

    async def _happens(self) -> None:
        for number, errand in enumerate(self.plan.errands):
            self._place(number, errand)
        self._workers = [self._born(number) for number in range(self.plan.workers)]
        for placed, errand in zip(self.placed, self.plan.errands, strict=True):
            self._spawn(self._errand(placed, errand))
        await asyncio.sleep(1)
        await self._comes_to_rest()
        await self._is_told_again()
        self.wrongs = list(self._broken())

    async def _end(self) -> None:
        for worker in self._workers:
            worker.dead = True
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.outside.close()
        self._looking.close()

    # Orders

    def _place(self, number: int, errand: Errand) -> None:
        customer = CUSTOMERS[number % self.plan.people]
        placed = orders.place(self.outside.world, errand.kind, customer, number + 1)
        self.placed.append(placed)
        self.outside.add(placed)
        self.script.plan[placed.order_id] += errand.faults

    async def _errand(self, placed: Placed, errand: Errand) -> None:
        """Staff approve it, and its events arrive when they do."""
        world = self.outside.world
        if errand.twist == "no_card":
            world.store.execute("DELETE FROM paymethods WHERE client_id = ?", placed.customer.whmcs_client_id)
        if errand.twist == "no_document":
            self._document(placed, "Submitted")
        if errand.twist == "sim_refused":
            world.freebit.behaviour.next_codes.append("400-401")
        for offset in errand.events:
            self._spawn(self._event(placed, max(0.0, errand.approved_at + offset), errand.twist == "changed_event"))
        await asyncio.sleep(errand.approved_at)
        orders.approve(world, placed)
        await asyncio.sleep(errand.moment)
        if errand.twist == "called_off":
            orders.cancel(world, placed)
            await self._tell("order_changed", placed.order_id)

    async def _event(self, placed: Placed, at: float, is_change: bool) -> None:
        await asyncio.sleep(at)
        await self._tell("order_changed" if is_change else "requested", placed.order_id)

    async def _tell(self, what: str, about: Any) -> None:
        """As events do: again and again until a worker has taken it."""
        for attempt in range(200):
            worker = self._workers[attempt % len(self._workers)]
            try:
                await getattr(worker.fulfilment, what)(about)
                return
            except (Crash, PortalError):
                await asyncio.sleep(3)
        raise AssertionError(f"nobody takes {what} {about}")

    def _document(self, placed: Placed, status: str) -> None:
        account_id = placed.customer.salesforce_account_id
        orders.change(self.outside.world, "Account", account_id, Id_Verification_Status__c=status)

    # Workers

    def _born(self, number: int) -> Worker:
        def at_point(worker: Worker, name: str) -> None:
            self._meet_fate(number, worker, name)

        worker = Worker(self._file, self.outside, at_point=at_point, breaker=self.plan.breaker)
        self._spawn(self._works(number, worker))
        return worker

    def _meet_fate(self, number: int, worker: Worker, name: str) -> None:
        self._passed[name] += 1
        stop = self.plan.stop
        if stop and (name, self._passed[name]) == (stop.name, stop.nth):
            worker.freeze(stop.seconds)
        fates = self._fates.get(number)
        if not fates or self.script.over or worker.points < fates[0].at:
            return
        fate = fates.pop(0)
        worker.points = 0
        if fate.how == "freezes":
            worker.freeze(fate.seconds)
            return
        self.deaths += 1
        self._spawn(self._reborn(number, fate))
        worker.die()

    async def _reborn(self, number: int, fate: Fate) -> None:
        await asyncio.sleep(fate.seconds)
        self._workers[number] = self._born(number)

    async def _works(self, number: int, worker: Worker) -> None:
        waited = 0.0
        while not worker.dead:
            took = 0
            try:
                if waited > LOOKS_ANYWAY_S or self._next_due() == 0:
                    took = await worker.fulfilment.once()
                if self._rows("SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"):
                    took += await worker.sender.once()
            except Crash:
                return
            except Exception as surprise:
                self.surprises.append(f"{surprise!r} at {where(surprise)}")
            waited = 0.0 if took else await self._until_something_is_due(number)

    async def _until_something_is_due(self, number: int) -> float:
        """How long that was: at most five seconds, as a worker looks by itself; longer where nothing is to be seen."""
        due = self._next_due()
        pause = min(5.0 if due is None else max(A_LITTLE_S, due), 900.0)
        await asyncio.sleep(pause + number * A_LITTLE_S)
        return pause

    # Coming to rest

    async def _comes_to_rest(self) -> None:
        """Time passes; whoever an order waits for does what is needed; at last nothing goes wrong any more."""
        await asyncio.sleep(max((one.approved_at + max(*one.events, one.moment)) for one in self.plan.errands) + 1)
        for _ in range(ROUNDS):
            await self._until_quiet()
            held = self._unfinished()
            if not held:
                return
            self.script.over = True
            for placed in self.placed:
                if placed.order_id in held:
                    await self._put_right(placed, *held[placed.order_id])

    async def _until_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        latest = loop.time() + LONGEST_S
        while (due := self._next_due()) is not None and loop.time() < latest:
            await asyncio.sleep(max(0.5, due + A_LITTLE_S))
        while frozen := max((worker.frozen_for() for worker in self._workers), default=0.0):
            await asyncio.sleep(frozen + A_LITTLE_S)

    async def _put_right(self, placed: Placed, hold: str, code: str) -> None:
        """The customer or staff do what was missing. A person looks at what is to be reviewed, and says: go on."""
        world = self.outside.world
        if code == "PAYMENT_METHOD_MISSING":
            add_card(world, placed.customer)
            await self._tell("payment_methods_changed", placed.customer)
        elif code == "IDENTITY_NOT_VERIFIED":
            self._document(placed, "Verified")
            await self._tell("checks_changed", placed.customer)
        elif hold == "NEEDS_REVIEW":
            if not self._is_for_a_person(placed):
                await self._tell("resume", placed.order_id)
        else:
            if orders.record(world, "Order", placed.order_id)["Status"] == "Approved":
                orders.approve(world, placed)
            await self._tell("requested", placed.order_id)

    async def _is_told_again(self) -> None:
        """Events that come long after everything is done change nothing."""
        for placed in self.placed:
            await self._tell("requested", placed.order_id)
        await self._until_quiet()

    def _next_due(self) -> float | None:
        """Seconds until a row may be worked on; None when all wait for somebody, or are done."""
        now = asyncio.get_running_loop().time()
        found = self._rows(
            "SELECT max(next_attempt_at, coalesce(lease_until, next_attempt_at)) AS at FROM fulfilments "
            "WHERE state NOT IN ('COMPLETED', 'CANCELLED') AND next_attempt_at IS NOT NULL AND "
            "(hold NOT IN ('PAUSED', 'NEEDS_REVIEW') OR wakes != wakes_seen OR report != '') "
            "UNION ALL SELECT max(next_attempt_at, coalesce(lease_until, next_attempt_at)) FROM outbox "
            "WHERE sent_at IS NULL AND gave_up_at IS NULL ORDER BY at LIMIT 1"
        )
        return max(0.0, _seconds(found[0]["at"]) - now) if found else None

    def _unfinished(self) -> dict[str, tuple[str, str]]:
        """Order -> why it stands still."""
        rows = self._fulfilments()
        held = {one: (row["hold"], row["error_code"]) for one, row in rows.items() if row["state"] not in FINISHED}
        lost = {placed.order_id: ("", "") for placed in self.placed if placed.order_id not in rows}
        return {order_id: why for order_id, why in (held | lost).items() if not self._stands_rightly(order_id, why[0])}

    def _stands_rightly(self, order_id: str, hold: str) -> bool:
        return hold == "NEEDS_REVIEW" and self._is_for_a_person(self.outside.orders[order_id])

    def _is_for_a_person(self, placed: Placed) -> bool:
        """What no portal can decide: WHMCS did one request twice, or staff called off what had begun to run."""
        struck = [fault for order_id, fault in self.script.struck if order_id == placed.order_id]
        if any(one.is_the_end for one in struck):
            return True
        return orders.record(self.outside.world, "Order", placed.order_id)["Status"] == "Cancelled"

    # Judging

    def _broken(self) -> Iterator[str]:
        rows = self._fulfilments()
        for number, placed in enumerate(self.placed):
            row = rows.get(placed.order_id)
            found = oracle.effects(self.outside.world, placed)
            if row is None:
                yield f"order {number} was lost: {found}"
                continue
            for wrong in self._wrongs_of(placed, row, found):
                stands = f"{row['state']} {row['hold']} {row['error_code']} {row['error_text']}"
                yield f"order {number} ({placed.kind}, {stands}): {wrong}; {found}"
        known = {number for placed in self.placed for number in self._whmcs_orders_of(placed)}
        every = {row["id"] for row in self.outside.world.store.rows("SELECT id FROM orders")}
        if every != known:
            yield f"WHMCS orders {sorted(every - known)} belong to nobody"

    def _wrongs_of(self, placed: Placed, row: dict[str, Any], found: oracle.Effects) -> Iterator[str]:
        world = self.outside.world
        yield from self._moved_rightly(placed)
        if row["state"] == "COMPLETED":
            yield from oracle.completed(world, found, placed)
            yield from self._mailed(placed, 1)
        elif row["state"] == "CANCELLED":
            yield from oracle.called_off(world, found, placed)
            yield from self._mailed(placed, 0)
        elif not self._stands_rightly(placed.order_id, row["hold"]):
            yield "not finished"
            yield from oracle.never(found, placed)
        elif not any(fault.is_the_end for order_id, fault in self.script.struck if order_id == row["id"]):
            yield from oracle.never(found, placed)

    def _moved_rightly(self, placed: Placed) -> Iterator[str]:
        """Every move began where the one before it ended, and the last one at the end."""
        steps = self._rows(
            "SELECT from_state, to_state FROM fulfilment_steps "
            f"WHERE salesforce_order_id = '{placed.order_id}' ORDER BY step_no"
        )
        for before, after in pairwise(steps):
            if before["to_state"] != after["from_state"] or before["to_state"] in FINISHED:
                yield f"moved {before['from_state']} -> {before['to_state']}, then {after['from_state']} -> ..."

    def _mailed(self, placed: Placed, wanted: int) -> Iterator[str]:
        mails = [one for one in self.outside.mails if placed.order_id in str(one.get("values", {}))]
        done = [one for one in mails if one["template"] == COMPLETION_MAIL]
        if len({one["reference"] for one in done}) != wanted or len(done) > wanted + self.deaths:
            yield f"{len(done)} mails of completion, {len({one['reference'] for one in done})} different ones"

    def _whmcs_orders_of(self, placed: Placed) -> set[int]:
        return {one["id"] for one in oracle.effects(self.outside.world, placed).orders}

    def _fulfilments(self) -> dict[str, dict[str, Any]]:
        rows = self._rows("SELECT *, salesforce_order_id AS id FROM fulfilments")
        return {row["id"]: row for row in rows}

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self._looking.execute(sql)]

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(self._watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watched(self, work: Any) -> None:
        try:
            await work
        except (Crash, asyncio.CancelledError):
            pass
        except Exception as surprise:
            self.surprises.append(f"{surprise!r} at {where(surprise)}")

    @contextmanager
    def _caught(self) -> Iterator[None]:
        log, handler = logging.getLogger("portal_app"), _Catcher(self.surprises)
        log.addHandler(handler)
        log.propagate = False
        try:
            yield
        finally:
            log.removeHandler(handler)
            log.propagate = True


class _Catcher(logging.Handler):
    """Errors that a worker swallowed and wrote down, and that nobody provoked."""

    def __init__(self, surprises: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._surprises = surprises

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        if failure is not None and not isinstance(failure, (PortalError, Crash, NotFulfillable)):
            self._surprises.append(f"logged {record.getMessage()}: {failure!r} at {where(failure)}")


def _seconds(text: str) -> float:
    """Of the running loop, for a time as it stands in a table."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - BEGINNING).total_seconds()
