"""One holder's way with one order: what is known of it now, and how anything is sent on its behalf.

Nothing that changes something outside is sent but through here: each call that an order waits for is a crash point with
a name, an intent's call has until shortly before the settle time, and what is known of its outcome is kept.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal, TypeVar

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import ApprovedOrder, NotFulfillable, State
from portal_app.errors import (
    Busy,
    NotFound,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream.deadline import begins_within, deadline, loop_time
from portal_app.storage.fulfilments import FulfilmentRecord

T = TypeVar("T")
Checkpoint = Callable[[str], None]
"""Told of every commit (`commit:<FROM>-><TO>:before|after`) and every remote effect (`call:<name>:before|after`)."""
SHARE: Final = 0.8
"""Of the settle time: so long may a call run, the wait in our own queues included (F5)."""
BEGINS: Final = 0.4
"""Of the settle time: so long after the intent a write may still begin. The other side has the rest of it for its work,
longer than we wait for an answer, before its effect is looked for (F4)."""
PATIENCE: Final[Mapping[State, int]] = {State.ACCEPT_INTENT: 2}
"""So many settle times, where it is not one: WHMCS runs the modules of all products before it answers (F6)."""
REPEATABLE_S: Final = 45.0
ASIDE_S: Final = 10.0
_NOT_DONE: Final = (UpstreamUnavailable, Busy, UpstreamRejected, NotFound, NotFulfillable)
log = logging.getLogger(__name__)


@dataclass
class Run:
    """`is_fresh`: this run has just committed the intent, and nothing was sent under it yet.

    `outcome` of the last call: "not_done" where surely nothing happened, "unknown" where it may have. `shown`: the
    activation and the error code that Salesforce shows, as far as we know. `is_noted`: WHMCS was just told the
    opportunity with the order.
    """

    record: FulfilmentRecord
    since: float = field(default_factory=loop_time)
    is_fresh: bool = False
    begins_by: float = 0.0
    ends_at: float = 0.0
    outcome: Literal["", "not_done", "unknown"] = ""
    shown: tuple[str, str] = ("", "")
    is_noted: bool = False
    _order: ApprovedOrder | None = None
    _customer: Customer | None = None

    @property
    def order(self) -> ApprovedOrder:
        """As it was read for this step."""
        if self._order is None:
            raise RuntimeError("the order was not read")
        return self._order

    @order.setter
    def order(self, order: ApprovedOrder) -> None:
        self._order = order
        self.shown = (order.activation.strip().casefold(), order.error_code)

    @property
    def customer(self) -> Customer:
        """Whose it is."""
        if self._customer is None:
            raise RuntimeError("the customer was not looked for")
        return self._customer

    @customer.setter
    def customer(self, customer: Customer | None) -> None:
        self._customer = customer

    @property
    def owner(self) -> Customer | None:
        """Whose it is, None while nobody knows."""
        return self._customer

    @property
    def order_id(self) -> str:
        """In Salesforce."""
        return self.record.salesforce_order_id

    @property
    def is_held(self) -> bool:
        """Whether the row is still ours."""
        return bool(self.record.lease_owner)


class Calls:
    """The two ways of sending: once under an intent, or as often as one likes."""

    def __init__(self, *, settle: timedelta, checkpoint: Checkpoint) -> None:
        self._settle, self._checkpoint = settle, checkpoint

    def begin(self, run: Run, *, at: float) -> None:
        """An intent was committed; `at` is loop time from before that."""
        takes = settle_of(run.record.state, self._settle).total_seconds() * SHARE
        run.begins_by = at + self._settle.total_seconds() * BEGINS
        run.is_fresh, run.ends_at, run.outcome = True, at + takes, ""

    async def once(self, run: Run, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """Send what must not be done twice, under a fresh intent.

        Raises: what `call` raises where surely nothing was done, else UpstreamOutcomeUnknown.
        """
        if not run.is_fresh:
            raise RuntimeError("nothing is sent without an intent of its own")
        self._checkpoint(f"call:{name}:before")
        now = loop_time()  # asked as late as may be: a process may have stood still until here
        left, begins_in = run.ends_at - now, run.begins_by - now
        if begins_in <= 0:
            run.outcome = "not_done"
            raise UpstreamUnavailable("portal", name, "deadline")
        run.is_fresh, run.outcome = False, "unknown"
        try:
            with deadline(left, inherit=False), begins_within(begins_in):
                async with asyncio.timeout(left):
                    result = await call()
        except _NOT_DONE:
            run.outcome = "not_done"
            raise
        except UpstreamOutcomeUnknown:
            raise
        except Exception as failure:
            if not isinstance(failure, UpstreamError | TimeoutError):
                log.exception("a call of the fulfilment surprised", extra={"operation": name})
            raise UpstreamOutcomeUnknown("portal", name, getattr(failure, "code", "") or "no_answer") from failure
        run.outcome = ""
        self._checkpoint(f"call:{name}:after")
        return result

    async def repeatable(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        """Send what compares before it writes."""
        self._checkpoint(f"call:{name}:before")
        with deadline(REPEATABLE_S, inherit=False):
            result = await call()
        self._checkpoint(f"call:{name}:after")
        return result

    async def aside(self, call: Callable[[], Awaitable[T]]) -> T:
        """Send a note that compares before it writes, and that nothing waits for: no crash point of its own."""
        with deadline(ASIDE_S, inherit=False):
            return await call()


def settle_of(state: State, settle: timedelta) -> timedelta:
    """How long after an intent of that state its effect may still come."""
    return settle * PATIENCE.get(state, 1)
