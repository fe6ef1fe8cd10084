"""Proves every quarter of an hour that no order was lost on its way to a running service, and repairs what was (E8).

Delivery of events may fail; this makes it complete. Whatever it asks for goes the way every event goes: the order is
read again before anything is done, so a run may be repeated, and two at once do no harm.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from portal_app.domain.fulfilment import CUSTOMERS_TURN, Code, Hold, State
from portal_app.integrations.freebit.sims import Sims
from portal_app.integrations.salesforce.approved_orders import ACTIVATED, ApprovedOrders, OpenOrder, Report
from portal_app.integrations.whmcs.marked_services import MarkedServices
from portal_app.storage.clock import Clock
from portal_app.storage.fulfilment_lists import FulfilmentLists
from portal_app.storage.fulfilments import FulfilmentRecord, Fulfilments
from portal_app.storage.jobs import ReconcileReports
from portal_app.storage.mirrors import Drift, ServiceMirrorStore
from portal_app.storage.replay_cursors import ReplayCursors
from portal_app.storage.users import Users
from portal_app.workflows.findings import Findings, Stopping, go_on, reported
from portal_app.workflows.reconcile_services import ReconcileServices
from portal_app.workflows.reconcile_sims import ReconcileSims

KIND: Final = "orders"
NIGHTLY: Final = "orders.nightly"
LOOK_BACK: Final = timedelta(days=30)
"""Orders that are not done are few; those of a month are looked at every time."""
STUCK_AFTER: Final = timedelta(minutes=30)
OVERLAP: Final = timedelta(minutes=5)
MOST_REFUSALS: Final = 20
"""So many orders in a row that Salesforce will not be told of: the others of this run are named and not tried. Each
costs calls, and is tried again every quarter of an hour for a month."""
NOT_AGAIN: Final = Report(
    "Failed",
    Code.VALIDATION_ERROR,
    "It was cancelled, and taken back. It is not begun with again: place a new order.",
)
"""What is there of it carries its marks: begun with again, nobody could tell the new from the old."""
ACTIVATING, SCHEDULED, FAILED = "activating", "scheduled", "failed"
log = logging.getLogger(__name__)


class Requests(Protocol):
    """Where an order is asked to be worked on."""

    async def requested(self, salesforce_order_id: str, *, correlation_id: str = "") -> None:
        """Durable and repeatable."""


class OrderReconcile:
    """Salesforce, our own rows, WHMCS and the mobile network, compared with one another."""

    def __init__(
        self,
        *,
        approved_orders: ApprovedOrders,
        fulfilments: Fulfilments,
        lists: FulfilmentLists,
        fulfilment: Requests,
        marked_services: MarkedServices,
        service_mirror: ServiceMirrorStore,
        sims: Sims | None,
        cursors: ReplayCursors,
        users: Users,
        reports: ReconcileReports,
        clock: Clock,
    ) -> None:
        self._approved, self._fulfilments, self._lists = approved_orders, fulfilments, lists
        self._fulfilment, self._cursors = fulfilment, cursors
        self._reports, self._clock = reports, clock
        self._services = ReconcileServices(
            approved_orders, fulfilments, lists, fulfilment.requested, marked_services, users
        )
        self._sims = ReconcileSims(lists, fulfilment.requested, sims, service_mirror, users, clock)

    async def run(self, stopping: Stopping = lambda: False) -> str:
        """Everything that is not done, and the services of what was done since the last run; one line about it.

        Raises: Stopped, after the report was saved.
        """
        run = Findings(KIND, self._clock.now())
        return await reported(run, self._reports, self._recent(run, stopping))

    async def nightly(self, stopping: Stopping = lambda: False) -> str:
        """Every SIM line of ours, and every service with our marker of every linked customer; one line about it.

        Raises: Stopped, after the report was saved.
        """
        run = Findings(NIGHTLY, self._clock.now())
        return await reported(run, self._reports, self._everything(run, stopping))

    async def _recent(self, run: Findings, stopping: Stopping) -> None:
        gap = await self._cursors.gap()
        since = run.started_at - LOOK_BACK
        await self._stuck(run)
        seen = await self._open_orders(run, since if gap is None else min(gap, since), stopping)
        await self._waiting(run, seen, stopping)
        if gap is not None and not run.missed:
            # What is compared from here on is in other systems, and was missed by no event.
            await self._cursors.covered(run.started_at)
        await self._sims.compare(run, stopping, since=since)
        await self._services.of_ended(run, await self._last_start(run), stopping)

    async def _everything(self, run: Findings, stopping: Stopping) -> None:
        await self._sims.compare(run, stopping)
        await self._services.of_everybody(run, stopping)

    async def _last_start(self, run: Findings) -> datetime:
        """Since when orders may have ended whose services nobody compared yet."""
        whole = (one for one in await self._reports.latest(KIND) if not one.notes)
        last = next(whole, None)
        return run.started_at - LOOK_BACK if last is None else last.started_at - OVERLAP

    async def _stuck(self, run: Findings) -> None:
        """F14: those that should move and do not."""
        stuck = await self._fulfilments.stuck(STUCK_AFTER)
        for row in stuck:
            run.leave(f"stuck_{row.state.lower()}", salesforce_order_id=row.salesforce_order_id)
        if stuck:
            log.error("orders are stuck", extra={"count": len(stuck)})

    async def _open_orders(self, run: Findings, since: datetime, stopping: Stopping) -> set[str]:
        """Approved, and Salesforce does not know that they are done; their ids."""
        orders = await self._approved.list_open(since)
        rows = await self._fulfilments.known([order.salesforce_order_id for order in orders])
        # The newest first: what is refused for weeks stands behind what was never tried.
        for order in reversed(orders):
            go_on(stopping)
            run.compared += 1
            with run.one("order_unknown", salesforce_order_id=order.salesforce_order_id):
                await self._compare(run, order, rows.get(order.salesforce_order_id))
        return {order.salesforce_order_id for order in orders}

    async def _compare(self, run: Findings, order: OpenOrder, row: FulfilmentRecord | None) -> None:
        ids, activation = {"salesforce_order_id": order.salesforce_order_id}, order.activation.casefold()
        if row is None and activation in (ACTIVATING, SCHEDULED):
            await self._request(run, order.salesforce_order_id, Drift(added=1))
        elif row is None:
            # Not begun with by the flow, or failed before this database: only what was placed here is missed by us.
            if order.from_portal:
                run.leave("failed_without_row" if activation == FAILED else "approved_but_not_activating", **ids)
        elif row.state is State.COMPLETED:
            await self._tell_again(run, order, row)
        elif row.state is State.CANCELLED:
            run.leave("cancelled_here", **ids)
            if activation in (ACTIVATING, SCHEDULED):
                await self._approved.tell(order.salesforce_order_id, NOT_AGAIN)
        elif self._stands_without_cause(order, row):
            await self._request(run, order.salesforce_order_id, Drift(changed=1))

    def _stands_without_cause(self, order: OpenOrder, row: FulfilmentRecord) -> bool:
        """It waits for what has happened: staff's yes, or that they set it to Activating again."""
        if row.next_attempt_at is not None and row.next_attempt_at <= self._clock.now():
            return False
        if row.hold is Hold.NONE:
            return row.next_attempt_at is None
        asked_again = order.activation.casefold() == ACTIVATING and order.modified_at > row.updated_at
        return row.hold in (Hold.PAUSED, Hold.REVIEW) and asked_again and not row.report

    async def _tell_again(self, run: Findings, order: OpenOrder, row: FulfilmentRecord) -> None:
        """F11: done, but Salesforce does not say so."""
        order_id, written = row.salesforce_order_id, order.whmcs_order_id
        if not row.whmcs_order_id or not row.lines:
            run.leave("done_without_services", salesforce_order_id=order_id)
            return
        if written not in ("", str(row.whmcs_order_id)):
            run.leave("another_whmcs_order", salesforce_order_id=order_id)
            return
        if run.refusals >= MOST_REFUSALS:
            run.leave(run.refusal, salesforce_order_id=order_id)
            return
        ids = row.whmcs_service_ids
        await self._approved.tell_services(
            order_id, {line.salesforce_item_id: ids[line.number] for line in row.lines if line.number in ids}
        )
        if await self._approved.tell(order_id, Report("Activated", whmcs_order_id=str(row.whmcs_order_id))):
            run.found(Drift(changed=1))
        run.refusals = 0

    async def _waiting(self, run: Findings, seen: set[str], stopping: Stopping) -> None:
        """Rows that stand still, and whose order is not among the open ones: over by now, perhaps."""
        async for page in self._lists.waiting():
            for row in page:
                self._name(run, row)
            left = [row for row in page if row.hold is not Hold.REVIEW and row.next_attempt_at is None]
            alone = {row.salesforce_order_id: row for row in left if row.salesforce_order_id not in seen}
            if alone:
                go_on(stopping)
                with run.one("order_unknown"):
                    await self._look_at(run, alone)

    async def _look_at(self, run: Findings, rows: Mapping[str, FulfilmentRecord]) -> None:
        """Asked for together: some of them stand still for months."""
        orders = await self._approved.find(rows)
        for order_id, row in rows.items():
            run.compared += 1
            order = orders.get(order_id)
            if order is None:
                run.leave("order_gone", salesforce_order_id=order_id)
            elif order.is_over or order.activation == ACTIVATED or (order.is_approved and row.hold is Hold.NONE):
                await self._request(run, order_id, Drift(changed=1))

    def _name(self, run: Findings, row: FulfilmentRecord) -> None:
        """What waits for a person, and why; what waits for the customer is no finding."""
        if row.hold is Hold.NONE or row.error_code in CUSTOMERS_TURN:
            return
        hold = "review" if row.hold is Hold.REVIEW else "paused"
        run.leave(f"{hold}_{row.error_code.lower() or 'unknown'}", salesforce_order_id=row.salesforce_order_id)

    async def _request(self, run: Findings, order_id: str, drift: Drift) -> None:
        await self._fulfilment.requested(order_id)
        run.found(drift)
