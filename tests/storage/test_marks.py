"""Fresh copies: asked for once, over tasks and processes, whatever happens meanwhile."""

import asyncio
from contextvars import ContextVar
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select

from portal_app.errors import UpstreamRejected, UpstreamUnavailable
from portal_app.storage.bus import MemoryBus
from portal_app.storage.flights import Flights
from portal_app.storage.mark_rows import LEASE, MarkRows
from portal_app.storage.marks import Freshness, FreshnessMarks
from portal_app.storage.tables.marks import MirrorMark
from tests.storage.conftest import eventually

TTL = timedelta(seconds=90)
DOWN = UpstreamUnavailable("whmcs", "GetInvoices", "timeout")


class Whmcs:
    """What a refresh asks. It can be held up, and can be down."""

    def __init__(self) -> None:
        self.calls = 0
        self.down: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.on_call = None

    async def refresh(self) -> None:
        self.calls += 1
        if self.on_call:
            await self.on_call()
        await self.open.wait()
        if self.down:
            raise self.down


@pytest.fixture
def whmcs() -> Whmcs:
    return Whmcs()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def heard(bus, customer) -> list[str]:
    topics: list[str] = []
    bus.subscribe("customer:", lambda topic, _: topics.append(topic.replace(customer.user_id, "ada")))
    return topics


@pytest.fixture
async def marks(db, bus, clock):
    made = FreshnessMarks(db, bus, clock)
    yield made
    await made.stop()


@pytest.fixture
async def other_marks(other_db, clock):
    """The marks of another process, which shares nothing but the database."""
    made = FreshnessMarks(other_db, MemoryBus(), clock)
    yield made
    await made.stop()


@pytest.fixture
def ensure(marks, customer, whmcs):
    def call(by=marks, **options):
        return by.ensure("invoices", customer, whmcs.refresh, **{"ttl": TTL, **options})

    return call


def looks_of(marks: FreshnessMarks) -> list[str | None]:
    """Fills up with what came of each try for the lease from now on."""
    looks: list[str | None] = []
    take = marks._rows.take_lease

    async def looking(*place) -> str | None:
        looks.append(await take(*place))
        return looks[-1]

    marks._rows.take_lease = looking
    return looks


async def lease_until(db) -> datetime:
    async with db.read() as session:
        return await session.scalar(select(MirrorMark.lease_until))


async def test_the_first_read_waits_for_a_copy(ensure, clock, whmcs):
    assert await ensure() == Freshness(clock.now())
    assert whmcs.calls == 1


async def test_a_fresh_copy_is_left_alone(ensure, clock, whmcs):
    first = await ensure()
    clock.advance(89)
    assert await ensure() == first
    assert whmcs.calls == 1


async def test_an_older_copy_is_answered_at_once_and_refreshed_behind_it(ensure, marks, clock, whmcs, heard):
    first = await ensure()
    clock.advance(90)
    whmcs.open.clear()
    assert await ensure() == Freshness(first.as_of, refreshing=True)
    whmcs.open.set()
    await marks.settled()
    assert await ensure() == Freshness(clock.now())
    assert (whmcs.calls, heard) == (2, ["customer:ada:invoices"] * 2)


async def test_waiting_for_an_older_copy_gives_the_new_one(ensure, clock, whmcs):
    await ensure()
    clock.advance(91)
    assert await ensure(wait=True) == Freshness(clock.now())


async def test_kinds_and_customers_are_fresh_each_for_themselves(marks, customer, other_customer, whmcs):
    for who in (customer, other_customer):
        for kind in ("invoices", "services"):
            await marks.ensure(kind, who, whmcs.refresh, ttl=TTL)
    assert whmcs.calls == 4


async def test_200_concurrent_first_reads_ask_once(ensure, whmcs, clock):
    answers = await asyncio.gather(*(ensure() for _ in range(200)))
    assert whmcs.calls == 1
    assert set(answers) == {Freshness(clock.now())}


async def test_a_crowd_reads_the_mark_once(ensure, db, clock):
    await ensure()
    statements = []
    event.listen(db._engine.sync_engine, "begin", statements.append)
    await asyncio.gather(*(ensure() for _ in range(200)))
    assert len(statements) == 1


