"""Before anything is sent: is the order wanted, whose is it, can it be set up, and is it time (F12, F13a)."""

from datetime import datetime, time
from typing import Any

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import Code, NotFulfillable, State, billed_lines
from portal_app.domain.pay_methods import first_usable
from portal_app.errors import NotFound
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.storage.clock import JAPAN, Clock
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Run
from portal_app.workflows.fulfilment_sims import SimSteps


class Validation:
    """RECEIVED, VALIDATED, SCHEDULED."""

    def __init__(self, moves: Moves, pay_methods: PayMethods, sim_steps: SimSteps, clock: Clock) -> None:
        self._moves, self._pay_methods, self._sims, self._clock = moves, pay_methods, sim_steps, clock

    async def received(self, run: Run) -> None:
        """An order that is done already is done; one that staff have not approved waits for them."""
        order = run.order
        if order.is_over:
            await self._moves.ended(run, State.CANCELLED)
        elif order.is_activated:
            await self._moves.ended(run, State.COMPLETED)
        elif not (order.is_approved or order.is_activating):
            await self._moves.wait(run, None)
        else:
            line = order.line.value if order.line else ""
            owner = run.owner
            whose = {"user_id": owner.user_id, "whmcs_client_id": owner.whmcs_client_id} if owner else {}
            await self._moves.forward(
                run, State.VALIDATED, seen="approved", order_number=order.number, line=line, **whose
            )

    async def validated(self, run: Run) -> None:
        """Everything that could stop it, asked anew; then the first intent."""
        if await self._moves.is_wanted(run):
            await self._begin(run)

    async def scheduled(self, run: Run) -> None:
        """Its day may have come, or been moved."""
        until = self._day_of(run)
        if run.order.is_over:
            await self._moves.ended(run, State.CANCELLED)
        elif until is not None:
            await self._moves.wait(run, until)
        else:
            await self._moves.forward(run, State.VALIDATED)

    async def _begin(self, run: Run) -> None:
        order, customer = run.order, run.customer
        lines = billed_lines(order)
        noted: dict[str, Any] = {
            "order_number": order.number,
            "line": order.line.value if order.line else "",
            "user_id": customer.user_id,
            "whmcs_client_id": customer.whmcs_client_id,
        }
        if order.line is ProductLine.SIM:
            self._sims.wanted(customer, order, lines)
        await self._sims.identity(customer, order)
        await self._payable(run)
        if (until := self._day_of(run)) is not None:
            report = "" if run.shown == ("scheduled", "") else "scheduled"
            noted |= {} if report else {"next_attempt_at": until}
            await self._moves.forward(run, State.SCHEDULED, report=report, **noted)
        else:
            await self._moves.intend(run, State.ADD_INTENT, lines=lines, **noted)

    async def _payable(self, run: Run) -> None:
        try:
            methods = await self._pay_methods.list_methods(run.customer, anew=True)
        except NotFound:
            raise NotFulfillable(Code.MAPPING_ERROR, "WHMCS does not know the client of this customer.") from None
        if first_usable(methods, self._clock.today_in_japan()) is None:
            raise NotFulfillable(Code.PAYMENT_METHOD_MISSING, "The customer has no payment method that can be used.")

    def _day_of(self, run: Run) -> datetime | None:
        """When the day begins in Japan on which it shall start; None when it is not ahead."""
        day = run.order.starts_on
        if day is None or day <= self._clock.today_in_japan():
            return None
        return datetime.combine(day, time(), JAPAN)
