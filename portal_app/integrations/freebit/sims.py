"""What fulfilment asks of the mobile network: bring a line to life, look what became of it, register voice options.

Freebit knows no customers: whose a number is comes from the order or the service a SimLine was made from.
"""

import logging
from datetime import timedelta
from typing import Final, Literal

from portal_app.domain.customer import Customer
from portal_app.domain.sim import PortIn
from portal_app.domain.sims import (
    Activation,
    ActivationFound,
    Receipt,
    Sim,
    SimLine,
    VoiceOptions,
    check_activation,
    judge_activation,
    national_number,
    read_line_number,
)
from portal_app.errors import NotFound, UpstreamRejected
from portal_app.integrations.freebit.client import (
    ADD_ESIM,
    ADD_OTA,
    BACKGROUND,
    CARD_REGISTER,
    DETAIL,
    FIRST_VOICE,
    Caller,
    FreebitClient,
)
from portal_app.integrations.freebit.lines import HasNow, owned_account, receipt, today
from portal_app.integrations.freebit.mapping import activation_fields, holder_fields, option_fields, to_sim
from portal_app.integrations.freebit.refusals import SYSTEM, SimRefused

Stock = Literal["over_the_air", "prepared"]
"""How our cards come: written when they are activated (PA05-33), or before (PA05-18, then -19)."""
ACTIVATION_TAKES: Final = timedelta(minutes=10)
VOICE_TAKES: Final = timedelta(minutes=30)
QUEUED: Final = "10"
log = logging.getLogger(__name__)


class Sims:
    """One writer per line at a time is up to the caller's lease. Nothing here is sent twice by itself."""

    def __init__(self, client: FreebitClient, clock: HasNow, *, stock: Stock = "over_the_air") -> None:
        self._client, self._clock, self._stock = client, clock, stock

    async def get_sim(self, customer: Customer, line: SimLine) -> Sim:
        """The line as it is now. Raises: NotFound, also for another customer's; UpstreamUnavailable."""
        sim = await self._find(customer, line, Caller(customer.user_id))
        if sim is None:
            raise NotFound("sim")
        return sim

    async def list_sims(self) -> tuple[Sim, ...]:
        """Every line there is, whoever owns it: for reconciliation only. What is no phone line is left out."""
        return tuple(to_sim(wire) for wire in await self._client.list_details() if read_line_number(wire.account))

    async def request_activation(self, customer: Customer, wanted: Activation) -> Receipt:
        """Asks for it once; poll find_activation from then on, and worry after twice the expected time.

        Raises: SimRefused (with a code `invalid_<field>` when nothing was sent; `exists` may mean our own earlier
        request: look), UpstreamUnavailable (nothing was done), UpstreamOutcomeUnknown (look with find_activation after
        the settle time, at least ACTIVATION_TAKES where the network hides what is pending, before asking again).
        """
        operation = ADD_ESIM if wanted.form == "esim" else ADD_OTA
        owned_account(customer, wanted.line, operation)
        if wrong := check_activation(wanted, today(self._clock)):
            raise SimRefused(operation, f"invalid_{wrong}")
        if wanted.form == "physical" and self._stock == "prepared":
            return await self._register_card(wanted)
        if wanted.form == "esim":
            await self._client.add_esim(activation_fields(wanted), caller=BACKGROUND)
        else:
            await self._client.add_ota(activation_fields(wanted), caller=BACKGROUND)
        return receipt(self._clock, ACTIVATION_TAKES, wanted.start_on)

    async def find_activation(self, customer: Customer, wanted: Activation) -> ActivationFound:
        """What became of an activation, by the number, and by the EID or product number it is for.

        The probe before every repeat. Raises: UpstreamUnavailable, UpstreamReplyChanged: then nothing is known.
        """
        return judge_activation(wanted, await self._find(customer, wanted.line, BACKGROUND))

    async def request_voice(self, customer: Customer, line: SimLine, options: VoiceOptions, holder: PortIn) -> Receipt:
        """First registration of voice options on an active line; get_sim shows them once they are on.

        `holder`: names, birth date and gender as the identity check has them. Raises: as request_activation.
        """
        account = owned_account(customer, line, FIRST_VOICE)
        sent = option_fields(options)
        if not sent:
            raise SimRefused(FIRST_VOICE, "invalid_options")
        await self._client.add_voice(account, sent, holder_fields(holder), caller=BACKGROUND)
        return receipt(self._clock, VOICE_TAKES)

    async def _register_card(self, wanted: Activation) -> Receipt:
        """Two writes: a card that is queued already, by an earlier try, is not queued again."""
        if wanted.port_in is not None or wanted.start_on is not None:
            raise SimRefused(CARD_REGISTER, "unsupported")
        account = national_number(wanted.line.freebit_line_number)
        if not await self._is_queued(wanted):
            await self._client.queue_card(account, wanted.product_number, caller=BACKGROUND)
        await self._client.register_card(activation_fields(wanted), caller=BACKGROUND)
        return receipt(self._clock, timedelta(0), done=True)

    async def _is_queued(self, wanted: Activation) -> bool:
        try:
            return await self._client.get_card(wanted.product_number, caller=BACKGROUND) == QUEUED
        except UpstreamRejected as refused:
            if refused.code == "not_found":
                return False
            raise

    async def _find(self, customer: Customer, line: SimLine, caller: Caller) -> Sim | None:
        account = owned_account(customer, line, DETAIL)
        try:
            wire = await self._client.get_detail(account, caller=caller)
        except UpstreamRejected as refused:
            if refused.code == "not_found":
                return None
            raise
        sim = to_sim(wire)
        if sim.state == "unknown":
            log.error("unknown state of a line", extra={"system": SYSTEM, "operation": DETAIL})
        return sim
