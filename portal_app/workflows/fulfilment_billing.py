"""The order in WHMCS: placed once, recognised by its marks, and accepted (F2-F6)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import Code, NeedsReview, NotFulfillable, State, billed_lines
from portal_app.errors import NotFound, UpstreamRejected
from portal_app.integrations.whmcs.orders import BillingOrder, BillingOrders, FoundService
from portal_app.storage.clock import Clock
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Calls, Run
from portal_app.workflows.fulfilment_sims import SimSteps

PENDING: Final = "pending"
ACTIVE: Final = "active"
Found = Mapping[int, tuple[FoundService, ...]]


@dataclass(frozen=True, slots=True)
class Marked:
    """All lines of an order, as they are in WHMCS."""

    whmcs_order_id: int
    service_ids: dict[int, int]


class BillingSteps:
    """ADD_INTENT, ADDED, ACCEPT_INTENT."""

    def __init__(
        self,
        moves: Moves,
        calls: Calls,
        billing_orders: BillingOrders,
        sim_steps: SimSteps,
        clock: Clock,
        *,
        settle: timedelta,
    ) -> None:
        self._moves, self._calls, self._orders, self._sims = moves, calls, billing_orders, sim_steps
        self._clock, self._settle = clock, settle

    async def add(self, run: Run) -> None:
        """Look for our marks; add only where there are none, nor can be any more."""
        numbers = [line.number for line in run.record.lines]
        found = read_marks(await self._orders.find_services(run.customer, run.order_id), numbers)
        if found is not None:
            await self._adopt(run, found)
        elif run.order.whmcs_order_id:
            text = f"The order names order {run.order.whmcs_order_id} of WHMCS, where nothing carries its mark."
            raise NeedsReview(Code.WHMCS_ERROR, text)
        elif not run.is_fresh and unsettled(run, self._settle, self._clock):
            await self._moves.put_off(run, settled_at(run, self._settle))
        elif not run.is_fresh and run.order.is_over:
            await self._moves.ended(run, State.CANCELLED)
        else:
            await self._add(run)

    async def added(self, run: Run) -> None:
        """The marks are read back: without them nobody would recognise it the next time (F3)."""
        record, order, customer = run.record, run.order, run.customer
        if order.is_over:
            await self._moves.intend(run, State.CANCEL_INTENT)
            return
        found = await self._orders.find_services(customer, run.order_id)
        lost = [str(line.number) for line in record.lines if line.number not in found]
        if lost:
            text = f"WHMCS did not keep the mark of line {', '.join(lost)}: see the custom field of its product."
            raise NotFulfillable(Code.MARKER_FIELD_MISSING, text)
        marked = read_marks(found, [line.number for line in record.lines])
        ids = marked.service_ids if marked else record.whmcs_service_ids
        if record.line == ProductLine.SIM:
            wanted = self._sims.wanted(customer, order, record.lines)
            await self._sims.identity(customer, order)
            number = wanted.line.freebit_line_number
            await self._moves.intend(run, State.SIM_INTENT, whmcs_service_ids=ids, sim_number=number, expected_by=None)
        else:
            await self._moves.intend(run, State.ACCEPT_INTENT, whmcs_service_ids=ids)

    async def accept(self, run: Run) -> None:
        """Accepted once; WHMCS says itself whether it was."""
        refuse_called_off(run)
        if await self._is_accepted(run):
            await self._accepted(run)
        elif not run.is_fresh and unsettled(run, self._settle, self._clock):
            await self._moves.put_off(run, settled_at(run, self._settle))
        else:
            await self._accept(run)

    async def _add(self, run: Run) -> None:
        if not run.is_fresh:
            await self._moves.intend(run, State.ADD_INTENT, lines=billed_lines(run.order))
        order, lines = run.order, run.record.lines
        added = await self._calls.once(
            run,
            "add_order",
            lambda: self._orders.add(
                run.customer,
                run.order_id,
                lines,
                opportunity_id=order.salesforce_opportunity_id,
                invoice=order.line is not ProductLine.SIM,
            ),
        )
        await self._moves.forward(
            run,
            State.ADDED,
            seen="billing",
            whmcs_order_id=added.whmcs_order_id,
            whmcs_service_ids=dict(added.service_ids),
            whmcs_invoice_id=added.whmcs_invoice_id,
        )

    async def _adopt(self, run: Run, marked: Marked) -> None:
        there = await self._read(run, marked.whmcs_order_id)
        await self._moves.forward(
            run,
            State.ADDED,
            seen="billing",
            whmcs_order_id=marked.whmcs_order_id,
            whmcs_service_ids=marked.service_ids,
            whmcs_invoice_id=there.whmcs_invoice_id,
        )

    async def _accept(self, run: Run) -> None:
        if not run.is_fresh:
            await self._moves.intend(run, State.ACCEPT_INTENT)
        whmcs_order_id = run.record.whmcs_order_id
        try:
            await self._calls.once(run, "accept_order", lambda: self._orders.accept(run.customer, whmcs_order_id))
        except UpstreamRejected:
            # "Not found or not pending" may be our own earlier success (F6).
            if not await self._is_accepted(run):
                raise
        await self._accepted(run)

    async def _accepted(self, run: Run) -> None:
        await self._moves.forward(run, State.ACCEPTED, seen="set_up")

    async def _is_accepted(self, run: Run) -> bool:
        there = await self._read(run, run.record.whmcs_order_id)
        status = there.status.strip().casefold()
        if status not in (ACTIVE, PENDING):
            text = f"Order {there.whmcs_order_id} in WHMCS is neither pending nor active."
            raise NeedsReview(Code.WHMCS_ERROR, text)
        return status == ACTIVE

    async def _read(self, run: Run, whmcs_order_id: int) -> BillingOrder:
        try:
            return await self._orders.read_order(run.customer, whmcs_order_id)
        except NotFound:
            raise NeedsReview(Code.WHMCS_ERROR, f"Order {whmcs_order_id} is not in WHMCS any more.") from None


def read_marks(found: Found, numbers: Collection[int]) -> Marked | None:
    """The one service of each line; None when there is none of any. Raises: NeedsReview for anything between."""
    if not any(found.values()):
        return None
    twice = sorted(number for number, services in found.items() if len(services) > 1)
    if twice:
        raise NeedsReview(Code.WHMCS_ERROR, f"WHMCS has more than one service for line {_listed(twice)}.")
    missing = sorted(number for number in numbers if not found.get(number))
    if missing:
        raise NeedsReview(Code.WHMCS_ERROR, f"WHMCS has a part of the order only: line {_listed(missing)} is missing.")
    unknown = sorted(found.keys() - set(numbers))
    if unknown:
        raise NeedsReview(
            Code.WHMCS_ERROR, f"WHMCS has a service for line {_listed(unknown)}, which the order has not."
        )
    orders = {services[0].whmcs_order_id for services in found.values()}
    if len(orders) != 1 or 0 in orders:
        raise NeedsReview(Code.WHMCS_ERROR, "The services of the order are not of one order in WHMCS.")
    return Marked(orders.pop(), {number: found[number][0].whmcs_service_id for number in numbers})


def settled_at(run: Run, settle: timedelta) -> datetime | None:
    """When what may have been sent must have arrived; None when surely nothing was."""
    return None if run.record.intent_at is None else run.record.intent_at + settle


def unsettled(run: Run, settle: timedelta, clock: Clock) -> bool:
    """Whether it is too early to say that nothing came of it (F4)."""
    until = settled_at(run, settle)
    return until is not None and clock.now() < until


def refuse_called_off(run: Run) -> None:
    """Raises: NeedsReview for an order that was called off when it could no longer be taken back (F13)."""
    if run.order.is_over and not run.is_fresh:
        text = f"The order was called off when it was too late to take it back ({run.record.state.value})."
        raise NeedsReview(Code.PROVISIONING_ERROR, text)


def _listed(numbers: Collection[int]) -> str:
    return ", ".join(str(number) for number in numbers)
