"""The line of a SIM order: asked for once, waited for, and its number noted at the service (F10, F13a)."""

from datetime import datetime, timedelta
from typing import Final

from portal_app.domain.fulfilment import Code, Hold, NeedsReview, State
from portal_app.domain.sims import Activation, ActivationFound, national_number
from portal_app.integrations.freebit.sims import ACTIVATION_TAKES
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.storage.clock import Clock
from portal_app.storage.fulfilments import FulfilmentRecord, Fulfilments
from portal_app.workflows.fulfilment_billing import refuse_called_off
from portal_app.workflows.fulfilment_found import status_in_whmcs
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Calls, Run
from portal_app.workflows.fulfilment_sims import SimSteps, Verdict, after_looking, overdue_at, shown_code

FIRST_LOOK: Final = timedelta(seconds=2)
LONGEST_LOOK: Final = timedelta(minutes=5)
REVIEW: Final = "The mobile network has something under the number of the line that does not fit the order."
LATE: Final = "The line is not active after twice the time that was expected."


class ActivationSteps:
    """SIM_INTENT, SIM_WAIT, SIM_ACTIVE."""

    def __init__(
        self,
        moves: Moves,
        calls: Calls,
        sim_steps: SimSteps,
        billing_orders: BillingOrders,
        fulfilments: Fulfilments,
        clock: Clock,
    ) -> None:
        self._moves, self._calls, self._sims = moves, calls, sim_steps
        self._billing_orders, self._fulfilments, self._clock = billing_orders, fulfilments, clock

    async def intent(self, run: Run) -> None:
        """Look what is there; ask only where nothing of it is, nor will be."""
        refuse_called_off(run)
        wanted = self._sims.wanted(run.customer, run.order, run.record.lines)
        asked_at = None if run.is_fresh else run.record.intent_at
        found = await self._sims.find(run.customer, wanted)
        await self._refuse_shared(run, wanted, found)
        match self._verdict(run, wanted, found, asked_at):
            case "ask":
                await self._ask(run, wanted)
            case "wait":
                looks_at = self._next_look(run.record)
                await self._accepted(run, wanted, self._clock.now() + ACTIVATION_TAKES, looks_at)
            case "active":
                await self._active(run, wanted)
            case "refused":
                await self._refused(run, found)
            case "look_later":
                await self._moves.put_off(run, self._next_look(run.record))
            case "review":
                raise NeedsReview(Code.SIM_ERROR, REVIEW)

    async def wait(self, run: Run) -> None:
        """Accepted is not done."""
        refuse_called_off(run)
        record = run.record
        wanted = self._sims.wanted(run.customer, run.order, record.lines)
        found = await self._sims.find(run.customer, wanted)
        match self._verdict(run, wanted, found, record.intent_at):
            case "active":
                await self._active(run, wanted)
            case "refused":
                await self._refused(run, found)
            case "wait" | "look_later" if not self._is_late(record):
                await self._moves.wait(run, self._next_look(record))
            case "wait" | "look_later":
                raise NeedsReview(Code.SIM_ERROR, LATE)
            case _:
                raise NeedsReview(Code.SIM_ERROR, REVIEW)

    async def active(self, run: Run) -> None:
        """By its number staff and the portal find the line, so it stands at the service before that is accepted."""
        refuse_called_off(run)
        record = run.record
        service_id = next(record.whmcs_service_ids[line.number] for line in record.lines if line.is_service)
        await self._calls.repeatable(
            "sim_number",
            lambda: self._billing_orders.note_number(run.customer, service_id, national_number(record.sim_number)),
        )
        await self._moves.intend(run, State.ACCEPT_INTENT)

    async def _ask(self, run: Run, wanted: Activation) -> None:
        if not run.is_fresh:
            await status_in_whmcs(run, self._billing_orders)
            await self._sims.identity(run.customer, run.order)
            number = wanted.line.freebit_line_number
            await self._moves.intend(run, State.SIM_INTENT, sim_number=number, expected_by=None)
        receipt = await self._calls.once(run, "sim_activation", lambda: self._sims.ask(run.customer, wanted))
        look_at = self._clock.now() if receipt.done else self._clock.now() + FIRST_LOOK
        await self._accepted(run, wanted, receipt.expected_by, look_at)

    async def _refuse_shared(self, run: Run, wanted: Activation, found: ActivationFound) -> None:
        """A line that another order of the customer has, or has asked for, is not this one's, too (I1)."""
        number = wanted.line.freebit_line_number
        for other in await self._fulfilments.sims_of(run.customer.user_id):
            if other.salesforce_order_id == run.order_id or other.sim_number != number:
                continue
            ended = other.is_over and found.state not in ("active", "pending")  # the number is free again
            asked = other.state is not State.SIM_INTENT or other.intent_at is not None
            if asked and not ended:
                raise NeedsReview(Code.SIM_ERROR, f"Order {other.order_number} has the same phone number.")

    async def _accepted(self, run: Run, wanted: Activation, expected_by: datetime, look_at: datetime) -> None:
        """With the number it was found under: staff may have changed it after a refusal."""
        await self._moves.forward(
            run,
            State.SIM_WAIT,
            sim_number=wanted.line.freebit_line_number,
            expected_by=expected_by,
            intent_at=run.record.intent_at or self._clock.now(),
            next_attempt_at=look_at,
        )

    async def _active(self, run: Run, wanted: Activation) -> None:
        number = wanted.line.freebit_line_number
        await self._moves.forward(run, State.SIM_ACTIVE, seen="set_up", sim_number=number)

    async def _refused(self, run: Run, found: ActivationFound) -> None:
        """Nothing is active, so staff may have it asked for once more."""
        text = shown_code(found)
        await self._moves.leave(
            run,
            Hold.PAUSED,
            Code.SIM_ERROR,
            text,
            to_state=State.SIM_INTENT,
            intent_at=None,
            expected_by=None,
        )

    def _verdict(self, run: Run, wanted: Activation, found: ActivationFound, asked_at: datetime | None) -> Verdict:
        return after_looking(
            found,
            asked_at=asked_at,
            now=self._clock.now(),
            settle=self._sims.settle,
            wanted=wanted,
            expected_by=run.record.expected_by,
            asked_number=run.record.sim_number,
        )

    def _is_late(self, record: FulfilmentRecord) -> bool:
        if record.intent_at is None or record.expected_by is None:
            return False
        return self._clock.now() >= overdue_at(record.intent_at, record.expected_by)

    def _next_look(self, record: FulfilmentRecord) -> datetime:
        """Often at first, then less and less."""
        now = self._clock.now()
        waited = now - (record.intent_at or now)
        return now + min(max(waited / 4, FIRST_LOOK), LONGEST_LOOK)
