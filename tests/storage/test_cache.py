"""What a cache promises, in memory and in Redis alike."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal_app.domain.billing import Invoice
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound, UpstreamRejected, UpstreamUnavailable
from portal_app.storage.cache import Cached, MemoryCache, RedisCache
from tests.storage.builders import an_invoice
from tests.storage.conftest import eventually

ADA, BOB = Customer("ada-id", 7), Customer("bob-id", 8)
TTL, STALE = timedelta(minutes=5), timedelta(minutes=15)
DOWN = UpstreamUnavailable("whmcs", "GetInvoice", "timeout")


class Source:
    """What is behind the cache. It can be held up, and can fail."""

    def __init__(self) -> None:
        self.calls = 0
        self.fails: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.value: object = None  # None: how often it was asked

    async def load(self):
        self.calls += 1
        answer = self.calls if self.value is None else self.value
        await self.open.wait()
        if self.fails:
            raise self.fails
        return answer


@pytest.fixture
def events() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
def cache(request, clock, cipher, events):
    def on_event(kind: str, name: str) -> None:
        events.append((kind, name))

    if request.param == "memory":
        return MemoryCache("test", clock, on_event=on_event)
    return RedisCache(request.getfixturevalue("link"), "test", clock, cipher, on_event=on_event)


@pytest.fixture
def fetch(cache, source):
    async def call(who=ADA, name="invoice:1", **options):
        return await cache.fetch(who, name, source.load, **{"model": int, "ttl": TTL, **options})

    return call


async def test_a_value_is_loaded_once_and_kept_with_its_time(fetch, clock, source, events):
    first = await fetch()
    began = clock.now()
    clock.advance(60)
    assert await fetch() == first == Cached(1, began)
    assert (source.calls, events) == (1, [("miss", "invoice"), ("hit", "invoice")])


async def test_a_value_is_loaded_again_after_its_time(fetch, clock, source):
    await fetch()
    clock.advance(TTL)
    assert (await fetch()).value == 2


async def test_h2_the_lives_of_entries_differ_by_up_to_a_tenth_and_are_never_longer(fetch, cache, clock):
    for n in range(20):
        await fetch(name=f"invoice:{n}")
    entries = [(await cache._shelf.read("ada-id", f"invoice:{n}", ()))[0] for n in range(20)]
    lives = {entry.fresh_until - clock.now() for entry in entries}
    assert len(lives) > 10
    assert TTL * 0.9 <= min(lives) <= max(lives) <= TTL


async def test_h2_an_entry_near_its_end_is_answered_and_renewed_behind_it(fetch, cache, clock, source, monkeypatch):
    monkeypatch.setattr("portal_app.storage.cache.random.uniform", lambda *_: 1.0)
    await fetch()
    clock.advance(TTL * 0.91)
    source.open.clear()
    assert (await fetch()).value == 1
    source.open.set()
    await cache.settled()
    assert await fetch() == Cached(2, clock.now())
    assert source.calls == 2


async def test_h2_200_concurrent_misses_ask_once(fetch, source):
    answers = await asyncio.gather(*(fetch() for _ in range(200)))
    assert {a.value for a in answers} == {1}
    assert source.calls == 1


@pytest.mark.parametrize(("who", "name"), [(BOB, "invoice:1"), (ADA, "invoice:2")])
async def test_i3_h7_an_entry_belongs_to_one_user_and_one_name(fetch, source, who, name):
    await fetch()
    await fetch(who, name)
    assert source.calls == 2


async def test_clearing_a_tag_forgets_the_entries_that_have_it(fetch, cache, source, events):
    await fetch(tags=["invoices"])
    await fetch(name="profile", tags=["client"])
    await cache.clear(ADA, "invoices")
    assert (await fetch(tags=["invoices"])).value == 3
    assert (await fetch(name="profile", tags=["client"])).value == 2
    assert events.count(("invalidation", "invoices")) == 1


async def test_clearing_without_tags_forgets_everything_of_that_user_and_nothing_of_others(fetch, cache, source):
    await fetch(tags=["invoices"])
    await fetch(BOB)
    await cache.clear("ada-id")
    await fetch(tags=["invoices"])
    await fetch(BOB)
    assert source.calls == 3


async def test_h3_a_read_begun_before_clearing_is_not_kept(fetch, cache, source):
    source.open.clear()
    old = asyncio.create_task(fetch(tags=["invoices"]))
    await eventually(lambda: source.calls == 1)
    await cache.clear(ADA, "invoices")
    source.open.set()
    assert (await old).value == 1
    assert (await fetch(tags=["invoices"])).value == 2


async def test_h3_a_read_begun_after_clearing_does_not_join_an_older_one(fetch, cache, source):
    source.open.clear()
    old = asyncio.create_task(fetch())
    await eventually(lambda: source.calls == 1)
    await cache.clear(ADA)
    new = asyncio.create_task(fetch())
    await asyncio.sleep(0)
    source.open.set()
    assert [(await old).value, (await new).value] == [1, 2]


async def test_errors_are_never_kept(fetch, source):
    source.fails = DOWN
    for _ in range(2):
        with pytest.raises(UpstreamUnavailable):
            await fetch()
    source.fails = None
    assert (await fetch()).value == 3


@pytest.mark.parametrize("error", [DOWN, UpstreamRejected("whmcs", "GetInvoice"), Busy("whmcs"), TimeoutError()])
async def test_h4_an_older_copy_is_answered_when_loading_fails(fetch, clock, source, events, error):
    await fetch(stale_if_error=STALE)
    began = clock.now()
    clock.advance(TTL)
    source.fails = error
    assert await fetch(stale_if_error=STALE) == Cached(1, began, stale=True)
    assert ("stale", "invoice") in events


async def test_h4_a_copy_older_than_allowed_is_not_answered(fetch, clock, source):
    await fetch(stale_if_error=STALE)
    clock.advance(STALE + timedelta(seconds=1))
    source.fails = DOWN
    with pytest.raises(UpstreamUnavailable):
        await fetch(stale_if_error=STALE)


async def test_h4_no_copy_survives_the_users_own_write(fetch, cache, clock, source):
    await fetch(stale_if_error=STALE)
    await cache.clear(ADA)
    source.fails = DOWN
    with pytest.raises(UpstreamUnavailable):
        await fetch(stale_if_error=STALE)


async def test_without_leave_no_older_copy_is_answered(fetch, clock, source):
    await fetch()
    clock.advance(TTL)
    source.fails = DOWN
    with pytest.raises(UpstreamUnavailable):
        await fetch()


async def test_h4_not_found_is_kept_for_ten_seconds(fetch, clock, source):
    source.fails = NotFound("invoice", 1)
    for _ in range(2):
        with pytest.raises(NotFound, match="invoice not found"):
            await fetch()
    assert source.calls == 1
    clock.advance(10)
    source.fails = None
    assert (await fetch()).value == 2


async def test_h4_what_is_not_found_any_more_is_never_answered_stale(fetch, clock, source):
    await fetch(stale_if_error=STALE)
    clock.advance(TTL)
    source.fails = NotFound("invoice", 1)
    with pytest.raises(NotFound):
        await fetch(stale_if_error=STALE)
    clock.advance(11)
    source.fails = DOWN
    with pytest.raises(UpstreamUnavailable):
        await fetch(stale_if_error=STALE)


async def test_domain_values_come_back_as_they_were(fetch, source):
    source.value = an_invoice(5, due_on=None, total=Decimal("3300.5"), issued_on=date(2026, 1, 1))
    for _ in range(2):
        assert (await fetch(model=Invoice)).value == source.value
    assert source.calls == 1


async def test_h6_an_entry_of_another_shape_is_read_again(fetch, source):
    @dataclass(frozen=True)
    class Newer:
        amount: int

    await fetch()
    source.value = Newer(5)
    assert (await fetch(model=Newer)).value == Newer(5)


async def test_a_reader_who_leaves_does_not_end_the_reading(fetch, cache, source):
    source.open.clear()
    reader = asyncio.create_task(fetch())
    await eventually(lambda: source.calls == 1)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    source.open.set()
    await cache.settled()
    assert (await fetch()).value == 1


async def test_memory_holds_a_bounded_number_of_entries(clock, source, monkeypatch):
    monkeypatch.setattr("portal_app.storage.cache_shelf.MOST_ENTRIES", 3)
    cache = MemoryCache("test", clock)
    for n in range(5):
        await cache.fetch(ADA, f"invoice:{n}", source.load, model=int, ttl=TTL)
    assert len(cache._shelf._entries) == 3


async def test_h3_forgetting_a_generation_forgets_the_entries_under_it(clock, source, monkeypatch):
    monkeypatch.setattr("portal_app.storage.cache_shelf.MOST_ENTRIES", 1)
    cache = MemoryCache("test", clock)
    await cache.fetch(ADA, "invoice:1", source.load, model=int, ttl=TTL)
    await cache.clear(ADA)
    await cache.clear(BOB)
    assert (await cache.fetch(ADA, "invoice:1", source.load, model=int, ttl=TTL)).value == 2


async def test_h5_one_tag_of_everybody_is_forgotten_at_once(fetch, cache, source, events):
    for who in (ADA, BOB):
        await fetch(who, "orders", tags=("orders",))
        await fetch(who, "profile", tags=("profile",))
    asked = source.calls
    await cache.clear_all("orders")
    assert ("invalidation", "orders") in events
    for who in (ADA, BOB):
        await fetch(who, "profile", tags=("profile",))
        assert source.calls == asked
        await fetch(who, "orders", tags=("orders",))
        asked += 1
        assert source.calls == asked
    await fetch(ADA, "orders", tags=("orders",))
    assert source.calls == asked, "what was read afterwards is kept"


async def test_h3_h5_a_fill_begun_before_everybodys_tag_was_cleared_is_thrown_away(fetch, cache, source):
    source.open.clear()
    early = asyncio.create_task(fetch(ADA, "orders", tags=("orders",)))
    await eventually(lambda: source.calls == 1)
    await cache.clear_all("orders")
    source.open.set()
    await early
    await fetch(ADA, "orders", tags=("orders",))
    assert source.calls == 2


async def test_which_tags_of_everybody_must_be_said(cache):
    with pytest.raises(ValueError, match="which"):
        await cache.clear_all()
