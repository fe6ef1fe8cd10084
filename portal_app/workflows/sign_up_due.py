"""The sign-ups whose next try is due: what the worker looks for every few seconds."""

import asyncio
import logging
from typing import Final

from portal_app.errors import Busy, UpstreamError
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.upstream import deadline
from portal_app.storage.signups import WAITING_FOR_STAFF, LeaseLost, SignupRecord, Signups
from portal_app.workflows.findings import code_of
from portal_app.workflows.sign_up_steps import RUN_S, Decisions, SignUpSteps

log = logging.getLogger(__name__)

BATCH: Final = 20
MOST_BATCHES: Final = 10
AT_ONCE: Final = 4


class DueSignUps:
    """Several workers may do this at once: each row is held by one of them."""

    def __init__(self, signups: Signups, cases: Cases, steps: SignUpSteps) -> None:
        self._signups, self._cases, self._steps = signups, cases, steps

    async def advance(self) -> int:
        """Take every step that can be taken now; how many rows were looked at."""
        looked_at = 0
        for _ in range(MOST_BATCHES):
            looked_at += (taken := await self._batch())
            if taken < BATCH:
                break
        return looked_at

    async def _batch(self) -> int:
        due = await self._signups.claim_due(BATCH)
        decisions = await self._decisions([record for record in due if record.state == WAITING_FOR_STAFF])
        slots = asyncio.Semaphore(AT_ONCE)

        async def go_on(record: SignupRecord) -> None:
            async with slots:
                await self._go_on(record, decisions)

        await asyncio.gather(*(go_on(record) for record in due))
        return len(due)

    async def _go_on(self, record: SignupRecord, decisions: Decisions | None) -> None:
        try:
            if record.state == WAITING_FOR_STAFF and decisions is None:
                await self._steps.failed(record, "decisions_not_read")
                return
            with deadline(RUN_S, inherit=False):
                await self._steps.run(record, decisions)
        except LeaseLost:
            return
        except Exception:
            # One row must not keep the others from their turn; its lease runs out and it is tried again.
            log.exception("sign_up_interrupted")

    async def _decisions(self, waiting: list[SignupRecord]) -> Decisions | None:
        """What staff decided about these, asked once for all of them; None when Salesforce does not say."""
        if not waiting:
            return {}
        try:
            return await self._cases.decisions([record.case_id for record in waiting])
        except (UpstreamError, Busy) as failure:
            log.warning("decisions_not_read", extra={"code": code_of(failure)})
            return None
