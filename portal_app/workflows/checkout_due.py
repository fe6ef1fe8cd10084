"""Submitted carts without an outcome: what the worker looks for every few seconds."""

import asyncio
import logging
from typing import Final

from portal_app.integrations.upstream import deadline
from portal_app.storage.carts import CartRecord, Carts, LeaseLost
from portal_app.workflows.checkout_steps import CheckoutSteps

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
"""All that are claimed are begun at once: a lease must not run out before its turn comes."""
MOST_BATCHES: Final = 50
RUN_S: Final = 60.0
"""Less than a lease, so that nothing is sent by somebody who no longer holds the cart."""


class DueCarts:
    """Several workers may do this at once: each cart is held by one of them."""

    def __init__(self, carts: Carts, steps: CheckoutSteps) -> None:
        self._carts, self._steps = carts, steps

    async def resume(self) -> int:
        """Go on with every cart that is due; how many there were."""
        looked_at = 0
        for _ in range(MOST_BATCHES):
            due = await self._carts.claim_due(AT_ONCE)
            await asyncio.gather(*(self._go_on(record) for record in due))
            looked_at += len(due)
            if len(due) < AT_ONCE:
                break
        return looked_at

    async def _go_on(self, record: CartRecord) -> None:
        try:
            with deadline(RUN_S, inherit=False):
                await self._steps.resume(record)
        except LeaseLost:
            return
        except Exception:
            # One cart must not keep the others from their turn; its lease runs out and it is tried again.
            log.exception("checkout interrupted", extra={"user_id": record.user_id})