async def test_a_reader_after_a_change_does_not_join_a_look_from_before_it(ensure, marks, customer, monkeypatch):
    await ensure()
    read, held = marks._rows.read, asyncio.Event()

    async def slow_read(*place) -> object:
        found = await read(*place)
        await held.wait()
        return found

    monkeypatch.setattr(marks._rows, "read", slow_read)
    before = asyncio.create_task(ensure())
    await asyncio.sleep(0)
    await marks.clear("invoices", customer.whmcs_client_id)
    monkeypatch.setattr(marks._rows, "read", read)
    assert (await ensure()).refreshing
    held.set()
    await before


async def test_200_concurrent_first_reads_over_two_processes_ask_once(ensure, marks, other_marks, whmcs, clock):
    whmcs.open.clear()
    readers = [asyncio.create_task(ensure(by)) for by in [None, other_marks] * 100 for by in [by] if by] + [
        asyncio.create_task(ensure()) for _ in range(100)
    ]
    await eventually(lambda: whmcs.calls == 1)
    whmcs.open.set()
    answers = await asyncio.gather(*readers)
    assert (whmcs.calls, len(answers)) == (1, 200)
    assert set(answers) == {Freshness(clock.now())}


async def test_200_concurrent_reads_of_an_older_copy_over_two_processes_ask_once(
    ensure, marks, other_marks, clock, whmcs
):
    first = await ensure()
    clock.advance(91)
    whmcs.open.clear()
    answers = await asyncio.gather(*(ensure(by) for by in [marks, other_marks] * 100))
    whmcs.open.set()
    await asyncio.gather(marks.settled(), other_marks.settled())
    assert whmcs.calls == 2
    assert set(answers) == {Freshness(first.as_of, refreshing=True)}


async def test_no_session_is_held_while_whmcs_is_asked(ensure, db, whmcs):
    async def write_meanwhile() -> None:
        assert db._engine.sync_engine.pool.checkedout() == 0
        async with db.write():
            pass

    whmcs.on_call = write_meanwhile
    await ensure()


async def test_a_leader_that_died_is_replaced_when_its_lease_ends(ensure, marks, db, customer, clock, whmcs):
    await MarkRows(db, clock).take_lease("invoices", customer.whmcs_client_id)
    looks = looks_of(marks)
    reader = asyncio.create_task(ensure())
    await eventually(lambda: len(looks) == 3)
    assert whmcs.calls == 0
    clock.advance(10)
    assert await reader == Freshness(clock.now())


async def test_a_living_leader_keeps_its_lease_however_slow_whmcs_is(
    ensure, db, other_marks, clock, whmcs, monkeypatch
):
    monkeypatch.setattr("portal_app.storage.marks.RENEW_EVERY_S", 0.02)
    whmcs.open.clear()
    leader = asyncio.create_task(ensure())
    await eventually(lambda: whmcs.calls == 1)
    follower = asyncio.create_task(ensure(other_marks))
    for _ in range(3):
        until = clock.advance(6) + LEASE
        looks = looks_of(other_marks)
        while await lease_until(db) < until or not looks:
            await asyncio.sleep(0.005)
    whmcs.open.set()
    await asyncio.gather(leader, follower)
    assert whmcs.calls == 1


async def test_k9_a_leader_that_lost_its_lease_changes_nothing(db, customer, clock):
    rows = MarkRows(db, clock)
    slow = await rows.take_lease("invoices", customer.whmcs_client_id)
    clock.advance(11)
    quick = await rows.take_lease("invoices", customer.whmcs_client_id)
    assert slow and quick
    place = ("invoices", customer.whmcs_client_id)
    assert not await rows.landed(*place, slow, 0, clock.now(), TTL)
    assert not await rows.failed(*place, slow, "x")
    assert await rows.landed(*place, quick, 0, clock.now(), TTL)


async def test_h3_what_changed_during_the_refresh_is_fetched_again_at_once(ensure, marks, customer, whmcs, clock):
    async def change_once() -> None:
        if whmcs.calls == 1:
            await marks.clear("invoices", customer.whmcs_client_id)

    whmcs.on_call = change_once
    assert await ensure() == Freshness(clock.now())
    assert whmcs.calls == 2
    assert not (await ensure()).refreshing


async def test_h3_what_changes_during_every_refresh_is_shown_but_never_called_fresh(ensure, marks, customer, whmcs):
    async def change() -> None:
        await marks.clear("invoices", customer.whmcs_client_id)

    whmcs.on_call = change
    await ensure()
    assert whmcs.calls == 2
    whmcs.on_call = None
    assert (await ensure()).refreshing
    await marks.settled()
    assert not (await ensure()).refreshing


