"""From an approved order to a running service, across Salesforce, WHMCS and the mobile network, exactly once.

This is the door: whoever hears of an order says so here, and the worker calls `once`. The rooms behind it:
`fulfilment_driver` takes one order from step to step, `fulfilment_failures` says what a failure means,
`fulfilment_moves` writes each move down, `fulfilment_run` sends. The steps themselves: `_validation`, `_billing`,
`_activation` (with `_sims`), `_invoice`, `_writeback`, `_cancel`; `_found` is what WHMCS has, `_reports` tells.
docs/fulfilment.md has the map.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import CUSTOMERS_TURN, ApprovedOrder, Code, Hold, Progress, State
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.integrations.whmcs.services import Services
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.fulfilments import Fulfilments
from portal_app.storage.order_times import OrderTimes
from portal_app.storage.users import Users
from portal_app.workflows.fulfilment_activation import ActivationSteps
from portal_app.workflows.fulfilment_billing import BillingSteps
from portal_app.workflows.fulfilment_cancel import CancelSteps
from portal_app.workflows.fulfilment_driver import READ_S, Driver, Step
from portal_app.workflows.fulfilment_failures import Failures
from portal_app.workflows.fulfilment_invoice import InvoiceSteps
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_reports import Reports
from portal_app.workflows.fulfilment_run import Calls, Checkpoint
from portal_app.workflows.fulfilment_sims import SimSteps
from portal_app.workflows.fulfilment_validation import Validation
from portal_app.workflows.fulfilment_writeback import Writeback
from portal_app.workflows.notices import Notices

AT_ONCE: Final = 4
TOPIC: Final = "work:fulfilments"
_LOOKS_FIRST: Final = CUSTOMERS_TURN | {Code.SIM_STOCK_MISSING, Code.MAPPING_ERROR, Code.VALIDATION_ERROR}
"""What waits for one of these looks whether it may go on before it sends anything: any change is worth a look."""


class Fulfilment:
    """Safe in several processes at once: each order is held by one of them."""

    def __init__(
        self,
        *,
        fulfilments: Fulfilments,
        approved_orders: ApprovedOrders,
        billing_orders: BillingOrders,
        sim_steps: SimSteps,
        opportunities: Opportunities,
        users: Users,
        pay_methods: PayMethods,
        services: Services,
        billing: Billing,
        orders: Orders,
        order_times: OrderTimes,
        notices: Notices,
        db: Database,
        bus: Bus,
        audit: Audit,
        clock: Clock,
        settle: timedelta,
        checkpoint: Checkpoint = lambda name: None,
    ) -> None:
        self._fulfilments, self._approved_orders, self._bus = fulfilments, approved_orders, bus
        self._checkpoint = checkpoint
        calls = Calls(settle=settle, checkpoint=checkpoint)
        moves = Moves(
            fulfilments=fulfilments,
            orders=orders,
            services=services,
            billing=billing,
            order_times=order_times,
            notices=notices,
            db=db,
            bus=bus,
            audit=audit,
            clock=clock,
            calls=calls,
            checkpoint=checkpoint,
        )
        self._driver = Driver(
            fulfilments=fulfilments,
            approved_orders=approved_orders,
            users=users,
            moves=moves,
            reports=Reports(moves, calls, approved_orders),
            failures=Failures(moves, clock, settle=settle),
            steps=_steps(
                Validation(moves, pay_methods, sim_steps, clock),
                BillingSteps(moves, calls, billing_orders, sim_steps, clock, settle=settle),
                ActivationSteps(moves, calls, sim_steps, billing_orders, fulfilments, clock),
                InvoiceSteps(moves, calls, billing_orders, clock, settle=settle),
                Writeback(moves, calls, approved_orders, opportunities),
                CancelSteps(moves, calls, billing_orders, clock, settle=settle),
            ),
        )

    async def requested(self, salesforce_order_id: str, *, correlation_id: str = "") -> None:
        """Somebody says that this order is to be fulfilled: that is kept, and looked at soon. Asks nobody (E5)."""
        await self._receive(whole(salesforce_order_id), correlation_id)

    async def order_changed(self, salesforce_order_id: str) -> None:
        """A hint that the order changed in Salesforce. May ask Salesforce. Raises: UpstreamError, Busy.

        What waits because a request was refused goes on only when staff say so: the hint may be about our own words.
        """
        salesforce_order_id = whole(salesforce_order_id)
        record = await self._fulfilments.get(salesforce_order_id)
        if record is None:
            if await self._asks_for_it(salesforce_order_id, new=True):
                await self._receive(salesforce_order_id)
        elif record.is_over:
            return
        elif record.hold in (Hold.PAUSED, Hold.REVIEW) and record.error_code not in _LOOKS_FIRST:
            if not record.report and await self._asks_for_it(salesforce_order_id, new=False):
                await self._receive(salesforce_order_id)
        elif record.hold is not Hold.NONE or record.next_attempt_at is None or record.state is State.SCHEDULED:
            await self._receive(salesforce_order_id)

    async def payment_methods_changed(self, customer: Customer) -> None:
        """Orders of the customer that wait for one look again."""
        await self._wake(customer, Code.PAYMENT_METHOD_MISSING)

    async def checks_changed(self, customer: Customer) -> None:
        """Orders of the customer that wait for a verified document look again."""
        await self._wake(customer, Code.IDENTITY_NOT_VERIFIED)

    async def resume(self, salesforce_order_id: str) -> str:
        """An operator says: go on. "new", "woken" (it stood still), "known" (it is on its way), "unknown" where there
        is no such order, or how it ended. Raises: UpstreamError, Busy for an order nobody has heard of before.
        """
        salesforce_order_id = whole(salesforce_order_id)
        record = await self._fulfilments.get(salesforce_order_id)
        if record is not None and record.is_over:
            return record.state.value
        if record is None and await self._read(salesforce_order_id) is None:
            return "unknown"
        return await self._receive(salesforce_order_id)

    async def progress(self, customer: Customer, salesforce_order_id: str) -> Progress | None:
        """How far the customer's own order has come. None before it was approved, and for somebody else's."""
        return await self._fulfilments.progress(customer, salesforce_order_id)

    async def once(self, *, most: int = AT_ONCE, stopping: Callable[[], bool] = lambda: False) -> int:
        """Go on with `most` of the orders that are due, all of them at the same time; how many there were.

        Once `stopping` says so each is let go of at its next state, to be gone on with by whoever is next (G1).
        """
        due = await self._fulfilments.claim_due(most)
        await asyncio.gather(*(self._driver.run(record, stopping) for record in due))
        return len(due)

    async def depth(self) -> int:
        """How many orders are due or being worked on."""
        return await self._fulfilments.depth()

    async def _receive(self, salesforce_order_id: str, correlation_id: str = "") -> str:
        self._checkpoint("commit:->RECEIVED:before")
        received = await self._fulfilments.receive(salesforce_order_id, correlation_id=correlation_id)
        self._checkpoint("commit:->RECEIVED:after")
        await self._bus.publish(TOPIC)
        return received

    async def _wake(self, customer: Customer, code: Code) -> None:
        if await self._fulfilments.wake_waiting(customer.user_id, {code}):
            await self._bus.publish(TOPIC)

    async def _asks_for_it(self, salesforce_order_id: str, *, new: bool) -> bool:
        """Whether the order as it stands is to be begun with, or gone on with. Of hints there may be a storm."""
        with deadline(READ_S, inherit=False):
            order = (await self._approved_orders.find([salesforce_order_id])).get(salesforce_order_id)
        if order is None:
            return False
        return order.is_approved and order.is_activating if new else order.is_activating or order.is_over

    async def _read(self, salesforce_order_id: str) -> ApprovedOrder | None:
        try:
            with deadline(READ_S, inherit=False):
                return await self._approved_orders.read(salesforce_order_id)
        except NotFound:
            return None  # what is no id at all


def whole(salesforce_order_id: str) -> str:
    """An id is known in its long form only: by the short one the same order would be begun with twice (I1)."""
    return as_18(salesforce_order_id) or salesforce_order_id


def _steps(
    validation: Validation,
    billing: BillingSteps,
    activation: ActivationSteps,
    invoice: InvoiceSteps,
    writeback: Writeback,
    cancel: CancelSteps,
) -> Mapping[State, Step]:
    return {
        State.RECEIVED: validation.received,
        State.VALIDATED: validation.validated,
        State.SCHEDULED: validation.scheduled,
        State.ADD_INTENT: billing.add,
        State.ADDED: billing.added,
        State.SIM_INTENT: activation.intent,
        State.SIM_WAIT: activation.wait,
        State.SIM_ACTIVE: activation.active,
        State.ACCEPT_INTENT: billing.accept,
        State.ACCEPTED: invoice.accepted,
        State.INVOICE_INTENT: invoice.intent,
        State.INVOICED: invoice.invoiced,
        State.WRITEBACK: writeback.write,
        State.CANCEL_INTENT: cancel.cancel,
    }
