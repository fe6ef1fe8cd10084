"""The one way any upstream is called: deadline, breaker, throttle, attempt, retry; each attempt is reported once."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from tenacity import AsyncRetrying, RetryCallState

from portal_app.errors import (
    Busy,
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream.breaker import Breaker, Ticket
from portal_app.integrations.upstream.budget import RetryBudget
from portal_app.integrations.upstream.deadline import loop_time, may_begin, remaining
from portal_app.integrations.upstream.failures import CredentialRefused, TryAgain
from portal_app.integrations.upstream.policy import UpstreamPolicy
from portal_app.integrations.upstream.throttle import Throttle
from portal_app.storage.kept import NotKept, only_kept

T = TypeVar("T")
OnEvent = Callable[[str, str, str, float], None]
log = logging.getLogger(__name__)


class HasNow(Protocol):
    """The part of storage's Clock used here."""

    def now(self) -> datetime:
        """UTC."""
        ...


class Upstream:
    """Calls to one outside system.

    `on_event(system, operation, outcome, seconds)` is told of every attempt and of every refusal to make one.
    """

    def __init__(self, policy: UpstreamPolicy, clock: HasNow, on_event: OnEvent | None = None) -> None:
        self.policy = policy
        self._clock = clock
        self._on_event = on_event or (lambda system, operation, outcome, seconds: None)
        self._throttle = Throttle(policy)
        self._breaker = Breaker(policy)
        self._budget = RetryBudget(policy)
        self._last: dict[str, str] = {}

    async def call(
        self,
        operation: str,
        send: Callable[[float], Awaitable[T]],
        *,
        write: bool = False,
        repeatable: bool = False,
        background: bool = False,
        user: str = "",
        timeout_s: float | None = None,
    ) -> T:
        """What `send(seconds it has)` returns. Only reads are repeated, and only after TryAgain.

        A `repeatable` write (an upsert by a key of ours) is repeated as often as the policy allows, after a lost answer
        too; every other write only after a TryAgain that names its `attempts`, so where nothing can have been done.

        Raises: what `send` raises; Busy when nothing was sent for want of room; UpstreamUnavailable when nothing was
        sent because the breaker is open or the deadline too near; UpstreamOutcomeUnknown when a write got no answer;
        NotKept, whatever else is the matter, to those who read only what is kept.
        """
        if only_kept():
            raise NotKept(self.policy.name)
        self._budget.count_call()
        limit = timeout_s or (self.policy.write_s if write else self.policy.read_s)
        attempts = self.policy.read_attempts
        if write:
            attempts = self.policy.upsert_attempts if repeatable else 1
        async for attempt in AsyncRetrying(
            retry=lambda state: self._worth_another(state, attempts, repeatable),
            wait=self._pause,
            sleep=asyncio.sleep,
            reraise=True,
        ):
            with attempt:
                return await self._attempt(operation, send, limit, write=write, background=background, user=user)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def state(self) -> dict[str, object]:
        """For health and metrics: breaker, calls under way and waiting, when it last answered and last failed (UTC)."""
        return {
            "system": self.policy.name,
            "breaker": self._breaker.phase,
            "reason": self._breaker.reason,
            "open_for_s": round(self._breaker.open_for_s, 1),
            "running": self._throttle.running,
            "waiting": self._throttle.waiting,
            "last_ok_at": self._last.get("ok", ""),
            "last_failed_at": self._last.get("failed", ""),
        }

    async def _attempt(
        self,
        operation: str,
        send: Callable[[float], Awaitable[T]],
        limit: float,
        *,
        write: bool,
        background: bool,
        user: str,
    ) -> T:
        asked_at = loop_time()
        try:
            self._check_deadline(operation, write)
            self._breaker.check(operation)
            async with self._throttle.slot(background=background, user=user):
                self._check_deadline(operation, write)
                ticket = self._breaker.admit(operation)
                asked_at = loop_time()
                result = await self._sent(operation, send, min(limit, remaining()), write, ticket)
        except BaseException as failure:
            self._on_event(self.policy.name, operation, _outcome(failure), loop_time() - asked_at)
            raise
        self._on_event(self.policy.name, operation, "ok", loop_time() - asked_at)
        return result

    async def _sent(
        self, operation: str, send: Callable[[float], Awaitable[T]], seconds: float, write: bool, ticket: Ticket
    ) -> T:
        try:
            try:
                async with asyncio.timeout(seconds):
                    result = await send(seconds)
            except TimeoutError:
                raise self._no_answer(operation, write) from None
        except CredentialRefused:
            ticket.refused()
            self._note("failed")
            log.error("credential refused", extra={"system": self.policy.name, "operation": operation})
            raise
        except (UpstreamUnavailable, UpstreamOutcomeUnknown):
            ticket.failed()
            self._note("failed")
            raise
        except (UpstreamRejected, UpstreamReplyChanged, NotFound):
            ticket.succeeded()
            self._note("ok")
            raise
        except BaseException:
            ticket.unused()
            raise
        ticket.succeeded()
        self._note("ok")
        return result

    def _no_answer(self, operation: str, write: bool) -> UpstreamUnavailable | UpstreamOutcomeUnknown:
        kind = UpstreamOutcomeUnknown if write else TryAgain
        return kind(self.policy.name, operation, "timeout")

    def _check_deadline(self, operation: str, write: bool) -> None:
        if remaining() < self.policy.least_left_s or (write and not may_begin()):
            raise UpstreamUnavailable(self.policy.name, operation, "deadline")

    def _worth_another(self, state: RetryCallState, attempts: int, repeatable: bool) -> bool:
        failure = state.outcome.exception() if state.outcome else None
        if not isinstance(failure, TryAgain) and not (repeatable and isinstance(failure, UpstreamOutcomeUnknown)):
            return False
        if state.attempt_number >= (getattr(failure, "attempts", None) or attempts):
            return False
        named = getattr(failure, "retry_after", None) or 0.0
        if named > self.policy.retry_after_max_s or remaining() < named + self.policy.least_left_s:
            return False
        return self._breaker.phase != "open" and self._budget.spend()

    def _pause(self, state: RetryCallState) -> float:
        """Full jitter, or the time they asked for when that is longer."""
        most = min(self.policy.backoff_cap_s, self.policy.backoff_base_s * 2 ** (state.attempt_number - 1))
        jitter = random.uniform(0, most)  # noqa: S311  spreads load, guards nothing
        failure = state.outcome.exception() if state.outcome else None
        return max(jitter, getattr(failure, "retry_after", None) or 0.0)

    def _note(self, what: str) -> None:
        self._last[what] = self._clock.now().isoformat()


_OUTCOMES: tuple[tuple[type[BaseException], str], ...] = (
    (CredentialRefused, "credential"),
    (UpstreamUnavailable, "unavailable"),
    (UpstreamOutcomeUnknown, "unknown"),
    (UpstreamRejected, "rejected"),
    (UpstreamReplyChanged, "changed"),
    (NotFound, "rejected"),
    (Busy, "busy"),
    (asyncio.CancelledError, "cancelled"),
)


def _outcome(failure: BaseException) -> str:
    code = getattr(failure, "code", "")
    if code.startswith("breaker_"):
        return "breaker_open"
    if code in ("deadline", "timeout"):
        return code
    return next((word for kind, word in _OUTCOMES if isinstance(failure, kind)), "error")
