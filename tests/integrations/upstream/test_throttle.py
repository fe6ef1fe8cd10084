"""Who may call, when, and who is turned away (T6)."""

import asyncio

import pytest

from portal_app.errors import Busy
from portal_app.integrations.upstream.policy import UpstreamPolicy
from portal_app.integrations.upstream.throttle import Throttle
from tests.integrations.virtual_time import in_virtual_time, now


def a_throttle(**changed):
    settings = {"name": "demo", "concurrency": 3, "reserved_for_users": 1, "per_second": 1000, "per_minute": None}
    return Throttle(UpstreamPolicy(**settings | changed))


class Crowd:
    """Callers that hold their slot for `hold` seconds; remembers who started when."""

    def __init__(self, throttle, hold=1.0):
        self.throttle, self.hold = throttle, hold
        self.started, self.turned_away = [], []
        self._began = now()

    def send(self, name, *, background=False, user=""):
        return asyncio.create_task(self._call(name, background, user))

    async def _call(self, name, background, user):
        try:
            async with self.throttle.slot(background=background, user=user):
                self.started.append((name, round(now() - self._began, 3)))
                await asyncio.sleep(self.hold)
        except Busy:
            self.turned_away.append((name, round(now() - self._began, 3)))


@in_virtual_time
async def test_no_more_run_at_once_than_there_are_slots():
    crowd = Crowd(a_throttle())
    await asyncio.gather(*(crowd.send(n) for n in range(5)))
    assert [at for _, at in crowd.started] == [0, 0, 0, 1, 1]


@in_virtual_time
async def test_t6_background_work_leaves_the_reserved_slot_to_users():
    crowd = Crowd(a_throttle())
    background = [crowd.send(f"b{n}", background=True) for n in range(4)]
    await asyncio.sleep(0.5)
    await asyncio.gather(crowd.send("user"), *background)
    assert dict(crowd.started) == {"b0": 0, "b1": 0, "user": 0.5, "b2": 1, "b3": 1}


@in_virtual_time
async def test_t6_a_waiting_user_goes_before_background_that_came_earlier():
    crowd = Crowd(a_throttle(concurrency=1, reserved_for_users=0))
    await asyncio.gather(crowd.send("first"), crowd.send("b", background=True), crowd.send("user"))
    assert [name for name, _ in crowd.started] == ["first", "user", "b"]


@in_virtual_time
async def test_t6_one_user_runs_four_at_most_and_does_not_hold_up_another():
    crowd = Crowd(a_throttle(concurrency=8))
    mine = [crowd.send(f"m{n}", user="me") for n in range(6)]
    await asyncio.gather(*mine, crowd.send("other", user="you"))
    assert [name for name, at in crowd.started if at == 0] == ["m0", "m1", "m2", "m3", "other"]


@in_virtual_time
async def test_t6_one_user_cannot_fill_the_queue():
    crowd = Crowd(a_throttle(queue_max=10, per_user_waiting=3))
    mine = [crowd.send(n, user="me") for n in range(8)]
    await asyncio.gather(*mine, crowd.send("other", user="you"))
    assert len(crowd.turned_away) == 2
    assert "other" in dict(crowd.started)


@in_virtual_time
async def test_t6_a_full_queue_answers_busy_at_once():
    crowd = Crowd(a_throttle(concurrency=1, reserved_for_users=0, queue_max=2))
    await asyncio.gather(*(crowd.send(n) for n in range(4)))
    assert crowd.turned_away == [(3, 0)]


@in_virtual_time
async def test_t6_a_user_takes_the_place_of_the_last_background_work_in_a_full_queue():
    crowd = Crowd(a_throttle(concurrency=1, reserved_for_users=0, queue_max=2))
    background = [crowd.send(f"b{n}", background=True) for n in range(3)]
    await asyncio.sleep(0)
    await asyncio.gather(crowd.send("user"), *background)
    assert crowd.turned_away == [("b2", 0)]
    assert [name for name, _ in crowd.started] == ["b0", "user", "b1"]


