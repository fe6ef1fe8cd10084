"""The part of fulfilment that brings a SIM line to life: who may have one, what is asked for, and when it may be asked.

Nothing here is stored or repeated: the order's row says when a request may have been sent, and the network what became
of it. `after_looking` puts the two together.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NoReturn

from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import ApprovedOrder, BilledLine, Code, NotFulfillable
from portal_app.domain.sim_order import activation_of, use_of
from portal_app.domain.sims import Activation, ActivationFound, Receipt
from portal_app.errors import Busy, NotFound, UpstreamError, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.integrations.freebit.refusals import SYSTEM, SimRefused, classify
from portal_app.integrations.freebit.sims import ACTIVATION_TAKES, Sims
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.ids import as_18
from portal_app.storage.clock import Clock

Verdict = Literal["ask", "wait", "active", "refused", "look_later", "review"]
MAY_BE_OURS: Final = frozenset({"exists", "sim_in_use", "locked"})
"""Refusals that an earlier request of our own would explain: look before believing them."""
SETTLE: Final = ACTIVATION_TAKES + timedelta(minutes=1)
PASSING: Final = frozenset({"locked", "too_soon"})
_CODE: Final = re.compile(r"[0-9A-Za-z-]{1,20}", re.ASCII)


def after_looking(
    found: ActivationFound,
    *,
    asked_at: datetime | None,
    now: datetime,
    settle: timedelta,
    wanted: Activation,
    expected_by: datetime | None = None,
    asked_number: str = "",
) -> Verdict:
    """What to do next, given what was found under the number of `wanted`.

    `asked_at`: when the last attempt began whose request may have arrived; None when there was none, and after one that
    surely did nothing (SimRefused, UpstreamUnavailable, Busy), so that staff's correction is asked for. `expected_by`:
    of its receipt, None while it was never accepted. `asked_number`: the number it was for. `settle`: how long a
    request may go unseen (SimSteps.settle).

    ask: nothing of it is there, nor will be. wait: accepted, not done. active: go on. refused: the network failed it
    (shown_code). look_later: too early to say; never ask now. review: a person must look.
    """
    if asked_at is not None and asked_number and asked_number != wanted.line.freebit_line_number:
        return "review"  # Staff changed the number behind us: the other one may come alive, too.
    if found.state in ("active", "pending"):
        if asked_at is None and not _could_be_ours(found, wanted):
            return "review"
        return "active" if found.state == "active" else "wait"
    if found.state == "another":
        return "review"
    if asked_at is None:
        return "review" if found.state == "unclear" else "ask"
    if found.state == "failed" and expected_by is not None:
        return "refused"
    patient_until = asked_at + settle if expected_by is None else overdue_at(asked_at, expected_by)
    if now < patient_until:
        return "look_later"  # A failure may be an earlier try's, an absence only a line not shown yet.
    if found.state == "failed":
        return "refused"
    return "ask" if found.state == "absent" and expected_by is None else "review"


def overdue_at(asked_at: datetime, expected_by: datetime) -> datetime:
    """When somebody should worry about an accepted request: after twice the time it was expected to take."""
    return expected_by + (expected_by - asked_at)


def shown_code(failure: UpstreamError | ActivationFound) -> str:
    """For staff: the network's own code, and our word for it. No personal data."""
    if isinstance(failure, ActivationFound):
        code = failure.code if _CODE.fullmatch(failure.code) else ""
        return f"Freebit refused: {code} ({classify(code)})" if code else "Freebit failed the activation without a code"
    provider_code = getattr(failure, "provider_code", "")
    if provider_code:
        return f"Freebit refused: {provider_code} ({failure.code})"
    return f"Freebit was not asked: {failure.code}" if isinstance(failure, SimRefused) else f"Freebit: {failure.code}"


