"""Slots, rate and a bounded queue: users before background, and no user can fill it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from portal_app.errors import Busy
from portal_app.integrations.upstream.deadline import loop_time, remaining
from portal_app.integrations.upstream.policy import UpstreamPolicy
from portal_app.integrations.upstream.rate import Rate


@dataclass(slots=True, eq=False)
class _Place:
    """One caller's place: waiting until `turn` is done, running from then on."""

    background: bool
    user: str
    turn: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    running: bool = False


class Throttle:
    """Who may call now. Waiting users go before waiting background work, each in order of arrival."""

    def __init__(self, policy: UpstreamPolicy) -> None:
        self._policy = policy
        self._rates = _rates(policy, 1.0)
        self._background_rates = _rates(policy, policy.background_share)
        self._background_slots = max(1, policy.concurrency - policy.reserved_for_users)
        self._users: list[_Place] = []
        self._background: list[_Place] = []
        self._running = self._running_background = 0
        self._running_of: Counter[str] = Counter()
        self._wake: asyncio.TimerHandle | None = None

    @property
    def running(self) -> int:
        """Calls under way."""
        return self._running

    @property
    def waiting(self) -> int:
        """Callers in the queue."""
        return len(self._users) + len(self._background)

    @asynccontextmanager
    async def slot(self, *, background: bool, user: str) -> AsyncIterator[None]:
        """Hold one slot. Raises: Busy when the queue is full or the wait took too long; nothing was sent then."""
        place = self._enqueue(_Place(background, user))
        try:
            self._start_those_whose_turn_it_is()
            await self._wait(place)
            yield
        finally:
            self._leave(place)

    def _enqueue(self, place: _Place) -> _Place:
        mine = sum(1 for other in self._users if place.user and other.user == place.user)
        if mine >= self._policy.per_user_waiting:
            raise Busy(self._policy.name)
        if self.waiting >= self._policy.queue_max:
            self._make_room(place)
        (self._background if place.background else self._users).append(place)
        return place

    def _make_room(self, place: _Place) -> None:
        if place.background or not self._background:
            raise Busy(self._policy.name)
        self._background.pop().turn.set_exception(Busy(self._policy.name))

    async def _wait(self, place: _Place) -> None:
        patience = self._policy.background_wait_s if place.background else self._policy.queue_wait_s
        try:
            async with asyncio.timeout(max(0.0, min(patience, remaining() - self._policy.least_left_s))):
                await place.turn
        except TimeoutError:
            raise Busy(self._policy.name) from None

    def _leave(self, place: _Place) -> None:
        if place.running:
            self._running -= 1
            self._running_background -= place.background
            self._running_of[place.user] -= 1
            self._running_of += Counter()  # forgets users with nothing under way
        else:
            waiting = self._background if place.background else self._users
            if place in waiting:
                waiting.remove(place)
        self._start_those_whose_turn_it_is()

    def _start_those_whose_turn_it_is(self) -> None:
        for place in [*self._users, *self._background]:
            if not self._has_slot(place):
                continue
            if pause := max(rate.wait(loop_time()) for rate in self._rates_of(place)):
                self._wake_in(pause)
                return
            self._start(place)

    def _has_slot(self, place: _Place) -> bool:
        if self._running >= self._policy.concurrency:
            return False
        if place.background:
            return self._running_background < self._background_slots
        return not place.user or self._running_of[place.user] < self._policy.per_user_inflight

    def _start(self, place: _Place) -> None:
        (self._background if place.background else self._users).remove(place)
        place.running = True
        self._running += 1
        self._running_background += place.background
        self._running_of[place.user] += 1
        for rate in self._rates_of(place):
            rate.record(loop_time())
        if not place.turn.done():
            place.turn.set_result(None)

    def _rates_of(self, place: _Place) -> list[Rate]:
        return self._rates + self._background_rates if place.background else self._rates

    def _wake_in(self, seconds: float) -> None:
        wake_at = loop_time() + seconds
        if self._wake is not None and self._wake.when() > wake_at:
            self._wake.cancel()
            self._wake = None
        if self._wake is None:
            self._wake = asyncio.get_running_loop().call_at(wake_at, self._woken)

    def _woken(self) -> None:
        self._wake = None
        self._start_those_whose_turn_it_is()


def _rates(policy: UpstreamPolicy, share: float) -> list[Rate]:
    limits = [(policy.per_second, 1.0), (policy.per_minute, 60.0)]
    return [Rate(max(1, int(limit * share)), window_s) for limit, window_s in limits if limit is not None]