async def test_a_cleared_mark_asks_again(ensure, marks, customer, whmcs):
    await ensure()
    await marks.clear("invoices", customer.whmcs_client_id)
    await ensure(wait=True)
    assert whmcs.calls == 2


async def test_a_failed_refresh_without_a_copy_is_raised_to_everybody_who_waits(ensure, other_marks, whmcs):
    whmcs.down = DOWN
    whmcs.open.clear()
    readers = [asyncio.create_task(ensure()) for _ in range(20)]
    readers += [asyncio.create_task(ensure(other_marks)) for _ in range(20)]
    await eventually(lambda: whmcs.calls == 1)
    whmcs.open.set()
    outcomes = await asyncio.gather(*readers, return_exceptions=True)
    assert {(type(o), str(o)) for o in outcomes} == {(UpstreamUnavailable, str(DOWN))}
    assert whmcs.calls == 1


async def test_a_failed_refresh_with_a_copy_shows_the_copy_as_stale(ensure, marks, clock, whmcs, heard):
    first = await ensure()
    clock.advance(91)
    whmcs.down = DOWN
    assert (await ensure()).refreshing
    await marks.settled()
    assert await ensure() == Freshness(first.as_of, stale=True)
    assert heard == ["customer:ada:invoices"] * 2


async def test_waiting_for_a_refresh_that_fails_gives_the_copy_as_stale(ensure, clock, whmcs):
    first = await ensure()
    clock.advance(91)
    whmcs.down = DOWN
    assert await ensure(wait=True) == Freshness(first.as_of, stale=True)


async def test_a_failure_is_remembered_for_15_seconds_in_every_process(ensure, other_marks, clock, whmcs):
    whmcs.down = UpstreamRejected("whmcs", "GetInvoices", "refused")
    for by in ({}, {"by": other_marks}):
        for _ in range(3):
            with pytest.raises(UpstreamRejected, match="whmcs GetInvoices: refused"):
                await ensure(**by)
    assert whmcs.calls == 1
    clock.advance(14.9)
    with pytest.raises(UpstreamRejected):
        await ensure()
    assert whmcs.calls == 1
    clock.advance(0.2)
    whmcs.down = None
    assert await ensure() == Freshness(clock.now())


async def test_a_copy_stays_marked_stale_until_a_refresh_lands(ensure, marks, clock, whmcs):
    first = await ensure()
    clock.advance(91)
    whmcs.down = DOWN
    await ensure(wait=True)
    clock.advance(16)
    whmcs.down = None
    whmcs.open.clear()
    assert await ensure() == Freshness(first.as_of, stale=True, refreshing=True)
    whmcs.open.set()
    await marks.settled()
    assert await ensure() == Freshness(clock.now())


async def test_open_pages_are_told_to_try_again_once_the_failure_is_forgotten(ensure, whmcs, heard, monkeypatch):
    monkeypatch.setattr("portal_app.storage.marks.FAILURE_KEPT", timedelta(0))
    monkeypatch.setattr("portal_app.storage.marks.random.uniform", lambda *_: 0.01)
    whmcs.down = DOWN
    with pytest.raises(UpstreamUnavailable):
        await ensure()
    await eventually(lambda: len(heard) == 2)


async def test_t1_whoever_joins_a_refresh_under_way_waits_only_for_the_rest_of_its_time(
    ensure, marks, customer, whmcs, monkeypatch
):
    monkeypatch.setattr("portal_app.storage.marks.LEAST_WAIT_S", 0.01)
    whmcs.open.clear()
    await marks.begin("invoices", customer, whmcs.refresh, ttl=TTL)
    await eventually(lambda: whmcs.calls == 1)
    monkeypatch.setattr(marks._flights, "age", lambda flight: 12)
    async with asyncio.timeout(5):
        with pytest.raises(UpstreamUnavailable):
            await ensure(deadline_s=12)
    assert whmcs.calls == 1


async def test_begin_leaves_a_fresh_copy_and_a_failure_just_remembered_alone(ensure, marks, customer, whmcs, clock):
    await ensure()
    await marks.begin("invoices", customer, whmcs.refresh, ttl=TTL)
    await marks.settled()
    assert whmcs.calls == 1
    clock.advance(TTL)
    whmcs.down = DOWN
    for _ in range(2):
        await marks.begin("invoices", customer, whmcs.refresh, ttl=TTL)
        await marks.settled()
    assert whmcs.calls == 2


