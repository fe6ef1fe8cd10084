"""An order's row as far as its SIM goes: works on it as fulfilment does, a time before each request, looking first.

`Staff` are those who look at documents.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck, DocumentState
from portal_app.domain.fulfilment import ApprovedOrder, billed_lines
from portal_app.domain.sims import Activation
from portal_app.errors import Busy, UpstreamError, UpstreamOutcomeUnknown
from portal_app.integrations.freebit.refusals import SimRefused
from portal_app.integrations.salesforce.checks import AccountChecks
from portal_app.storage.clock import Clock
from portal_app.workflows.fulfilment_sims import SimSteps, Verdict, after_looking, shown_code
from tests.fakes.sim_orders import OWNER


class Staff:
    """Who decides about documents; `state` None: a word nobody knows."""

    def __init__(self, state: DocumentState | None = "verified") -> None:
        self.state = state
        self.asked: list[bool] = []
        self.failure: Exception | None = None

    async def get(self, customer: Customer, *, anew: bool = False) -> AccountChecks:
        self.asked.append(anew)
        if self.failure:
            raise self.failure
        return AccountChecks(None, DocumentCheck(self.state) if self.state else None)


@dataclass
class SimLife:
    """`settle` and `remembers` may switch a protection off. `held` says why nothing goes on."""

    steps: SimSteps
    clock: Clock
    order: ApprovedOrder
    settle: timedelta
    remembers: bool = True
    asked_at: datetime | None = None
    asked_number: str = ""
    expected_by: datetime | None = None
    held: str = ""
    done: bool = False

    async def work(self, dies_after_s: float | None = None) -> None:
        """One visit. A worker that dies forgets whatever it has not stored."""
        wanted = self.steps.wanted(OWNER, self.order, billed_lines(self.order))
        try:
            verdict = await self._look(wanted)
        except (UpstreamError, Busy):
            return
        if verdict == "ask":
            self.asked_at, self.asked_number = self.clock.now(), wanted.line.freebit_line_number
            try:
                async with asyncio.timeout(dies_after_s):
                    await self._ask(wanted)
            except TimeoutError:
                return
        self.done = verdict == "active"
        if verdict == "review":
            self.held = verdict

    async def _look(self, wanted: Activation) -> Verdict:
        found = await self.steps.find(OWNER, wanted)
        verdict = after_looking(
            found,
            asked_at=self.asked_at,
            now=self.clock.now(),
            settle=self.settle,
            wanted=wanted,
            expected_by=self.expected_by,
            asked_number=self.asked_number if self.remembers else "",
        )
        if verdict == "refused":
            self.held = shown_code(found)
        return verdict

    async def _ask(self, wanted: Activation) -> None:
        try:
            self.expected_by = (await self.steps.ask(OWNER, wanted)).expected_by
        except UpstreamOutcomeUnknown:
            return
        except SimRefused as refused:
            self.forget(shown_code(refused))
        except (UpstreamError, Busy):
            self.forget()

    def forget(self, held: str = "") -> None:
        """Surely nothing was done, or staff want another try."""
        self.asked_at, self.asked_number, self.expected_by, self.held = None, "", None, held
