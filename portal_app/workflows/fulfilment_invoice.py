"""The invoice of a SIM order: for exactly its services, once, when the line is active. Other orders have theirs."""

from datetime import timedelta

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import State
from portal_app.errors import UpstreamOutcomeUnknown
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.storage.clock import Clock
from portal_app.workflows.fulfilment_billing import refuse_called_off, settled_at, unsettled
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Calls, Run


class InvoiceSteps:
    """ACCEPTED, INVOICE_INTENT, INVOICED."""

    def __init__(
        self, moves: Moves, calls: Calls, billing_orders: BillingOrders, clock: Clock, *, settle: timedelta
    ) -> None:
        self._moves, self._calls, self._orders = moves, calls, billing_orders
        self._clock, self._settle = clock, settle

    async def accepted(self, run: Run) -> None:
        """Where there is something to bill that was not billed with the order."""
        record = run.record
        if record.line == ProductLine.SIM and any(line.unit_price for line in record.lines):
            refuse_called_off(run)
            await self._moves.intend(run, State.INVOICE_INTENT)
        else:
            await self._moves.forward(run, State.WRITEBACK)

    async def intent(self, run: Run) -> None:
        """Look for an invoice with these services on its lines; ask for one only where there is none."""
        refuse_called_off(run)
        if whmcs_invoice_id := await self._find(run):
            await self._invoiced(run, whmcs_invoice_id)
        elif not run.is_fresh and unsettled(run, self._settle, self._clock):
            await self._moves.put_off(run, settled_at(run, self._settle))
        else:
            await self._bill(run)

    async def invoiced(self, run: Run) -> None:
        """Nothing is left to do in WHMCS."""
        await self._moves.forward(run, State.WRITEBACK)

    async def _bill(self, run: Run) -> None:
        if not run.is_fresh:
            await self._moves.intend(run, State.INVOICE_INTENT)
        ids = list(run.record.whmcs_service_ids.values())
        await self._calls.once(run, "gen_invoices", lambda: self._orders.generate_invoice(run.customer, ids))
        whmcs_invoice_id = await self._find(run)
        if not whmcs_invoice_id:
            run.outcome = "unknown"
            raise UpstreamOutcomeUnknown("whmcs", "GenInvoices", "no_invoice")
        await self._invoiced(run, whmcs_invoice_id)

    async def _find(self, run: Run) -> int:
        return await self._orders.find_invoice(run.customer, list(run.record.whmcs_service_ids.values()))

    async def _invoiced(self, run: Run, whmcs_invoice_id: int) -> None:
        await self._moves.forward(run, State.INVOICED, whmcs_invoice_id=whmcs_invoice_id)
