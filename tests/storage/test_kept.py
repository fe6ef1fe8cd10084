"""Reads of only what is kept: answered from a copy at once, or not at all, and nobody else notices."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, PortalError, UpstreamUnavailable
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import Cached, MemoryCache, RedisCache
from portal_app.storage.flights import Flights
from portal_app.storage.kept import NotKept, for_others, kept_only, only_kept
from portal_app.storage.marks import Freshness, FreshnessMarks

ADA = Customer("ada-id", 7)
TTL, STALE = timedelta(minutes=5), timedelta(minutes=15)
DOWN = UpstreamUnavailable("whmcs", "GetInvoice", "timeout")


class Outside:
    """What a copy is made from. It can be held up, can be down, and knows in which mode it was asked."""

    def __init__(self) -> None:
        self.modes: list[bool] = []
        self.fails: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    @property
    def calls(self) -> int:
        return len(self.modes)

    async def load(self) -> int:
        self.modes.append(only_kept())
        await self.open.wait()
        if self.fails:
            raise self.fails
        return self.calls

    async def refresh(self) -> None:
        await self.load()


@pytest.fixture
def outside() -> Outside:
    return Outside()


def test_the_mode_ends_with_its_block_whatever_is_raised_inside():
    with pytest.raises(NotKept), kept_only():
        assert only_kept()
        with for_others():
            assert not only_kept()
        assert only_kept()
        raise NotKept("orders")
    assert not only_kept()


async def test_the_mode_holds_in_tasks_begun_inside_and_in_no_other():
    async def mode() -> bool:
        return only_kept()

    before = asyncio.create_task(mode())
    with kept_only():
        own = asyncio.create_task(mode())
        with for_others():
            theirs = asyncio.create_task(mode())
    assert [await before, await own, await theirs] == [False, True, False]


def test_what_is_not_kept_is_no_failure_that_a_page_would_explain():
    assert not issubclass(NotKept, PortalError | TimeoutError | OSError)
    assert str(NotKept("orders")) == NotKept("orders").what == "orders"


class TestCache:
    """In memory and in Redis alike."""

    @pytest.fixture
    def events(self) -> list[tuple[str, str]]:
        return []

    @pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
    def cache(self, request, clock, cipher, events):
        def on_event(kind: str, name: str) -> None:
            events.append((kind, name))

        if request.param == "memory":
            return MemoryCache("test", clock, on_event=on_event)
        return RedisCache(request.getfixturevalue("link"), "test", clock, cipher, on_event=on_event)

    @pytest.fixture
    def fetch(self, cache, outside):
        async def call(name="invoice:1", **options):
            options = {"model": int, "ttl": TTL, "stale_if_error": STALE} | options
            return await cache.fetch(ADA, name, outside.load, **options)

        return call

    async def test_an_entry_is_answered(self, fetch, outside, clock):
        await fetch()
        with kept_only():
            assert await fetch() == Cached(1, clock.now())
        assert outside.calls == 1

    async def test_a_missing_one_is_not_asked_for_and_not_remembered(self, fetch, outside, events):
        with kept_only(), pytest.raises(NotKept) as said:
            await fetch()
        assert (said.value.what, outside.calls, events) == ("invoice", 0, [("not_kept", "invoice")])
        assert (await fetch()).value == 1

    async def test_one_past_its_time_is_not_kept_even_where_a_failure_would_bring_it_back(self, fetch, outside, clock):
        await fetch()
        clock.advance(TTL)
        with kept_only(), pytest.raises(NotKept):
            await fetch()
        outside.fails = DOWN
        assert (await fetch()).stale

    async def test_what_was_not_found_a_moment_ago_still_is_not(self, fetch, outside):
        outside.fails = NotFound("invoice")
        with pytest.raises(NotFound):
            await fetch()
        with kept_only(), pytest.raises(NotFound):
            await fetch()
        assert outside.calls == 1

    async def test_asking_anew_means_asking(self, fetch, outside):
        await fetch()
        with kept_only(), pytest.raises(NotKept):
            await fetch(anew=True)
        assert outside.calls == 1

    async def test_a_flight_under_way_is_not_joined_and_those_who_wait_for_it_get_its_answer(self, fetch, outside):
        outside.open.clear()
        waiting = asyncio.create_task(fetch())
        while not outside.calls:
            await asyncio.sleep(0)
        with kept_only(), pytest.raises(NotKept):
            await fetch()
        outside.open.set()
        assert (await waiting).value == 1

    async def test_an_entry_near_its_end_is_renewed_behind_the_answer_and_out_of_the_mode(
        self, fetch, cache, outside, clock, monkeypatch
    ):
        monkeypatch.setattr("portal_app.storage.cache.random.uniform", lambda *_: 1.0)
        await fetch()
        clock.advance(TTL * 0.95)
        with kept_only():
            assert (await fetch()).value == 1
        await cache.settled()
        assert outside.modes == [False, False]
        assert (await fetch()).value == 2


class TestMarks:
    """Of a mirror."""

    @pytest.fixture
    def bus(self) -> MemoryBus:
        return MemoryBus()

    @pytest.fixture
    async def marks(self, db, bus, clock):
        made = FreshnessMarks(db, bus, clock)
        yield made
        await made.stop()

    @pytest.fixture
    def ensure(self, marks, customer, outside):
        def call(**options):
            return marks.ensure("invoices", customer, outside.refresh, **{"ttl": TTL, **options})

        return call

    async def test_a_fresh_copy_is_answered(self, ensure, outside, clock):
        await ensure()
        with kept_only():
            assert await ensure() == Freshness(clock.now())
        assert outside.calls == 1

    async def test_without_a_copy_nothing_is_begun_and_nothing_remembered(self, ensure, marks, customer, outside):
        with kept_only(), pytest.raises(NotKept) as said:
            await ensure()
        with kept_only():
            await marks.begin("invoices", customer, outside.refresh, ttl=TTL)
        await marks.settled()
        assert (said.value.what, outside.calls) == ("invoices", 0)
        assert not (await ensure()).stale

    @pytest.mark.parametrize("wait", [False, True])
    async def test_a_stale_copy_is_answered_while_one_refresh_runs_out_of_the_mode(
        self, ensure, marks, outside, clock, wait
    ):
        first = await ensure()
        clock.advance(TTL)
        outside.open.clear()
        with kept_only():
            assert await ensure(wait=wait) == Freshness(first.as_of, refreshing=True)
            assert (await ensure(wait=wait)).refreshing
        outside.open.set()
        await marks.settled()
        assert outside.modes == [False, False]
        assert await ensure() == Freshness(clock.now())

    async def test_a_first_refresh_under_way_is_not_waited_for_and_others_get_it(self, ensure, outside, clock):
        outside.open.clear()
        waiting = asyncio.create_task(ensure())
        while not outside.calls:
            await asyncio.sleep(0.001)
        with kept_only(), pytest.raises(NotKept):
            await ensure()
        outside.open.set()
        assert await waiting == Freshness(clock.now())

    async def test_a_refresh_that_just_failed_is_what_a_page_without_a_copy_says(self, ensure, outside):
        outside.fails = DOWN
        with pytest.raises(UpstreamUnavailable):
            await ensure()
        with kept_only(), pytest.raises(UpstreamUnavailable):
            await ensure()
        assert outside.calls == 1

    async def test_a_refresh_that_just_failed_leaves_the_copy_which_is_called_stale(self, ensure, outside, clock):
        first = await ensure()
        clock.advance(TTL)
        outside.fails = DOWN
        assert (await ensure(wait=True)).stale
        with kept_only():
            assert await ensure() == Freshness(first.as_of, stale=True)

    async def test_a_hint_for_later_is_given_out_of_the_mode(self, marks, bus, customer, monkeypatch):
        monkeypatch.setattr("portal_app.storage.marks.FAILURE_KEPT", timedelta(0))
        monkeypatch.setattr("portal_app.storage.marks.random.uniform", lambda *_: 0.0)
        modes: asyncio.Queue[bool] = asyncio.Queue()
        bus.subscribe("customer:", lambda *_: modes.put_nowait(only_kept()))
        with kept_only():
            marks.hint_later("invoices", customer)
            assert not await asyncio.wait_for(modes.get(), 5)


class TestFlights:
    """Whoever waits for one waits for somebody outside, unless it is said that it stays inside."""

    async def test_none_is_waited_for(self, outside):
        flights: Flights[int] = Flights()
        with kept_only(), pytest.raises(NotKept):
            await flights.wait("key", outside.load)
        assert outside.calls == 0

    async def test_one_that_stays_inside_is(self, outside):
        flights: Flights[int] = Flights(inside=True)
        with kept_only():
            assert await flights.wait("key", outside.load) == 1

    async def test_one_is_begun_for_later_out_of_the_mode(self, outside):
        flights: Flights[int] = Flights()
        with kept_only():
            flights.join("key", outside.load)
        await flights.settled()
        assert outside.modes == [False]


async def test_who_hears_a_hint_does_not_work_in_the_mode_of_who_gave_it():
    bus, modes = MemoryBus(), []

    async def later(topic: str, payload: str) -> None:
        modes.append(only_kept())

    bus.subscribe("", lambda *_: modes.append(only_kept()))
    bus.subscribe("", later)
    with kept_only():
        await bus.publish("customer:1:orders")
        assert only_kept()
        await bus.settled()
    assert modes == [False, False]