@in_virtual_time
async def test_t6_waiting_longer_than_allowed_answers_busy_and_gives_the_place_up():
    throttle = a_throttle(concurrency=1, reserved_for_users=0, queue_wait_s=5)
    crowd = Crowd(throttle, hold=60)
    first = crowd.send("first")
    await asyncio.gather(crowd.send("late"))
    assert crowd.turned_away == [("late", 5)]
    assert throttle.waiting == 0
    await first


@in_virtual_time
async def test_never_more_than_the_rate_in_any_second():
    crowd = Crowd(a_throttle(concurrency=50, per_second=10, queue_wait_s=60), hold=0)
    await asyncio.gather(*(crowd.send(n) for n in range(35)))
    times = [at for _, at in crowd.started]
    assert max(sum(1 for t in times if begin <= t < begin + 1) for begin in times) == 10
    assert times[-1] == 3


@in_virtual_time
async def test_never_more_than_the_rate_in_any_minute():
    crowd = Crowd(a_throttle(concurrency=50, per_second=10, per_minute=30, queue_wait_s=300), hold=0)
    await asyncio.gather(*(crowd.send(n) for n in range(31)))
    assert crowd.started[29][1] == 2
    assert crowd.started[30][1] == 60


@in_virtual_time
async def test_t6_background_work_never_uses_up_the_minute_of_the_users():
    throttle = a_throttle(concurrency=50, per_second=10, per_minute=30, background_wait_s=600)
    crowd = Crowd(throttle, hold=0)
    background = [crowd.send(f"b{n}", background=True) for n in range(16)]
    await asyncio.sleep(10)
    assert len(crowd.started) == 15
    await asyncio.gather(*(crowd.send(f"u{n}") for n in range(15)))
    assert crowd.turned_away == []
    assert crowd.started[-1][1] == 11
    await asyncio.gather(*background)


@in_virtual_time
async def test_a_user_need_not_wait_until_the_background_wakes_up():
    throttle = a_throttle(concurrency=50, per_second=2, per_minute=6, background_wait_s=600)
    crowd = Crowd(throttle, hold=0)
    background = [crowd.send(f"b{n}", background=True) for n in range(4)]  # the last may start after a minute
    await asyncio.sleep(10)
    await asyncio.gather(*(crowd.send(f"u{n}") for n in range(3)))
    assert crowd.started[3:] == [("u0", 10), ("u1", 10), ("u2", 11)]
    await asyncio.gather(*background)


@in_virtual_time
async def test_a_single_slot_is_shared_with_background_work_although_slots_are_reserved():
    crowd = Crowd(a_throttle(concurrency=1, reserved_for_users=2))
    await asyncio.gather(crowd.send("b", background=True))
    assert crowd.started == [("b", 0)]


@in_virtual_time
async def test_a_cancelled_caller_frees_its_slot_and_its_place():
    throttle = a_throttle(concurrency=1, reserved_for_users=0)
    crowd = Crowd(throttle, hold=100)
    running, waiting = crowd.send("running"), crowd.send("waiting")
    await asyncio.sleep(0)
    waiting.cancel()
    running.cancel()
    await asyncio.gather(running, waiting, return_exceptions=True)
    assert (throttle.running, throttle.waiting) == (0, 0)
    async with throttle.slot(background=False, user=""):
        assert throttle.running == 1


@in_virtual_time
async def test_a_caller_cancelled_in_the_moment_of_its_turn_does_not_lose_the_slot():
    throttle = a_throttle(concurrency=1, reserved_for_users=0)
    crowd = Crowd(throttle, hold=1)
    first, second = crowd.send("first"), crowd.send("second")
    await first  # the slot has passed to the second, which has not run yet
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert throttle.running == 0


@in_virtual_time
async def test_a_failing_caller_frees_its_slot():
    throttle = a_throttle()
    with pytest.raises(RuntimeError):
        async with throttle.slot(background=True, user="me"):
            raise RuntimeError
    assert throttle.running == 0
