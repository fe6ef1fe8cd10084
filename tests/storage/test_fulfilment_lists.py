"""Lists of orders on their way, page after page, in both databases."""

from datetime import timedelta

import pytest

from portal_app.domain.fulfilment import Code, Hold, State
from portal_app.storage.fulfilment_lists import FulfilmentLists
from portal_app.storage.tables.fulfilments import FulfilmentRow

LIVE = {"next_attempt_at": "now"}


@pytest.fixture
def lists(db, cipher) -> FulfilmentLists:
    return FulfilmentLists(db, cipher)


@pytest.fixture
async def plant(db, clock):
    """Rows by name, in order of name."""

    async def planted(**rows: dict) -> None:
        for name, values in rows.items():
            now = clock.now()
            given = {key: now if value == "now" else value for key, value in values.items()}
            times = {"created_at": now, "updated_at": now}
            async with db.write() as tx:
                tx.add(FulfilmentRow(salesforce_order_id=name, **(times | {"state": State.VALIDATED} | given)))

    return planted


async def names(pages) -> list[list[str]]:
    return [[row.salesforce_order_id for row in page] async for page in pages]


async def test_what_stands_still_is_listed_and_what_moves_or_ended_is_not(lists, plant):
    await plant(
        moving=LIVE,
        retried=LIVE | {"hold": Hold.RETRY},
        looked_at_again=LIVE | {"hold": Hold.PAUSED, "error_code": Code.PAYMENT_METHOD_MISSING},
        reviewed={"hold": Hold.REVIEW},
        unapproved={"state": State.RECEIVED},
        done={"state": State.COMPLETED},
    )
    assert await names(lists.waiting()) == [["looked_at_again", "reviewed", "unapproved"]]


async def test_lists_end_after_a_whole_page_and_miss_nobody(lists, plant, monkeypatch):
    monkeypatch.setattr("portal_app.storage.fulfilment_lists.MOST_ROWS", 2)
    await plant(a={}, b={}, c={})
    assert await names(lists.waiting()) == [["a", "b"], ["c"]]
    await plant(d={})
    assert await names(lists.waiting()) == [["a", "b"], ["c", "d"]]


async def test_ended_orders_since_a_moment_that_moment_included(lists, plant, clock):
    await plant(old={"state": State.COMPLETED}, moving=LIVE)
    clock.advance(60)
    await plant(done={"state": State.COMPLETED}, taken_back={"state": State.CANCELLED})
    assert await names(lists.ended(clock.now())) == [["done", "taken_back"]]
    assert await names(lists.ended(clock.now() + timedelta(seconds=1))) == []


async def test_sim_orders_in_a_state_with_their_number(lists, plant, clock, db, cipher):
    waiting, done = {"line": "sim", "state": State.SIM_WAIT}, {"line": "sim", "state": State.COMPLETED}
    sealed = cipher.seal("fulfilments", "sim", "a", "+819012345678")
    await plant(a=done | {"sim_sealed": sealed}, internet={"line": "internet", "state": State.COMPLETED})
    clock.advance(60)
    await plant(b=waiting, c={"line": "sim", "state": State.ADDED})
    assert await names(lists.sims([State.SIM_WAIT, State.COMPLETED])) == [["a", "b"]]
    assert await names(lists.sims([State.SIM_WAIT, State.COMPLETED], clock.now())) == [["b"]]
    (page,) = [page async for page in lists.sims([State.COMPLETED])]
    assert page[0].sim_number == "+819012345678" and "5678" not in repr(page)


async def test_a_listed_row_proves_no_hold(lists, plant):
    await plant(held={"lease_owner": "somebody", "fence": 3})
    (page,) = [page async for page in lists.waiting()]
    assert page[0].lease_owner == ""
