"""Events that came while nobody listened, over real gRPC: none lost, none worked on twice (E1, E2, E4, E9, I2)."""

import asyncio
import shutil

import pytest

from portal_app.integrations.salesforce.pubsub.wire import After
from portal_app.storage import migrate
from portal_app.storage.clock import Clock
from portal_app.worker.listening import EventListening
from portal_app.worker.scheduler import Scheduler
from sandbox.app import Running, running
from sandbox.config import Config
from tests.fakes.events import ORDERS, Intake
from tests.support.event_flood import Requests, listening, order_ids, produce, stored, streams_of, worked_on
from tests.worker.test_scheduler import Lock

MANY = 2_000
"""10,000 take a while beside other tests: `bench/events.py` and `make soak` have them."""


@pytest.fixture
async def sandbox():
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5)) as started:
        yield started


@pytest.fixture
def bus(sandbox: Running):
    return sandbox.world.salesforce.events


@pytest.fixture
async def intake(migrated_file, tmp_path):
    database = tmp_path / "portal.db"
    shutil.copy(migrated_file, database)
    made = Intake(database, Clock(), everything=True)
    yield made
    await made.close()


@pytest.fixture
async def rival(intake):
    """A second process over the same database."""
    made = Intake(intake.database, Clock(), everything=True)
    yield made
    await made.close()


async def until(condition, limit_s: float = 30) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.005)


async def test_e1_i2_thousands_of_events_are_caught_up_each_once(sandbox, bus, intake, rival):
    ids = order_ids(MANY)
    produce(sandbox, ids, twice=MANY // 10)
    requests = Requests()
    async with listening(intake, sandbox):
        await stored(intake, MANY // 4)
        bus.end_streams()
        await stored(intake, MANY // 2)
    assert await intake.inbox.depth() < MANY, "it was cut off in the middle"
    async with listening(rival, sandbox):
        await stored(rival, MANY)
    await worked_on(rival, requests)
    assert requests.asked == dict.fromkeys(ids, 1)


async def test_e9_two_that_both_believe_to_lead_take_turns_and_lose_nothing(sandbox, bus, fresh_postgres):
    await asyncio.to_thread(migrate.upgrade, fresh_postgres)
    pair = [Intake(fresh_postgres, Clock(), everything=True) for _ in range(2)]
    ids, requests = order_ids(600), Requests()
    try:
        async with listening(pair[0], sandbox) as one, listening(pair[1], sandbox) as other:
            await until(lambda: len(bus.listeners) == 2)
            for start in range(0, len(ids), 100):
                produce(sandbox, ids[start : start + 100], twice=10)
                await stored(pair[0], start + 50)
            await stored(pair[0], len(ids))
            turns = [streams.states[ORDERS.name].streams for streams in (one, other)]
        assert sum(turns) > 2, "who took the topic first was turned away"
        await asyncio.gather(*(worked_on(process, requests) for process in pair))
        assert requests.asked == dict.fromkeys(ids, 1)
    finally:
        await asyncio.gather(*(process.close() for process in pair))


async def test_an_event_that_comes_now_is_announced_at_once(sandbox, intake):
    requests = Requests()
    async with listening(intake, sandbox):
        produce(sandbox, order_ids(1))
        await until(lambda: "work:inbox" in intake.heard)
        await worked_on(intake, requests)
    assert list(requests.asked) == order_ids(1)


async def test_e3_a_replay_id_that_is_refused_loses_and_repeats_nothing(sandbox, bus, intake):
    requests, ids = Requests(), order_ids(30)
    async with listening(intake, sandbox):
        produce(sandbox, ids[:10])
        await stored(intake, 10)
    await worked_on(intake, requests)
    bus.log.move_org()
    produce(sandbox, ids[10:])
    async with listening(intake, sandbox):
        await stored(intake, 20)
    await worked_on(intake, requests)
    assert requests.asked == dict.fromkeys(ids, 1)
    assert "everything" in intake.caches.calls and "work:reconcile" in intake.heard
    assert await intake.cursors.gap() is not None


async def test_e6_an_event_nobody_can_read_is_put_aside_and_the_next_ones_come(sandbox, bus, intake):
    bus.troubles.add(kind="undecodable", entity="Order_Fulfilment_Requested__e")
    requests, ids = Requests(), order_ids(3)
    produce(sandbox, ids)
    async with listening(intake, sandbox):
        await stored(intake, 2)
    await worked_on(intake, requests)
    assert sorted(requests.asked) == ids[1:]
    assert await intake.quarantine.count() == 1


async def test_a_rewind_delivers_all_again_and_only_what_is_missing_is_worked_on(sandbox, intake):
    requests, ids = Requests(), order_ids(20)
    produce(sandbox, ids)
    async with listening(intake, sandbox) as streams:
        duty = streams.states[ORDERS.name]
        await stored(intake, 20)
        await worked_on(intake, requests)
        before = duty.received
        await intake.cursors.rewind()
        produce(sandbox, order_ids(21)[20:])
        await until(lambda: duty.received >= before + 21)
        await worked_on(intake, requests)
    assert requests.asked == dict.fromkeys(order_ids(21), 1)


async def test_e9_of_two_workers_one_listens_and_the_other_takes_over(sandbox, bus, intake, rival, world):
    locks = Lock(), Lock(free=False)
    duties, schedulers = [], []
    for one, lock in zip((intake, rival), locks, strict=True):
        one.sink._leads = lock.still_leader
        duties.append(EventListening(streams_of(one, sandbox)))
        schedulers.append(Scheduler([], lock, world.runs, Clock(), duties=[duties[-1]], check_every_s=0.01))
        schedulers[-1].start()
    try:
        produce(sandbox, order_ids(5))
        await stored(intake, 5)
        assert [duty.active for duty in duties] == [True, False]
        assert len(bus.listeners) == 1
        locks[0].held = locks[0].free = False
        locks[1].free = True
        await until(lambda: [duty.active for duty in duties] == [False, True])
        produce(sandbox, order_ids(10)[5:])
        await stored(rival, 10)
        await until(lambda: len(bus.listeners) == 1)
        assert isinstance(await rival.sink.start(ORDERS), After)
    finally:
        await asyncio.gather(*(one.stop(1) for one in schedulers))
    await until(lambda: not bus.listeners)