async def test_clearing_forgets_a_remembered_failure(ensure, marks, customer, whmcs):
    whmcs.down = DOWN
    with pytest.raises(UpstreamUnavailable):
        await ensure()
    whmcs.down = None
    await marks.clear("invoices", customer.whmcs_client_id)
    await ensure()
    assert whmcs.calls == 2


async def test_a_bug_in_the_refresh_is_remembered_like_a_failure_and_raised(ensure, whmcs):
    whmcs.down = ValueError("row 12 of ada@example.com")
    with pytest.raises(ValueError, match="row 12"):
        await ensure()
    with pytest.raises(UpstreamUnavailable) as raised:
        await ensure()
    assert "ada" not in str(raised.value)
    assert whmcs.calls == 1


async def test_the_deadline_without_a_copy_raises_and_the_refresh_goes_on(ensure, marks, whmcs, clock):
    whmcs.open.clear()
    with pytest.raises(UpstreamUnavailable, match="deadline"):
        await ensure(deadline_s=0.05)
    whmcs.open.set()
    await marks.settled()
    assert await ensure() == Freshness(clock.now())
    assert whmcs.calls == 1


async def test_the_deadline_with_a_copy_gives_the_copy(ensure, clock, whmcs):
    first = await ensure()
    clock.advance(91)
    whmcs.open.clear()
    assert await ensure(wait=True, deadline_s=0.05) == Freshness(first.as_of, refreshing=True)


async def test_a_reader_who_leaves_does_not_end_the_refresh(ensure, marks, whmcs, clock):
    whmcs.open.clear()
    reader = asyncio.create_task(ensure())
    await eventually(lambda: whmcs.calls == 1)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    whmcs.open.set()
    await marks.settled()
    assert await ensure() == Freshness(clock.now())
    assert whmcs.calls == 1


async def test_stopping_gives_the_lease_back_so_that_another_process_can_lead(ensure, marks, other_marks, whmcs):
    whmcs.open.clear()
    reader = asyncio.create_task(ensure())
    await eventually(lambda: whmcs.calls == 1)
    await marks.stop()
    await asyncio.gather(reader, return_exceptions=True)
    whmcs.open.set()
    await ensure(other_marks)
    assert whmcs.calls == 2


async def test_a_proved_copy_is_fresh_without_a_refresh(ensure, marks, customer, clock, whmcs):
    await ensure()
    clock.advance(80)
    assert await marks.touch_fresh("invoices", customer.whmcs_client_id, TTL)
    clock.advance(80)
    assert not (await ensure()).refreshing
    assert whmcs.calls == 1


async def test_h3_a_proof_older_than_a_change_makes_nothing_fresh(ensure, marks, customer, whmcs):
    await ensure()
    place = ("invoices", customer.whmcs_client_id)
    generation = await marks.generation(*place)
    await marks.clear(*place)
    assert not await marks.touch_fresh(*place, TTL, generation=generation)
    assert (await ensure()).refreshing


async def test_a_hint_on_the_bus_wakes_a_follower_before_its_next_look(
    db, other_db, bus, clock, customer, whmcs, monkeypatch
):
    monkeypatch.setattr("portal_app.storage.marks.POLL_S", 30)
    one, two = FreshnessMarks(db, bus, clock), FreshnessMarks(other_db, bus, clock)
    looked = looks_of(one), looks_of(two)
    whmcs.open.clear()
    readers = [asyncio.create_task(m.ensure("invoices", customer, whmcs.refresh, ttl=TTL)) for m in (one, two)]
    await eventually(lambda: whmcs.calls == 1 and looked[0] and looked[1])
    whmcs.open.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*readers)
    assert whmcs.calls == 1


class TestFlights:
    """Single flight in one process."""

    async def test_a_second_flight_of_the_same_key_begins_when_the_first_has_landed(self):
        flights, calls = Flights(), []

        async def depart() -> int:
            calls.append(1)
            return len(calls)

        assert await asyncio.gather(*(flights.wait("a", depart) for _ in range(5))) == [1] * 5
        assert await flights.wait("a", depart) == 2

    async def test_a_flight_does_not_inherit_the_deadline_of_the_first_but_its_correlation_id(self):
        deadline, correlation = ContextVar("deadline", default=None), ContextVar("correlation_id", default="-")
        deadline.set(1)
        correlation.set("AB12")

        async def depart() -> tuple[object, str]:
            return deadline.get(), correlation.get()

        assert await Flights().wait("a", depart) == (None, "AB12")