class SimSteps:
    """What the fulfilment of SIM orders calls. `sims` None: there is no network here.

    `settle`: how long after a request its line may still appear: as long as a write may take to arrive, and after that
    as long as the network may hide what it accepted.
    """

    def __init__(
        self,
        sims: Sims | None,
        checks: Checks,
        clock: Clock,
        *,
        plan_codes: Mapping[str, str],
        documents_for: frozenset[ProductLine],
        settle: timedelta = SETTLE,
    ) -> None:
        self._sims, self._checks, self._clock = sims, checks, clock
        self._plan_codes, self._documents_for, self.settle = dict(plan_codes), documents_for, settle

    async def identity(self, customer: Customer, order: ApprovedOrder) -> None:
        """The account's document, asked of Salesforce anew: nothing goes on before staff said yes (F13a).

        Raises: NotFulfillable (IDENTITY_NOT_VERIFIED, MAPPING_ERROR), UpstreamError, Busy.
        """
        if as_18(order.salesforce_account_id) != as_18(customer.salesforce_account_id):
            raise NotFulfillable(Code.MAPPING_ERROR, "The order is of another account than its customer.")
        if not self._needs_document(order):
            return
        try:
            document = (await self._checks.get(customer, anew=True)).document
        except NotFound:
            raise NotFulfillable(Code.MAPPING_ERROR, "The account of the order is not there.") from None
        if document is None or document.state != "verified":
            stands = "a status nobody knows" if document is None else document.state.replace("_", " ")
            text = f"The identity document of the account is not verified ({stands})."
            raise NotFulfillable(Code.IDENTITY_NOT_VERIFIED, text)

    def wanted(self, customer: Customer, order: ApprovedOrder, lines: Sequence[BilledLine]) -> Activation:
        """The line an order asks for; the same for the same order, on any day.

        Raises: NotFulfillable (SIM_STOCK_MISSING, VALIDATION_ERROR, MAPPING_ERROR; SIM_ERROR without a network).
        """
        self._network()
        return activation_of(order, lines, whmcs_client_id=customer.whmcs_client_id, plan_codes=self._plan_codes)

    async def find(self, customer: Customer, wanted: Activation) -> ActivationFound:
        """What became of it. Raises: UpstreamUnavailable, UpstreamReplyChanged, Busy: then nothing is known."""
        return await self._network().find_activation(customer, wanted)

    async def ask(self, customer: Customer, wanted: Activation) -> Receipt:
        """Ask once. Refused because it is there already, and it is ours: that is a receipt, too.

        Raises: SimRefused, UpstreamUnavailable, Busy (all surely not done), UpstreamOutcomeUnknown.
        """
        try:
            return await self._network().request_activation(customer, wanted)
        except SimRefused as refused:
            if refused.code in MAY_BE_OURS and (mine := await self._mine(customer, wanted, refused)):
                return mine
            _give_up(refused)

    async def _mine(self, customer: Customer, wanted: Activation, refused: SimRefused) -> Receipt | None:
        try:
            found = await self.find(customer, wanted)
        except (UpstreamError, Busy):
            raise UpstreamOutcomeUnknown(SYSTEM, refused.operation, refused.code) from None
        if found.state not in ("pending", "active"):
            return None
        now = self._clock.now()
        return Receipt(accepted_at=now, expected_by=now + ACTIVATION_TAKES, done=found.state == "active")

    def _network(self) -> Sims:
        if self._sims is None:
            raise NotFulfillable(Code.SIM_ERROR, "No mobile network is set up here (FREEBIT_API_BASE_URL).")
        return self._sims

    def _needs_document(self, order: ApprovedOrder) -> bool:
        """The lines staff named, and whatever can be called on: also what does not say that it cannot."""
        if order.line in self._documents_for:
            return True
        return order.line is ProductLine.SIM and use_of(order) not in ("data", "data_sms")


def _give_up(refused: SimRefused) -> NoReturn:
    if refused.code in PASSING:
        raise UpstreamUnavailable(SYSTEM, refused.operation, refused.code) from refused
    raise refused


def _could_be_ours(found: ActivationFound, wanted: Activation) -> bool:
    """Of a line we have no memory of asking for: ours from before a restore, or a contract of its own?"""
    sim = found.sim
    return sim is not None and sim.state in ("active", "pending") and sim.plan_code in ("", wanted.plan_code)
