"""Takes one held order as far as it goes: reads it anew before every step, and keeps the hold alive meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final

from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import CUSTOMERS_TURN, ApprovedOrder, Code, Hold, NeedsReview, NotFulfillable, State
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders
from portal_app.integrations.upstream import deadline
from portal_app.integrations.upstream.deadline import loop_time
from portal_app.observability import correlation
from portal_app.storage.fulfilments import FulfilmentRecord, Fulfilments, LeaseLost
from portal_app.storage.users import Users
from portal_app.workflows.fulfilment_failures import Failures
from portal_app.workflows.fulfilment_moves import EARLY, Moves
from portal_app.workflows.fulfilment_reports import Reports
from portal_app.workflows.fulfilment_run import Run

READ_S: Final = 60.0
BEATS: Final = 3
"""So many times a hold is renewed before it would end."""
Step = Callable[[Run], Awaitable[None]]
log = logging.getLogger(__name__)


class Driver:
    """`steps`: what is done in each state."""

    def __init__(
        self,
        *,
        fulfilments: Fulfilments,
        approved_orders: ApprovedOrders,
        users: Users,
        moves: Moves,
        reports: Reports,
        failures: Failures,
        steps: Mapping[State, Step],
    ) -> None:
        self._fulfilments, self._approved_orders, self._users = fulfilments, approved_orders, users
        self._moves, self._reports, self._failures, self._steps = moves, reports, failures, steps

    async def run(self, record: FulfilmentRecord, stopping: Callable[[], bool] = lambda: False) -> None:
        """Go on with an order that was claimed, until it is done, put off or lost, or the process is to stop.

        Raises nothing of its own.
        """
        correlation.bind(record.correlation_id)
        try:
            await self._kept_alive(record, self._go(Run(record), stopping))
        except LeaseLost:
            log.warning("fulfilment taken over", extra={"state": record.state.value})
        except Exception:
            # One order must not keep the others from their turn; its lease runs out and it is tried again.
            log.exception("fulfilment interrupted", extra={"state": record.state.value})

    async def _go(self, run: Run, stopping: Callable[[], bool]) -> None:
        if not goes_on(run.record):
            await self._left(run)
            return
        # A failure that was never told, of something that goes on by now, is not news any more.
        tells = not (run.record.is_woken and run.record.report == "failed")
        while run.is_held:
            if stopping() and not run.is_fresh:  # what was just announced is sent: nobody else may before it settled
                await self._fulfilments.release(run.record)
                return
            if run.record.report and tells and not run.is_fresh:
                tells = await self._reports.tell(run)
                if not tells and run.record.state is State.SCHEDULED:
                    await self._moves.untold(run)
                    return
            await self._step(run)
            if run.is_held and run.record.hold in (Hold.PAUSED, Hold.REVIEW):
                await self._left(run)
                return

    async def _left(self, run: Run) -> None:
        """It waits for somebody: Salesforce is told, then it is let go."""
        if run.record.report and not await self._reports.tell(run):
            await self._moves.untold(run)
        else:
            await self._moves.let_go(run)

    async def _step(self, run: Run) -> None:
        run.outcome = ""
        try:
            if not run.is_fresh:
                await self._read(run)
            await self._steps[run.record.state](run)
        except LeaseLost:
            raise
        except Exception as failure:
            run.outcome = "not_done" if run.is_fresh else run.outcome
            await self._failures.settle(run, failure)

    async def _read(self, run: Run) -> None:
        """The order as it stands now, and whose it is (E5, F13)."""
        record = run.record
        if record.state is State.INVOICED or (record.state is State.ACCEPTED and record.line != ProductLine.SIM):
            return
        with deadline(READ_S, inherit=False):
            order = await self._order(run.order_id)
        if order is None:
            raise NeedsReview(Code.VALIDATION_ERROR, "The order is not in Salesforce.")
        run.order = order
        run.customer = await self._customer(run)

    async def _order(self, order_id: str) -> ApprovedOrder | None:
        try:
            return await self._approved_orders.read(order_id)
        except NotFound:
            return None  # what is no id at all

    async def _customer(self, run: Run) -> Customer | None:
        record, order = run.record, run.order
        found = await self._users.find_customer_of_account(order.salesforce_account_id)
        if record.state is State.RECEIVED or (order.is_over and record.state in EARLY):
            return found
        if found is None:
            raise NotFulfillable(Code.MAPPING_ERROR, "The account of the order belongs to no customer of the portal.")
        known = (record.user_id, record.whmcs_client_id)
        if record.state not in EARLY and (found.user_id, found.whmcs_client_id) != known:
            raise NeedsReview(Code.MAPPING_ERROR, "The account belongs to somebody else than when the order was begun.")
        return found

    async def _kept_alive(self, record: FulfilmentRecord, work: Coroutine[Any, Any, None]) -> None:
        """Do the work while the hold is renewed; a hold that is lost ends the work where it is (K9)."""
        working, beating = asyncio.create_task(work), asyncio.create_task(self._beat(record))
        try:
            await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                working.cancel()
                await asyncio.wait({working})
                beating.result()
            working.result()
        finally:
            for task in (working, beating):
                task.cancel()
            await asyncio.gather(working, beating, return_exceptions=True)

    async def _beat(self, record: FulfilmentRecord) -> None:
        """Raises: LeaseLost, also when nobody could be asked for as long as a hold lasts."""
        lease, held_at = self._fulfilments.lease.total_seconds(), loop_time()
        while True:
            await asyncio.sleep(lease / BEATS)
            asked_at = loop_time()
            try:
                await self._fulfilments.renew(record)
                held_at = asked_at
            except LeaseLost:
                raise
            except Exception:
                log.exception("hold not renewed", extra={"state": record.state.value})
                if asked_at - held_at >= lease:
                    raise LeaseLost(f"order {record.salesforce_order_id}") from None


def goes_on(record: FulfilmentRecord) -> bool:
    """Whether its work goes on now; else it is only due because Salesforce is still to be told that it waits."""
    if record.hold in (Hold.NONE, Hold.RETRY) or record.is_woken or record.state is State.SIM_WAIT:
        return True
    return record.hold is Hold.PAUSED and record.error_code in CUSTOMERS_TURN
