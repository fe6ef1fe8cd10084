"""Carts: what is kept, for whom, and which key an order of it will have."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.errors import Conflict
from portal_app.storage.carts import DROPPED, OPEN, PLACED, UNSURE, CartChanged, CartRecord, Carts, Guest
from portal_app.storage.encryption import DecryptionFailed
from tests.storage.conftest import rows
from tests.storage.shopping import EID, FILLED, OTHER_PLAN, PLAN, SIM, held

DAY = timedelta(days=1)
VPN = ProductLine.VPN
GUEST = Guest("a random text of a cookie")


@pytest.fixture
def carts(db, cipher, index, clock) -> Carts:
    return Carts(db, cipher, index, clock)


@pytest.fixture
def elsewhere(other_db, cipher, index, clock) -> Carts:
    """The same carts as another process sees them."""
    return Carts(other_db, cipher, index, clock)


async def states(db) -> list[object]:
    return [row[0] for row in await rows(db, "SELECT state FROM carts ORDER BY state")]


async def test_a_cart_comes_back_exactly_as_it_was_saved(carts, elsewhere, customer, clock):
    saved = await carts.save(customer, FILLED, version=None)
    found = await elsewhere.find(customer, SIM)
    assert found == saved
    assert (found.cart, found.user_id, found.line, found.state) == (FILLED, customer.user_id, SIM, OPEN)
    assert (found.version, found.draft_json, found.submitted_at, found.updated_at) == (1, "", None, clock.now())


async def test_there_is_no_cart_before_one_is_saved_and_none_of_another_line(carts, customer):
    assert await carts.find(customer, SIM) is None
    await carts.save(customer, PLAN, version=None)
    assert await carts.find(customer, VPN) is None


async def test_a_customer_may_have_one_cart_of_each_line(carts, customer):
    for line in (VPN, SIM, ProductLine.INTERNET):
        await carts.save(customer, Cart(line, "P"), version=None)
    assert [one.line for one in await carts.list_open(customer)] == ["internet", "sim", "vpn"]


async def test_o1_another_customers_cart_is_no_cart(carts, customer, other_customer):
    mine = await carts.save(customer, PLAN, version=None)
    assert await carts.find(other_customer, SIM) is None
    assert await carts.list_open(other_customer) == []
    assert await carts.of_order_key(other_customer, mine.order_key) is None
    await carts.drop(other_customer, SIM)
    with pytest.raises(CartChanged):
        await carts.save(other_customer, OTHER_PLAN, version=mine.version)
    assert await carts.take(other_customer, SIM, version=1, order_key=mine.order_key) is None
    assert await carts.find(customer, SIM) == mine


async def test_c1_i5_a_dump_shows_nothing_of_what_was_typed(db, carts, customer):
    await held(carts, customer, draft_json='{"eid": "' + EID + '"}', state="PLACING")
    await carts.save(GUEST, FILLED, version=None)
    dumped = [str(value) for row in await rows(db, "SELECT * FROM carts") for value in row]
    secrets = (EID, "山田", "1234567890", "SIM-5G-VOICE", FILLED.key(), GUEST.guest_id)
    assert not any(secret in value for secret in secrets for value in dumped)


async def test_i5_a_record_prints_nothing_of_what_was_typed(carts, customer):
    printed = repr(await held(carts, customer, draft_json=f"draft {EID}"))
    assert not any(secret in printed for secret in (EID, "山田", "SIM-5G", "draft "))
    assert GUEST.guest_id not in repr(GUEST)


async def test_c1_a_cart_does_not_open_in_another_row(db, carts, customer, other_customer):
    await carts.save(customer, FILLED, version=None)
    await carts.save(other_customer, PLAN, version=None)
    async with db.write() as session:
        mine = "(SELECT payload_sealed FROM carts WHERE user_id = :a)"
        await session.execute(
            text(f"UPDATE carts SET payload_sealed = {mine} WHERE user_id = :b"),
            {"a": customer.user_id, "b": other_customer.user_id},
        )
    with pytest.raises(DecryptionFailed):
        await carts.find(other_customer, SIM)
    assert (await carts.save(other_customer, OTHER_PLAN, version=None)).cart == OTHER_PLAN


async def test_k12_a_cart_that_makes_the_same_order_keeps_its_key(carts, customer, clock):
    first = await carts.save(customer, FILLED, version=None)
    agreed = await carts.save(customer, replace(FILLED, terms_version="2026-11", terms_at=clock.now()), version=1)
    assert agreed.cart.terms_version == "2026-11"
    assert (agreed.order_key, agreed.cart_hash, agreed.version) == (first.order_key, first.cart_hash, 2)


async def test_k12_a_cart_that_makes_another_order_has_another_key_even_when_it_changes_back(carts, customer):
    keys = [(await carts.save(customer, cart, version=None)).order_key for cart in (PLAN, FILLED, PLAN)]
    assert len(set(keys)) == 3
    assert all(16 <= len(key) <= 255 for key in keys)


async def test_k12_equal_carts_of_two_customers_have_keys_of_their_own(carts, customer, other_customer):
    one, other = [await carts.save(who, PLAN, version=None) for who in (customer, other_customer)]
    assert one.order_key != other.order_key


async def test_134_a_save_over_a_newer_version_is_refused_and_changes_nothing(carts, elsewhere, customer):
    await carts.save(customer, PLAN, version=None)
    newer = await elsewhere.save(customer, FILLED, version=1)
    with pytest.raises(CartChanged) as refused:
        await carts.save(customer, OTHER_PLAN, version=1)
    assert refused.value.reason == "cart.changed"
    assert await carts.find(customer, SIM) == newer


async def test_134_of_many_saves_of_one_version_one_wins(carts, elsewhere, customer):
    await carts.save(customer, PLAN, version=None)
    carts_of = [replace(PLAN, add_ons=(f"SIM-{n}",)) for n in range(6)]
    outcomes = await asyncio.gather(
        *(who.save(customer, cart, version=1) for who, cart in zip([carts, elsewhere] * 3, carts_of, strict=True)),
        return_exceptions=True,
    )
    (won,) = [outcome for outcome in outcomes if isinstance(outcome, CartRecord)]
    assert sum(isinstance(outcome, CartChanged) for outcome in outcomes) == 5
    assert await carts.find(customer, SIM) == won


async def test_k12_carts_chosen_at_once_in_two_tabs_are_one_cart(db, carts, elsewhere, customer):
    chosen = [who.save(customer, cart, version=None) for who in (carts, elsewhere) for cart in (PLAN, OTHER_PLAN)]
    await asyncio.gather(*chosen)
    assert await states(db) == [OPEN]
    assert (await carts.find(customer, SIM)).version == 4


async def test_a_dropped_cart_is_gone_with_everything_in_it(db, carts, customer):
    await carts.save(customer, FILLED, version=None)
    await carts.drop(customer, SIM)
    await carts.drop(customer, SIM)
    assert await carts.find(customer, SIM) is None
    assert await rows(db, "SELECT state, payload_sealed, draft_sealed FROM carts") == [(DROPPED, "", "")]
    with pytest.raises(CartChanged):
        await carts.save(customer, FILLED, version=1)
    assert (await carts.save(customer, PLAN, version=None)).version == 1


@pytest.mark.parametrize("state", ["PLACING", UNSURE])
async def test_k6_what_may_be_an_order_already_is_not_changed_dropped_or_replaced(carts, customer, state):
    record = await held(carts, customer, state)
    for attempt in (
        carts.save(customer, OTHER_PLAN, version=None),
        carts.save(customer, OTHER_PLAN, version=record.version),
        carts.drop(customer, SIM),
    ):
        with pytest.raises(Conflict, match=r"^cart\.placing$"):
            await attempt
    assert (await carts.find(customer, SIM)).cart == FILLED


async def test_after_an_order_the_next_cart_of_that_line_begins_anew(carts, customer):
    placed = await held(carts, customer, PLACED, salesforce_order_id="801")
    assert await carts.find(customer, SIM) is None
    again = await carts.save(customer, FILLED, version=None)
    assert (again.version, again.order_key == placed.order_key) == (1, False)


async def test_a_visitors_cart_belongs_to_whoever_shows_the_same_cookie(carts, elsewhere, customer):
    saved = await carts.save(GUEST, PLAN, version=None)
    assert (saved.user_id, saved.cart) == ("", PLAN)
    assert await elsewhere.find(Guest(GUEST.guest_id), SIM) == saved
    assert await carts.find(Guest("another"), SIM) is None
    assert await carts.find(customer, SIM) is None


async def test_a_visitors_carts_become_the_users_who_signs_in(carts, customer):
    chosen = await carts.save(GUEST, PLAN, version=None)
    await carts.save(GUEST, Cart(VPN, "VPN-US"), version=None)
    assert await carts.adopt(GUEST, customer.user_id) == 2
    assert await carts.list_open(GUEST) == []
    mine = await carts.find(customer, SIM)
    assert (mine.user_id, mine.cart, mine.order_key) == (customer.user_id, PLAN, chosen.order_key)
    assert [one.line for one in await carts.list_open(customer)] == ["sim", "vpn"]
    assert await carts.adopt(GUEST, customer.user_id) == 0


async def test_an_adopted_cart_is_changed_and_submitted_like_any_other(carts, customer):
    await carts.save(GUEST, PLAN, version=None)
    await carts.adopt(GUEST, customer.user_id)
    mine = await carts.save(customer, FILLED, version=1)
    assert (await carts.take(customer, SIM, version=2, order_key=mine.order_key)).cart == FILLED


async def test_an_adopted_cart_replaces_the_open_one_of_its_line_only(db, carts, customer):
    await carts.save(customer, Cart(VPN, "VPN-US"), version=None)
    await carts.save(customer, FILLED, version=None)
    await carts.save(GUEST, OTHER_PLAN, version=None)
    assert await carts.adopt(GUEST, customer.user_id) == 1
    assert [one.cart.plan for one in await carts.list_open(customer)] == [OTHER_PLAN.plan, "VPN-US"]
    assert await states(db) == [DROPPED, OPEN, OPEN]


async def test_answers_given_to_the_same_plan_are_not_lost_by_choosing_it_once_more(carts, customer):
    mine = await carts.save(customer, FILLED, version=None)
    await carts.save(GUEST, PLAN, version=None)
    assert await carts.adopt(GUEST, customer.user_id) == 1
    assert await carts.find(customer, SIM) == mine
    assert await carts.list_open(GUEST) == []


@pytest.mark.parametrize("state", ["PLACING", UNSURE])
async def test_i1_adoption_never_replaces_what_may_be_an_order_already(db, carts, customer, state):
    await held(carts, customer, state)
    await carts.save(GUEST, OTHER_PLAN, version=None)
    assert await carts.adopt(GUEST, customer.user_id) == 0
    assert (await carts.find(customer, SIM)).cart == FILLED
    assert await states(db) == sorted([DROPPED, state])


async def test_i1_two_sign_ins_at_once_adopt_a_visitors_cart_once(db, carts, elsewhere, customer, other_customer):
    await carts.save(GUEST, PLAN, version=None)
    both = (carts.adopt(GUEST, customer.user_id), elsewhere.adopt(GUEST, other_customer.user_id))
    assert sorted(await asyncio.gather(*both)) == [0, 1]
    assert await states(db) == [OPEN]


@pytest.mark.parametrize(("owner", "days"), [("guest", 30), ("customer", 90)])
async def test_carts_nobody_came_back_to_are_forgotten(db, carts, customer, clock, owner, days):
    await carts.save(GUEST if owner == "guest" else customer, FILLED, version=None)
    clock.advance(days * DAY - timedelta(seconds=1))
    assert (await carts.prune(), await states(db)) == (0, [OPEN])
    clock.advance(1)
    assert (await carts.prune(), await states(db)) == (1, [])


async def test_dropped_carts_are_forgotten_after_a_month_and_orders_rows_never(db, carts, customer, clock):
    await held(carts, customer, PLACED, salesforce_order_id="801")
    await held(carts, customer, UNSURE, next_attempt_at=None)
    await carts.save(customer, Cart(VPN, "VPN-US"), version=None)
    await carts.drop(customer, VPN)
    clock.advance(30 * DAY)
    assert (await carts.prune(), await states(db)) == (1, [PLACED, UNSURE])
    clock.advance(1000 * DAY)
    assert (await carts.prune(), await states(db)) == (0, [PLACED, UNSURE])
