"""What Salesforce is told on the way: under the same hold, compared before it is written, and never a reason to stop.

The end of the way is told by the writeback.
"""

import logging
from typing import Final

from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.salesforce.approved_orders import Activation, ApprovedOrders, Report
from portal_app.storage.fulfilments import FulfilmentRecord
from portal_app.workflows.findings import code_of
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Calls, Run

_WORDS: Final[dict[str, Activation]] = {
    "scheduled": "Scheduled",
    "activating": "Activating",
    "failed": "Failed",
}
log = logging.getLogger(__name__)


class Reports:
    """`report` of the row says what is left to tell."""

    def __init__(self, moves: Moves, calls: Calls, approved_orders: ApprovedOrders) -> None:
        self._moves, self._calls, self._approved_orders = moves, calls, approved_orders

    async def tell(self, run: Run) -> bool:
        """Tell it; whether nothing is left to tell."""
        report = report_of(run.record)
        try:
            await self._calls.repeatable("report", lambda: self._approved_orders.tell(run.order_id, report))
        except NotFound:
            pass  # what is no order can be told nothing
        except (UpstreamError, Busy, TimeoutError) as failure:
            log.warning("salesforce not told", extra={"code": code_of(failure), "state": run.record.state.value})
            return False
        run.shown = (report.activation.casefold(), report.error_code)
        await self._moves.told(run)
        return True


def report_of(record: FulfilmentRecord) -> Report:
    """Of a row with something to report."""
    activation = _WORDS[record.report]
    whmcs_order_id = str(record.whmcs_order_id) if record.whmcs_order_id else ""
    if activation != "Failed":
        return Report(activation, whmcs_order_id=whmcs_order_id)
    return Report(activation, record.error_code, record.error_text, whmcs_order_id)
