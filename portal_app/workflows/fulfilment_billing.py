"""The order in WHMCS: placed once, recognised by its marks, and accepted (F2-F6)."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import Code, Hold, NeedsReview, NotFulfillable, State, billed_lines
from portal_app.errors import Busy, NotFound, UpstreamError, UpstreamRejected
from portal_app.integrations.whmcs.orders import AMBIGUOUS, BillingOrders
from portal_app.storage.clock import Clock
from portal_app.workflows.findings import code_of
from portal_app.workflows.fulfilment_found import (
    ACTIVE,
    Marked,
    expect_order,
    listed,
    read_marks,
    read_there,
    status_in_whmcs,
)
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Calls, Run, settle_of
from portal_app.workflows.fulfilment_sims import SimSteps

log = logging.getLogger(__name__)


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
            _expect_order(run, run.order.whmcs_order_id, found)
            await self._adopt(run, found)
        elif run.order.whmcs_order_id:
            text = f"The order names order {run.order.whmcs_order_id} of WHMCS, where nothing carries its mark."
            raise NeedsReview(Code.WHMCS_ERROR, text)
        elif served := [line.number for line in run.order.lines if line.whmcs_service_id]:
            text = f"Line {listed(served)} of the order names a service of WHMCS, where nothing carries its mark."
            raise NeedsReview(Code.WHMCS_ERROR, text)
        elif not run.is_fresh and unsettled(run, self._settle, self._clock):
            await self._moves.put_off(run, settled_at(run, self._settle))
        elif run.is_fresh:
            await self._add(run)
        else:
            await self._add_again(run)

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
        if marked is not None and marked.whmcs_order_id != record.whmcs_order_id:
            _expect_order(run, str(record.whmcs_order_id), marked)
            await self._adopt(run, marked)
            return
        ids = marked.service_ids if marked else record.whmcs_service_ids
        await self._note_opportunity(run, list(ids.values()))
        if record.line == ProductLine.SIM:
            await status_in_whmcs(run, self._orders)
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

    async def _add_again(self, run: Run) -> None:
        """Nothing with our marks came of an earlier attempt: is it still wanted, as it stands now?"""
        if await self._moves.is_wanted(run):
            order = run.order
            lines = billed_lines(order)
            await self._refuse_strays(run)
            line = order.line.value if order.line else ""
            await self._moves.intend(run, State.ADD_INTENT, lines=lines, line=line)
            await self._add(run)

    async def _refuse_strays(self, run: Run) -> None:
        """Where WHMCS did not keep the marks, what an attempt without an answer made is not found by them (F3)."""
        record = run.record
        if record.intent_at is None:
            return
        products = {line.whmcs_product_id for line in record.lines}
        strays = await self._orders.find_unmarked(run.customer, products, since=record.intent_at)
        if strays:
            text = f"It may have been ordered: service {listed(strays)} of WHMCS is new and has no mark."
            raise NeedsReview(Code.WHMCS_ERROR, text)

    async def _add(self, run: Run) -> None:
        order, lines = run.order, run.record.lines
        added = await self._calls.once(
            run,
            "add_order",
            lambda: self._orders.add(
                run.customer,
                run.order_id,
                lines,
                opportunity_id=order.salesforce_opportunity_id,
                invoice=run.record.line != ProductLine.SIM,
            ),
        )
        run.is_noted = added.is_noted
        await self._moves.forward(
            run,
            State.ADDED,
            seen="billing",
            whmcs_order_id=added.whmcs_order_id,
            whmcs_service_ids=dict(added.service_ids),
            whmcs_invoice_id=added.whmcs_invoice_id,
        )

    async def _adopt(self, run: Run, marked: Marked) -> None:
        there = await read_there(run, self._orders, marked.whmcs_order_id)
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
        except UpstreamRejected as refused:
            # "Not found or not pending" may be our own earlier success (F6).
            if not await self._is_accepted_after(run, refused):
                raise
        await self._accepted(run)

    async def _is_accepted_after(self, run: Run, refused: UpstreamRejected) -> bool:
        """A module may have done a part of its work before it said no: without a look it is not asked again."""
        try:
            return await self._is_accepted(run)
        except (UpstreamError, Busy):
            if refused.code == AMBIGUOUS:
                raise
            return False

    async def _note_opportunity(self, run: Run, service_ids: Collection[int]) -> None:
        """For staff in WHMCS only, so no order waits for it."""
        opportunity_id = run.order.salesforce_opportunity_id
        if run.is_noted or not opportunity_id:
            return
        try:
            await self._calls.aside(lambda: self._orders.note_opportunity(run.customer, service_ids, opportunity_id))
        except (UpstreamError, Busy, NotFound) as failure:
            log.warning("opportunity not noted at its services", extra={"code": code_of(failure)})

    async def _accepted(self, run: Run) -> None:
        await self._moves.forward(run, State.ACCEPTED, seen="set_up")

    async def _is_accepted(self, run: Run) -> bool:
        return await status_in_whmcs(run, self._orders) == ACTIVE


def _expect_order(run: Run, whmcs_order_id: str, marked: Marked) -> None:
    """Once a person has looked, the marks say which order it is."""
    if run.record.hold is not Hold.REVIEW:
        expect_order(whmcs_order_id, marked)


def settled_at(run: Run, settle: timedelta) -> datetime | None:
    """When what may have been sent must have arrived; None when surely nothing was."""
    at = run.record.intent_at
    return None if at is None else at + settle_of(run.record.state, settle)


def unsettled(run: Run, settle: timedelta, clock: Clock) -> bool:
    """Whether it is too early to say that nothing came of it (F4)."""
    until = settled_at(run, settle)
    return until is not None and clock.now() < until


def refuse_called_off(run: Run) -> None:
    """Raises: NeedsReview for an order that was called off when it could no longer be taken back (F13)."""
    if run.order.is_over and not run.is_fresh:
        text = f"The order was called off when it was too late to take it back ({run.record.state.value})."
        raise NeedsReview(Code.PROVISIONING_ERROR, text)
