"""The end of the way: Salesforce learns what there is in WHMCS, as often as it takes (F11)."""

import logging

from portal_app.errors import NotFound
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders, Report
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.workflows.fulfilment_billing import refuse_called_off
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Calls, Run

log = logging.getLogger(__name__)


class Writeback:
    """WRITEBACK."""

    def __init__(
        self, moves: Moves, calls: Calls, approved_orders: ApprovedOrders, opportunities: Opportunities
    ) -> None:
        self._moves, self._calls = moves, calls
        self._approved_orders, self._opportunities = approved_orders, opportunities

    async def write(self, run: Run) -> None:
        """Lines, order, opportunity; each compares before it writes. Then the customer hears of it."""
        refuse_called_off(run)
        record = run.record
        ids = {line.salesforce_item_id: record.whmcs_service_ids[line.number] for line in record.lines}
        await self._calls.repeatable("write_services", lambda: self._approved_orders.tell_services(run.order_id, ids))
        done = Report("Activated", whmcs_order_id=str(record.whmcs_order_id))
        await self._calls.repeatable("write_order", lambda: self._approved_orders.tell(run.order_id, done))
        await self._calls.repeatable("write_opportunity", lambda: self._serve(run))
        await self._moves.completed(run)

    async def _serve(self, run: Run) -> None:
        record = run.record
        service_id = next(record.whmcs_service_ids[line.number] for line in record.lines if line.is_service)
        try:
            await self._opportunities.serve(run.customer, run.order.salesforce_opportunity_id, service_id)
        except NotFound:
            log.warning("an order's opportunity is gone", extra={"kind": record.line})
