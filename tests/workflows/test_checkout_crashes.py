"""The process dies: right before and right after every commit and every call of a submit, and of the worker's rounds.

Whatever it had done, after a restart there is one order or none, and the customer ends with exactly one.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.catalog import SIM, a_catalog
from tests.fakes.checkout_world import CheckoutWorld, Crash

COMMITS = 8
"""More than a submit has; the matrix says itself when it has run out of them."""


def arm(shop: CheckoutWorld, at: str) -> None:
    sort, where, when = at.split(":")
    if sort == "commit":
        shop.db.crash_at(int(where), after=when == "after")
    elif when == "after":
        shop.outside.will(where, "crash_after")
    else:
        shop.outside.will(where, _dies(shop))


def _dies(shop: CheckoutWorld) -> Any:
    async def die() -> None:
        shop.db.die()

    return die


CALLS = ["catalog", "address", "pay_methods", "settling", "checks", "orders", "opportunity", "find", "create"]
POINTS = [
    *(f"commit:{n}:{when}" for n in range(1, COMMITS + 1) for when in ("before", "after")),
    *(f"call:{name}:before" for name in CALLS),
    "call:opportunity:after",
    "call:create:after",
]


async def settled(shop: CheckoutWorld) -> None:
    """The worker has gone on until nothing is left to do."""
    for _ in range(5):
        await shop.works_on(100)
    rows = await shop.rows("SELECT state FROM carts WHERE state IN ('PLACING', 'UNSURE')")
    assert rows == []


async def ends_with_one_order(shop: CheckoutWorld, key: str) -> None:
    """Either there is one, or the cart is open with the same key and ordering works."""
    if await shop.record() is not None:
        assert shop.keys() == [] and (await shop.offer()).order_key == key
        await shop.order()
    assert shop.keys() == [key] and await shop.state() == "PLACED"
    assert len(shop.outside.opportunities) == 1
    placed = [mail for mail in await shop.mails() if mail["template"] == "order_placed"]
    assert len(placed) == 1 and (await shop.audited()).count("order.placed ok") == 1
    order_id = shop.outside.orders[0].order_id
    assert list(await shop.order_times.of(shop.mine, order_id)) == ["placed"]


@pytest.mark.parametrize("point", POINTS)
async def test_i7_a_submit_that_dies_anywhere_ends_with_one_order(shop, point):
    await shop.fill(SIM)
    offer = await shop.offer()
    arm(shop, point)
    died = False
    try:
        await shop.submit(offer)
    except Crash:
        died = True
    if point.startswith("call"):
        assert died
    after = await shop.again()
    await settled(after)
    await ends_with_one_order(after, offer.order_key)
    await after.close()


async def test_the_matrix_has_every_commit_of_a_submit(shop):
    await shop.fill(SIM)
    offer, before = await shop.offer(), shop.db.commits
    await shop.submit(offer)
    assert 5 <= shop.db.commits - before < COMMITS


WORKER = [
    *(f"commit:{n}:{when}" for n in range(1, 6) for when in ("before", "after")),
    "call:find:before",
    "call:create:before",
    "call:create:after",
]


@pytest.mark.parametrize("first", ["lost_before", "lost_after"])
@pytest.mark.parametrize("point", WORKER)
async def test_i7_a_worker_that_dies_anywhere_leaves_what_the_next_one_ends(shop, first, point):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("create", first)
    await shop.submit(offer)
    arm(shop, point)
    with suppress(Crash):
        await shop.works_on(61)
    after = await shop.again()
    after.outside.troubles.clear()
    await settled(after)
    await ends_with_one_order(after, offer.order_key)
    await after.close()


@pytest.mark.parametrize("point", [p for p in POINTS if p.startswith("commit")])
async def test_i7_a_customer_who_comes_back_at_once_after_a_crash_gets_no_second_order(shop, point):
    """Nobody waits for the worker: reload, look, press again, as soon as the page allows it."""
    await shop.fill(SIM)
    offer = await shop.offer()
    arm(shop, point)
    with suppress(Crash):
        await shop.submit(offer)
    after = await shop.again()
    after.outside.copy = a_catalog()
    for _ in range(4):
        shown = await after.checkout.offer(after.mine, SIM)
        if shown is not None and shown.state == "open":
            await after.submit(shown)
        await after.works_on(100)
    await ends_with_one_order(after, offer.order_key)
    await after.close()


async def test_f4_where_salesforce_takes_longer_than_a_lease_nobody_sends_again_before(shop):
    await shop.fill(SIM)
    offer = await shop.offer()
    shop.outside.will("create", "crash_after")
    with suppress(Crash):
        await shop.submit(offer)
    shop.settle = timedelta(seconds=120)
    after = await shop.again()
    after.outside.asked.clear()
    assert await after.works_on(91) == "1 carts"
    assert after.outside.asked == [] and (await after.offer()).state == "unsure"
    await after.works_on(30)
    assert await after.state() == "PLACED" and len(after.keys()) == 1
    await after.close()


async def test_a_draft_nobody_can_read_any_more_is_left_to_a_person_in_the_end(shop):
    await shop.fill(SIM)
    shop.outside.will("create", "late")
    await shop.order()
    record = (await shop.carts.claim_due(1) or [None])[0]
    assert record is None
    shop.clock.advance(61)
    [record] = await shop.carts.claim_due(1)
    await shop.carts.step(record, "UNSURE", draft_json="{}", next_attempt_at=shop.clock.now())
    for _ in range(40):
        await shop.works_on(5400)
    assert await shop.state() == "UNSURE gave_up" and len(shop.keys()) == 0
