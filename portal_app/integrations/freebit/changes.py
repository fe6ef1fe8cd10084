"""What a customer changes on a running line. Each is asked for once, is done later, and shows in Sims.get_sim then.

After UpstreamOutcomeUnknown: look at the line; what is not there after the receipt's time is for a person.
"""

from datetime import date, timedelta
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.domain.sim import check_eid
from portal_app.domain.sims import NetworkLine, Receipt, Sim, SimLine, VoiceOptions
from portal_app.integrations.freebit.client import (
    ADD_ESIM,
    CANCEL,
    CHANGE_NETWORK,
    CHANGE_PLAN,
    CHANGE_VOICE,
    Caller,
    FreebitClient,
)
from portal_app.integrations.freebit.lines import HasNow, owned_account, receipt, today
from portal_app.integrations.freebit.mapping import option_fields, reissue_fields
from portal_app.integrations.freebit.refusals import SimRefused

PLAN_TAKES: Final = timedelta(minutes=10)
VOICE_TAKES: Final = timedelta(minutes=30)
NETWORK_TAKES: Final = timedelta(minutes=30)
REISSUE_TAKES: Final = timedelta(minutes=30)
CANCEL_TAKES: Final = timedelta(minutes=10)


class SimChanges:
    """Raises everywhere: NotFound for another customer's line; SimRefused, among others `locked`, `too_soon`,
    `wrong_state`, `no_change`; UpstreamUnavailable (nothing was done); UpstreamOutcomeUnknown.
    """

    def __init__(self, client: FreebitClient, clock: HasNow) -> None:
        self._client, self._clock = client, clock

    async def request_plan(self, customer: Customer, line: SimLine, plan_code: str, on: date) -> Receipt:
        """Books another plan from a day on; one booking at a time."""
        account = self._checked_day(customer, line, CHANGE_PLAN, on)
        await self._client.change_plan(account, plan_code, on, caller=Caller(customer.user_id))
        return receipt(self._clock, PLAN_TAKES, on)

    async def request_voice(self, customer: Customer, line: SimLine, change: VoiceOptions) -> Receipt:
        """Options that are None stay. Cannot be stopped; the line is locked meanwhile."""
        account = owned_account(customer, line, CHANGE_VOICE)
        options = option_fields(change)
        if not options:
            raise SimRefused(CHANGE_VOICE, "invalid_options")
        await self._client.change_voice(account, options, caller=Caller(customer.user_id))
        return receipt(self._clock, VOICE_TAKES)

    async def request_network(self, customer: Customer, line: SimLine, network: NetworkLine) -> Receipt:
        """About half an hour, in which the line is locked."""
        account = owned_account(customer, line, CHANGE_NETWORK)
        await self._client.change_network(account, network, caller=Caller(customer.user_id))
        return receipt(self._clock, NETWORK_TAKES)

    async def request_reissue(self, customer: Customer, line: SimLine, sim: Sim, new_eid: str) -> Receipt:
        """A profile for another phone; `sim` is the line as it was just read. The old profile or card dies."""
        account = owned_account(customer, line, ADD_ESIM)
        if sim.number != line.freebit_line_number or not (sim.eid or sim.product_number):
            raise SimRefused(ADD_ESIM, "invalid_old_sim")
        if check_eid(new_eid) or new_eid == sim.eid:
            raise SimRefused(ADD_ESIM, "invalid_eid")
        await self._client.add_esim(reissue_fields(account, sim, new_eid), caller=Caller(customer.user_id))
        return receipt(self._clock, REISSUE_TAKES)

    async def request_cancellation(self, customer: Customer, line: SimLine, on: date) -> Receipt:
        """Ends the line on a day; the number is lost. Never at once: without a day Freebit would end it now."""
        account = self._checked_day(customer, line, CANCEL, on)
        await self._client.cancel(account, on, caller=Caller(customer.user_id))
        return receipt(self._clock, CANCEL_TAKES, on)

    def _checked_day(self, customer: Customer, line: SimLine, operation: str, on: date) -> str:
        account = owned_account(customer, line, operation)
        if on <= today(self._clock):
            raise SimRefused(operation, "invalid_day")
        return account
