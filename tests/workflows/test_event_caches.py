"""Cleared first, then told: a page that reads again must not find what was there (H5)."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.checks import TAG as CHECKS
from portal_app.integrations.salesforce.orders import TAG as ORDERS
from portal_app.storage.bus import MemoryBus
from portal_app.storage.cache import MemoryCache
from portal_app.workflows.event_caches import APART_S, EventCaches
from tests.fakes.clock import FakeClock
from tests.integrations.virtual_time import in_virtual_time, now

ADA, BOB = Customer("ada", 7), Customer("bob", 8)
TAGS = (ORDERS, CHECKS, "profile")


class Office:
    """What two customers have in their cache, and what was said when."""

    def __init__(self) -> None:
        self.cache, bus = MemoryCache("test", FakeClock()), MemoryBus()
        self.told: list[str] = []
        bus.subscribe("", lambda topic, _: self.told.append(topic))

        async def clear_checks(customer: Customer) -> None:
            await self.cache.clear(customer, CHECKS)

        async def clear_catalog() -> None:
            self.told.append("catalogue cleared")

        checks, catalog = SimpleNamespace(clear=clear_checks), SimpleNamespace(clear=clear_catalog)
        self.caches = EventCaches(cache=self.cache, catalog=catalog, checks=checks, bus=bus)

    async def gone(self) -> list[str]:
        """What is read anew, of both."""
        read: list[str] = []
        for who in (ADA, BOB):
            for tag in TAGS:

                async def load(found: str = f"{who.user_id}:{tag}") -> str:
                    read.append(found)
                    return found

                await self.cache.fetch(who, tag, load, model=str, ttl=timedelta(hours=1), tags=(tag,))
        return read


@pytest.fixture
async def office() -> Office:
    made = Office()
    await made.gone()
    return made


async def test_one_accounts_checks(office):
    await office.caches.checks_of(ADA)
    assert (office.told, await office.gone()) == ([f"customer:ada:{CHECKS}"], [f"ada:{CHECKS}"])


async def test_the_catalogue_is_everybodys(office):
    await office.caches.catalog()
    assert (office.told, await office.gone()) == (["catalogue cleared", "everybody:catalog"], [])


@pytest.mark.parametrize(("clear", "tag"), [("all_orders", ORDERS), ("all_checks", CHECKS)])
async def test_all_of_a_kind_is_cleared_for_everybody(office, clear, tag):
    await getattr(office.caches, clear)()
    assert (office.told, await office.gone()) == ([f"everybody:{tag}"], [f"ada:{tag}", f"bob:{tag}"])


async def test_e3_everything_events_keep_fresh_and_nothing_else(office):
    await office.caches.everything()
    assert {f"everybody:{tag}" for tag in (ORDERS, CHECKS, "cases", "catalog")} < set(office.told)
    assert await office.gone() == [f"{who}:{tag}" for who in ("ada", "bob") for tag in (ORDERS, CHECKS)]


@in_virtual_time
async def test_t5_a_storm_clears_what_is_everybodys_now_and_then_and_after_its_end():
    office, began = Office(), now()
    for _ in range(10):
        await office.caches.catalog()
    assert office.told.count("everybody:catalog") == 10 and now() - began == 9 * APART_S
    await office.caches.all_orders()
    assert now() - began == 9 * APART_S, "another kind has a turn of its own"


@in_virtual_time
async def test_who_wants_it_cleared_while_others_wait_for_it_shares_theirs():
    office = Office()
    await office.caches.catalog()
    office.told.clear()
    await asyncio.sleep(APART_S / 2)
    await asyncio.gather(*(office.caches.catalog() for _ in range(100)))
    assert office.told == ["catalogue cleared", "everybody:catalog"]
