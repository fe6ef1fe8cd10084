"""What a failure means to an order: try again later, wait for somebody, or have a person look (F5, F12)."""

import logging
from datetime import datetime, timedelta
from typing import Final

from portal_app.domain.fulfilment import INTENTS, Code, Hold, NeedsReview, NotFulfillable
from portal_app.errors import NotFound, PortalError, UpstreamRejected
from portal_app.storage.clock import Clock
from portal_app.workflows.findings import code_of
from portal_app.workflows.fulfilment_billing import settled_at
from portal_app.workflows.fulfilment_moves import Moves
from portal_app.workflows.fulfilment_run import Run
from portal_app.workflows.fulfilment_sims import shown_code

WHMCS, FREEBIT = "whmcs", "freebit"
_CODES: Final = {WHMCS: Code.WHMCS_ERROR, FREEBIT: Code.SIM_ERROR}
log = logging.getLogger(__name__)


class Failures:
    """`settle` decides and moves the order."""

    def __init__(self, moves: Moves, clock: Clock, *, settle: timedelta) -> None:
        self._moves, self._clock, self._settle = moves, clock, settle

    async def settle(self, run: Run, failure: Exception) -> None:
        """Hold the order for that failure. Raises: LeaseLost, and what the database raises."""
        not_done = {"intent_at": None} if run.outcome == "not_done" else {}
        match failure:
            case NeedsReview():
                await self._moves.leave(run, Hold.REVIEW, failure.code, failure.text, **not_done)
            case NotFulfillable():
                await self._moves.leave(run, Hold.PAUSED, failure.code, failure.text, **not_done)
            case UpstreamRejected() if failure.system in _CODES:
                code, text = _CODES[failure.system], _said(failure)
                await self._moves.leave(run, Hold.PAUSED, code, text, **not_done)
            case NotFound(kind="client" | "account"):
                text = f"The {failure.kind} of the order is not there."
                await self._moves.leave(run, Hold.PAUSED, Code.MAPPING_ERROR, text, **not_done)
            case NotFound(kind="service" | "order"):
                text = f"The {failure.kind} is not in WHMCS any more."
                await self._moves.leave(run, Hold.REVIEW, Code.WHMCS_ERROR, text, **not_done)
            case _:
                await self._again(run, failure)

    async def _again(self, run: Run, failure: Exception) -> None:
        if not isinstance(failure, PortalError):
            log.error("fulfilment surprised", exc_info=failure, extra={"state": run.record.state.value})
        system = getattr(failure, "system", "")
        code = _CODES.get(system, Code.PROVISIONING_ERROR)
        text = f"{system or 'The portal'}: {_word(failure)}"
        await self._moves.retry(run, code, text, not_before=self._settled(run))

    def _settled(self, run: Run) -> datetime | None:
        """A lost answer is looked after when it must have arrived; everything else as soon as may be (F5)."""
        if run.outcome != "unknown" or run.record.state not in INTENTS:
            return None
        return settled_at(run, self._settle)


def _said(failure: UpstreamRejected) -> str:
    return shown_code(failure) if failure.system == FREEBIT else f"WHMCS refused {failure.operation}: {failure.code}"


def _word(failure: Exception) -> str:
    """Never a failure's own text: it may quote what was sent."""
    operation = getattr(failure, "operation", "")
    return f"{operation} {code_of(failure)}".strip() if isinstance(failure, PortalError) else "unexpected failure"
