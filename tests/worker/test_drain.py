"""Queues are emptied at once when somebody says so, and looked after anyway."""

import asyncio

import pytest

from portal_app.worker.drain import Drain


class Queue:
    """Rows to take, two at a time; may fail or hold."""

    def __init__(self, rows: int = 0) -> None:
        self.rows, self.taken, self.looks, self.failures = rows, 0, 0, 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.busy = asyncio.Event()

    async def once(self) -> int:
        self.looks += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        part = min(2, self.rows)
        if part:
            self.busy.set()
            await self.may_end.wait()
        self.rows -= part
        self.taken += part
        return part

    async def depth(self) -> int:
        return self.rows


@pytest.fixture
async def drains():
    made: list[Drain] = []

    def make(queue: Queue, every_s: float = 60) -> Drain:
        drain = Drain("inbox", queue.once, queue.depth, every_s=every_s)
        made.append(drain)
        drain.start()
        return drain

    yield make
    await asyncio.gather(*(drain.stop(0) for drain in made))


async def until(condition) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


async def test_what_waits_at_the_start_is_taken_to_the_last_row(drains):
    queue = Queue(rows=5)
    drains(queue)
    await until(lambda: queue.taken == 5)


async def test_a_wake_up_is_followed_at_once(drains):
    queue = Queue()
    drain = drains(queue)
    await until(lambda: queue.looks == 1)
    queue.rows = 3
    drain.wake("work:inbox", "")
    await until(lambda: queue.taken == 3)


async def test_a_wake_up_during_a_look_is_not_lost(drains):
    queue = Queue(rows=2)
    queue.may_end.clear()
    drain = drains(queue)
    await queue.busy.wait()
    drain.wake()
    queue.may_end.set()
    await until(lambda: queue.looks == 3)  # the batch, the empty look after it, and the one that was asked for


async def test_without_any_hint_it_looks_by_itself(drains):
    queue = Queue()
    drains(queue, every_s=0.01)
    await until(lambda: queue.looks >= 1)
    queue.rows = 2
    await until(lambda: queue.taken == 2)


async def test_a_failure_does_not_end_it(drains):
    queue = Queue(rows=2)
    queue.failures = 2
    drains(queue, every_s=0.01)
    await until(lambda: queue.taken == 2)


async def test_g1_stopping_lets_the_batch_end_and_takes_no_other(drains):
    queue = Queue(rows=4)
    queue.may_end.clear()
    drain = drains(queue)
    await queue.busy.wait()
    stopping = asyncio.create_task(drain.stop(5))
    await asyncio.sleep(0)
    queue.may_end.set()
    await stopping
    assert queue.taken == 2


async def test_g1_a_batch_that_does_not_end_is_cut_off(drains):
    queue = Queue(rows=4)
    queue.may_end.clear()
    drain = drains(queue)
    await queue.busy.wait()
    async with asyncio.timeout(2):
        await drain.stop(0.02)
    assert queue.taken == 0
