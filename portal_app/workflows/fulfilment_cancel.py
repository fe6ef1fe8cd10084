"""An order that was called off while WHMCS has only a pending one: it is taken back there, too (F13)."""

from datetime import timedelta
from typing import Final

from portal_app.domain.fulfilment import Code, NeedsReview, State
from portal_app.errors import NotFound, UpstreamRejected
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.storage.clock import Clock
from portal_app.workflows.fulfilment_billing import settled_at, unsettled
from portal_app.workflows.fulfilment_found import PENDING
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Calls, Run

CANCELLED: Final = "cancelled"


class CancelSteps:
    """CANCEL_INTENT."""

    def __init__(
        self, moves: Moves, calls: Calls, billing_orders: BillingOrders, clock: Clock, *, settle: timedelta
    ) -> None:
        self._moves, self._calls, self._orders = moves, calls, billing_orders
        self._clock, self._settle = clock, settle

    async def cancel(self, run: Run) -> None:
        """Taken back once; WHMCS says itself whether it was."""
        if await self._is_cancelled(run):
            await self._moves.ended(run, State.CANCELLED)
        elif not run.is_fresh and unsettled(run, self._settle, self._clock):
            await self._moves.put_off(run, settled_at(run, self._settle))
        else:
            await self._cancel(run)

    async def _cancel(self, run: Run) -> None:
        if not run.order.is_over:
            text = "The order is approved again, but its order in WHMCS was about to be cancelled."
            raise NeedsReview(Code.PROVISIONING_ERROR, text)
        if not run.is_fresh:
            await self._moves.intend(run, State.CANCEL_INTENT)
        whmcs_order_id = run.record.whmcs_order_id
        try:
            await self._calls.once(run, "cancel_order", lambda: self._orders.cancel(run.customer, whmcs_order_id))
        except UpstreamRejected:
            if not await self._is_cancelled(run):
                raise
        await self._moves.ended(run, State.CANCELLED)

    async def _is_cancelled(self, run: Run) -> bool:
        try:
            there = await self._orders.read_order(run.customer, run.record.whmcs_order_id)
        except NotFound:
            return True  # A person has deleted it.
        status = there.status.strip().casefold()
        if status not in (CANCELLED, PENDING):
            text = f"The order was called off, but order {there.whmcs_order_id} in WHMCS is not pending any more."
            raise NeedsReview(Code.WHMCS_ERROR, text)
        if status == PENDING and there.is_paid:
            text = f"The order was called off, but the invoice of order {there.whmcs_order_id} in WHMCS is paid."
            raise NeedsReview(Code.WHMCS_ERROR, text)
        return status == CANCELLED
