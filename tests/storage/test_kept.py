"""Reads of only what is kept: answered from a copy at once, or not at all, and nobody else notices."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, PortalError, UpstreamUnavailable
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import Cached, MemoryCache, RedisCache
from portal_app.storage.flights import Flights
from portal_app.storage.kept import NotKept, for_others, gave_old, kept_only, only_kept
from portal_app.storage.marks import Freshness, FreshnessMarks

ADA, BOB = Customer("ada-id", 7), Customer("bob-id", 8)
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


async def test_what_was_old_is_noted_of_the_mode_it_was_read_in_also_by_tasks_and_of_no_other():
    async def read_old() -> None:
        gave_old()

    gave_old()
    with kept_only() as first:
        await asyncio.create_task(read_old())
    with kept_only() as second, for_others():
        gave_old()
    with kept_only() as third:
        own = asyncio.create_task(read_old())
    await own
    assert [first.old, second.old, third.old] == [True, False, True]


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

    async def test_one_past_its_time_is_answered_with_its_own_time_and_that_is_noted(self, fetch, clock):
        await fetch()
        began = clock.now()
        with kept_only() as looked:
            await fetch()
        assert not looked.old
        clock.advance(TTL)
        with kept_only() as looked:
            assert await fetch() == Cached(1, began)
        assert looked.old

    async def test_behind_one_past_its_time_it_is_read_anew_once_and_out_of_the_mode(
        self, fetch, cache, outside, clock, events
    ):
        await fetch()
        clock.advance(TTL)
        outside.open.clear()
        with kept_only():
            for _ in range(3):
                assert (await fetch()).value == 1
        waiting = asyncio.create_task(fetch())
        outside.open.set()
        assert await waiting == await fetch() == Cached(2, clock.now())
        assert outside.modes == [False, False]
        assert events.count(("old", "invoice")) == 3
        with kept_only() as looked:
            assert (await fetch()).value == 2
        assert not looked.old

    async def test_while_it_cannot_be_read_anew_the_old_one_is_answered_as_long_as_after_a_failure(
        self, fetch, cache, outside, clock
    ):
        await fetch()
        outside.fails = DOWN
        for _ in range(2):
            clock.advance(STALE * 0.45)
            with kept_only() as looked:
                assert await fetch() == Cached(1, clock.now() - STALE * 0.45 * (outside.calls))
            assert looked.old
            await cache.settled()
        clock.advance(STALE * 0.2)
        with kept_only() as looked, pytest.raises(NotKept):
            await fetch()
        assert (looked.old, outside.calls) == (False, 3)

    async def test_one_that_never_stands_for_a_failed_answer_may_be_kept_for_this_mode_alone(
        self, fetch, cache, outside, clock
    ):
        async def once() -> Cached[int]:
            return await fetch(stale_if_error=None, keep_for=STALE)

        await once()
        clock.advance(TTL * 2)
        outside.fails = DOWN
        with kept_only() as looked:
            assert (await once()).value == 1
        assert looked.old
        await cache.settled()
        with pytest.raises(UpstreamUnavailable):
            await once()
        clock.advance(STALE)
        with kept_only(), pytest.raises(NotKept):
            await once()

    async def test_one_asked_for_anew_is_kept_as_long(self, fetch, clock):
        await fetch(stale_if_error=None, keep_for=STALE, anew=True)
        clock.advance(TTL)
        with kept_only() as looked:
            assert (await fetch(keep_for=STALE)).value == 1
        assert looked.old

    async def test_one_past_its_time_of_which_nothing_else_is_said_is_not_kept(self, fetch, outside, clock):
        await fetch(stale_if_error=None)
        clock.advance(TTL)
        with kept_only() as looked, pytest.raises(NotKept):
            await fetch(stale_if_error=None)
        assert (looked.old, outside.calls) == (False, 1)

    @pytest.mark.parametrize(
        "clear",
        [
            lambda cache: cache.clear(ADA, "invoices"),
            lambda cache: cache.clear(ADA.user_id, "invoices"),
            lambda cache: cache.clear(ADA),
            lambda cache: cache.clear_all("invoices"),
        ],
        ids=["tag", "tag by id", "customer", "everybody"],
    )
    @pytest.mark.parametrize("when", ["fresh", "old"])
    async def test_h3_what_was_cleared_is_never_answered_however_old_it_may_be(
        self, fetch, cache, outside, clock, clear, when
    ):
        await fetch(tags=["invoices"])
        if when == "old":
            clock.advance(TTL)
        await clear(cache)
        if when == "fresh":
            clock.advance(TTL)
        with kept_only() as looked, pytest.raises(NotKept):
            await fetch(tags=["invoices"])
        assert (looked.old, outside.calls) == (False, 1)

    async def test_h3_nor_is_what_was_being_read_anew_when_it_was_cleared(self, fetch, cache, outside, clock):
        await fetch(tags=["invoices"])
        clock.advance(TTL)
        outside.open.clear()
        with kept_only():
            await fetch(tags=["invoices"])
        while outside.calls < 2:
            await asyncio.sleep(0.001)
        await cache.clear(ADA, "invoices")
        outside.open.set()
        await cache.settled()
        with kept_only(), pytest.raises(NotKept):
            await fetch(tags=["invoices"])

    async def test_i3_an_old_one_is_answered_to_its_customer_only(self, fetch, cache, outside, clock):
        await fetch()
        clock.advance(TTL)
        with kept_only(), pytest.raises(NotKept):
            await cache.fetch(BOB, "invoice:1", outside.load, model=int, ttl=TTL, stale_if_error=STALE)

    async def test_that_something_was_not_there_is_not_answered_past_its_time(self, fetch, outside, clock):
        outside.fails = NotFound("invoice")
        with pytest.raises(NotFound):
            await fetch()
        clock.advance(10)
        with kept_only(), pytest.raises(NotKept):
            await fetch()

    async def test_h6_an_old_one_this_program_cannot_read_is_not_kept(self, fetch, outside, clock):
        await fetch()
        clock.advance(TTL)
        with kept_only(), pytest.raises(NotKept):
            await fetch(model=dict[str, int])

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
