"""How an order moves: each move is one transaction with its history and what it causes; then pages look again."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.fulfilment import CUSTOMERS_TURN, TERMINAL, Code, Hold, NeedsReview, State
from portal_app.domain.notices import NoticeKind
from portal_app.domain.order_status import StepName
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.upstream.deadline import loop_time
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.services import Services
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.fulfilments import FulfilmentRecord, Fulfilments
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.work_queue import GIVE_UP_AFTER, pause
from portal_app.workflows.fulfilment_run import Calls, Checkpoint, Run
from portal_app.workflows.notices import Notices
from portal_app.workflows.order_notices import order_notice

LOOK_AGAIN: Final = timedelta(minutes=15)
"""How often it is looked whether the customer has done their part, should no hint of it reach us."""
LOOK_AT_LATE_SIM: Final = timedelta(hours=1)
EARLY: Final = frozenset({State.RECEIVED, State.VALIDATED, State.SCHEDULED})
"""Nothing was sent yet: whose it is may still change."""
_UNTOLD: Final = EARLY | TERMINAL | {State.WRITEBACK, State.CANCEL_INTENT}
"""Salesforce is not told that these are under way: it is not so yet, or something better follows."""
_BILLING: Final = frozenset({State.ADDED, State.ACCEPTED, State.INVOICED, State.COMPLETED, State.CANCELLED})
_AUDITED: Final = {Hold.PAUSED: "order.paused", Hold.REVIEW: "order.needs_review"}
_WELL: Final[dict[str, Any]] = {"attempts": 0, "failing_since": None, "error_code": "", "error_text": ""}
_UNSAID: Final[dict[str, Any]] = {"error_code": "", "error_text": ""}
Extra = Callable[[AsyncSession, FulfilmentRecord], Awaitable[None]]
log = logging.getLogger(__name__)


class Moves:
    """Every move raises LeaseLost when somebody else took the order over; the old holder then writes nothing (K9)."""

    def __init__(
        self,
        *,
        fulfilments: Fulfilments,
        orders: Orders,
        services: Services,
        billing: Billing,
        order_times: OrderTimes,
        notices: Notices,
        db: Database,
        bus: Bus,
        audit: Audit,
        clock: Clock,
        calls: Calls,
        checkpoint: Checkpoint,
    ) -> None:
        self._fulfilments, self._orders, self._services, self._billing = fulfilments, orders, services, billing
        self._order_times, self._notices, self._db, self._bus = order_times, notices, db, bus
        self._audit, self._clock, self._calls, self._checkpoint = audit, clock, calls, checkpoint

    async def forward(self, run: Run, to_state: State, *, seen: StepName | None = None, **changes: Any) -> None:
        """It went well: on to the next state. `seen`: the step of the customer's timeline that is done with that."""

        async def extra(tx: AsyncSession, after: FulfilmentRecord) -> None:
            if seen and after.user_id:
                await self._order_times.seen_in(tx, after.user_id, after.salesforce_order_id, seen)

        values = _WELL | {"report": _report(run, to_state)} | changes
        await self._commit(run, to_state, extra, **values)
        run.is_fresh = False

    async def intend(self, run: Run, to_state: State, **changes: Any) -> None:
        """Commit that something is about to be done outside, and when (F1). Another attempt is another intent."""
        at = loop_time()
        well = _WELL if to_state is not run.record.state else _UNSAID
        values = well | {"report": _report(run, to_state), "intent_at": self._clock.now()} | changes
        await self._commit(run, to_state, _nothing, **values)
        self._calls.begin(run, at=at)

    async def completed(self, run: Run) -> None:
        """The end: it runs, and the customer is told so, once, whoever notices first."""

        async def extra(tx: AsyncSession, after: FulfilmentRecord) -> None:
            order_id, user_id = after.salesforce_order_id, after.user_id
            await self._order_times.seen_in(tx, user_id, order_id, "active")
            await self._audited(tx, "order.fulfilled", after, "ok")
            if run.order.from_portal:
                told = order_notice(NoticeKind.ORDER_ACTIVATED, order_id, after.order_number, after.line)
                await self._notices.tell_in(tx, user_id, told)

        await self._commit(run, State.COMPLETED, extra, **_WELL, report="")
        await self._notices.announce(run.record.user_id)

    async def ended(self, run: Run, to_state: State) -> None:
        """Over without anything to tell anybody: it was called off, or done before we knew of it."""

        async def extra(tx: AsyncSession, after: FulfilmentRecord) -> None:
            event = "order.fulfilment_cancelled" if to_state is State.CANCELLED else "order.found_fulfilled"
            await self._audited(tx, event, after, "ok")

        await self._commit(run, to_state, extra, **_WELL, report="", **_owner(run))

    async def wait(self, run: Run, until: datetime | None) -> None:
        """All is well, there is only nothing to do before then; None: before something is heard of it."""
        if run.record.hold is not Hold.NONE:
            report = "" if run.record.report == "failed" else run.record.report
            await self._commit(run, run.record.state, _nothing, next_attempt_at=until, report=report, **_WELL)
            return
        await self.put_off(run, until)

    async def retry(self, run: Run, code: Code, text: str, *, not_before: datetime | None = None) -> None:
        """It failed, and may go well later (F12). After a day a person must look."""
        now, record = self._clock.now(), run.record
        since = record.failing_since or now
        changes: dict[str, Any] = {"intent_at": None} if run.outcome == "not_done" else {}
        if now - since >= GIVE_UP_AFTER:
            given_up = f"Given up after a day. {text}"
            await self.leave(run, Hold.REVIEW, Code.PROVISIONING_ERROR, given_up, failing_since=since, **changes)
            return
        due = max(now + pause(record.attempts), not_before or now)
        changes |= {"report": "" if record.report == "failed" else record.report}
        changes |= {"attempts": record.attempts + 1, "failing_since": since, "error_code": code, "error_text": text}
        await self._commit(run, record.state, _nothing, hold=Hold.RETRY, next_attempt_at=due, **changes, **_owner(run))
        log.warning("fulfilment put off", extra={"state": record.state.value, "code": code.value})

    async def leave(
        self, run: Run, hold: Hold, code: Code, text: str, *, to_state: State | None = None, **changes: Any
    ) -> None:
        """It waits for somebody, and Salesforce is to be told so while the row is still held."""
        state = to_state or run.record.state
        same = (run.record.hold, run.record.error_code, run.record.error_text, run.record.state)
        if same == (hold, code.value, text[:255], state):
            report = "" if run.shown == ("failed", code.value) else "failed"
            await self.put_off(run, self._clock.now(), report=report, **changes)
            return

        async def extra(tx: AsyncSession, after: FulfilmentRecord) -> None:
            await self._audited(tx, _AUDITED[hold], after, code.value)

        values = {"error_code": code, "error_text": text, "report": "failed", "attempts": 0, "failing_since": None}
        await self._commit(run, state, extra, hold=hold, **(values | changes | _owner(run)))
        level = logging.ERROR if hold is Hold.REVIEW else logging.WARNING
        log.log(level, "fulfilment waits for somebody", extra={"state": state.value, "code": code.value})

    async def told(self, run: Run) -> None:
        """Salesforce shows what there was to report."""
        await self.put_off(run, self._clock.now(), report="")
        await self._clear(run.record)
        await self._publish(run.record, "orders")

    async def untold(self, run: Run) -> None:
        """Salesforce could not be told: that is repeated, by itself where the order waits."""
        attempts, now = run.record.attempts, self._clock.now()
        until, planned = now + pause(attempts), self.next_look(run.record)
        await self.put_off(run, min(until, planned or until), attempts=attempts + 1)

    async def is_wanted(self, run: Run) -> bool:
        """Whether nothing speaks against ordering it as it stands now; else it has ended, or waits to be approved.

        Raises: NeedsReview for one that somebody else has set up.
        """
        order = run.order
        if order.is_over:
            await self.ended(run, State.CANCELLED)
        elif order.is_activated:
            raise NeedsReview(Code.VALIDATION_ERROR, "The order says Activated, but not by this portal.")
        elif not (order.is_approved or order.is_activating):
            await self.wait(run, None)
        else:
            return True
        return False

    async def let_go(self, run: Run) -> None:
        """It waits for somebody, and everybody knows."""
        await self.put_off(run, self.next_look(run.record))

    def next_look(self, record: FulfilmentRecord) -> datetime | None:
        """When an order that waits for somebody is looked at by itself."""
        if record.hold is Hold.PAUSED and record.error_code in CUSTOMERS_TURN:
            return self._clock.now() + LOOK_AGAIN
        return self._clock.now() + LOOK_AT_LATE_SIM if record.state is State.SIM_WAIT else None

    async def put_off(self, run: Run, until: datetime | None, **changes: Any) -> None:
        """Let it go as it is until then; while `until` is not ahead it is kept."""
        state = run.record.state
        self._checkpoint(f"commit:{state}->{state}:before")
        run.record = await self._fulfilments.put_off(run.record, until, **changes)
        self._checkpoint(f"commit:{state}->{state}:after")

    async def _commit(self, run: Run, to_state: State, extra: Extra, **step: Any) -> None:
        before, way = run.record, f"commit:{run.record.state}->{to_state}"
        took_ms = int((loop_time() - run.since) * 1000)
        self._checkpoint(f"{way}:before")
        async with self._db.write() as tx:
            after = await self._fulfilments.step_in(tx, before, to_state, took_ms=took_ms, **step)
            await extra(tx, after)
        run.record, run.since = after, loop_time()
        self._checkpoint(f"{way}:after")
        log.info("fulfilment moved", extra={"state": to_state.value, "code": after.error_code or after.hold.value})
        await self._seen_by_pages(run, before.state)

    async def _seen_by_pages(self, run: Run, before: State) -> None:
        """It is all in the database: what fails here is only seen later."""
        record, owner = run.record, run.owner
        if not record.user_id:
            return
        if record.is_over or before is State.RECEIVED:
            await self._clear(record)
        if owner is not None and record.state in _BILLING and record.state is not before:
            for name, subject in (("services", self._services), ("invoices", self._billing)):
                try:
                    await subject.refresh(owner)
                except Exception:
                    log.exception("copies not cleared", extra={"user_id": record.user_id, "kind": name})
                await self._publish(record, name)
        await self._publish(record, "orders")

    async def _clear(self, record: FulfilmentRecord) -> None:
        if not record.user_id:
            return
        try:
            await self._orders.clear(record.user_id)
        except Exception:
            log.exception("orders copy not cleared", extra={"user_id": record.user_id})

    async def _publish(self, record: FulfilmentRecord, topic: str) -> None:
        if record.user_id:
            await self._bus.publish(f"customer:{record.user_id}:{topic}")

    async def _audited(self, tx: AsyncSession, event: str, record: FulfilmentRecord, outcome: str) -> None:
        detail = {"order": record.salesforce_order_id, "line": record.line, "state": record.state.value}
        await self._audit.record(event, user_id=record.user_id or None, outcome=outcome, detail=detail, session=tx)


async def _nothing(tx: AsyncSession, after: FulfilmentRecord) -> None:
    """Nothing else belongs to this move."""


def _owner(run: Run) -> dict[str, Any]:
    """Whose it is, noted as long as nothing was sent: by it the customer's own doings wake it."""
    if run.owner is None or run.record.state not in EARLY:
        return {}
    return {"user_id": run.owner.user_id, "whmcs_client_id": run.owner.whmcs_client_id}


def _report(run: Run, to_state: State) -> str:
    """What Salesforce has to be told once it goes on: nothing, where it shows that already."""
    if to_state in _UNTOLD or run.shown == ("activating", ""):
        return ""
    return "activating"
