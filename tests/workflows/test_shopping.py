"""Choosing a plan and changing a cart, by a visitor and by a customer in several tabs."""

import shutil
from dataclasses import replace

import pytest
from sqlalchemy import text

from portal_app.domain import cart as carts_of
from portal_app.domain.cart import CartRefused
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.errors import Conflict, NotFound, UpstreamUnavailable
from portal_app.storage.bus import MemoryBus
from portal_app.storage.carts import CartChanged, Guest
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.workflows.shopping import Shopping
from tests.fakes.catalog import INTERNET, SIM, VPN, an_item
from tests.fakes.clock import FakeClock
from tests.fakes.shop import FakePriceBook, MeddledCarts

PLAN, OTHER = "SIM-VOICE-5GB", "SIM-DATA-50GB"
ADA, BOB = Customer("ada", 7), Customer("bob", 8)
GUEST = Guest("cookie")


@pytest.fixture
async def db(migrated_file, tmp_path):
    shutil.copy(migrated_file, tmp_path / "shop.db")
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    yield database
    await database.dispose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def kept(db, clock) -> MeddledCarts:
    return MeddledCarts(db, FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key of the tests"), clock)


@pytest.fixture
def book(clock) -> FakePriceBook:
    return FakePriceBook(clock)


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def told(bus) -> list[str]:
    topics: list[str] = []
    bus.subscribe("", lambda topic, _payload: topics.append(topic))
    return topics


@pytest.fixture
def shopping(kept, book, bus, clock) -> Shopping:
    return Shopping(kept, book, bus, clock)


def with_voice_mail(cart, catalog):
    return carts_of.add(cart, catalog, "SIM-ADDON-VOICE-MAIL")


def as_esim(cart, *_):
    return replace(cart, sim=replace(cart.sim, form="esim"))


async def test_a_chosen_plan_is_in_the_customers_cart_of_its_line(shopping, told):
    chosen = await shopping.choose(ADA, PLAN)
    assert (chosen.line, chosen.cart.plan, chosen.user_id) == (SIM, PLAN, "ada")
    assert await shopping.find(ADA, SIM) == chosen
    assert told == ["customer:ada:cart"]


async def test_every_line_has_a_cart_of_its_own(shopping):
    for sku in ("VPN-USA-SF", "INTERNET-GOLD-HOME-1G", PLAN):
        await shopping.choose(ADA, sku)
    assert await shopping.open_lines(ADA) == [INTERNET, SIM, VPN]
    await shopping.drop(ADA, SIM)
    assert await shopping.open_lines(ADA) == [INTERNET, VPN]


async def test_o1_nobody_sees_or_changes_another_customers_cart(shopping):
    mine = await shopping.choose(ADA, PLAN)
    assert await shopping.find(BOB, SIM) is None
    assert await shopping.open_lines(BOB) == []
    with pytest.raises(NotFound):
        await shopping.change(BOB, SIM, with_voice_mail)
    await shopping.drop(BOB, SIM)
    assert await shopping.find(ADA, SIM) == mine


async def test_a_visitors_choice_is_kept_for_the_visitor_and_told_to_nobody(shopping, kept, told):
    await shopping.choose(GUEST, PLAN)
    assert (await kept.find(GUEST, SIM)).cart.plan == PLAN
    assert told == []


async def test_choosing_the_same_plan_again_keeps_answers_and_key(shopping, told):
    await shopping.choose(ADA, PLAN)
    answered = await shopping.change(ADA, SIM, with_voice_mail)
    del told[:]
    assert await shopping.choose(ADA, PLAN) == answered
    assert told == []


async def test_choosing_another_plan_begins_anew_with_another_key(shopping):
    await shopping.choose(ADA, PLAN)
    before = await shopping.change(ADA, SIM, with_voice_mail)
    after = await shopping.choose(ADA, OTHER)
    assert (after.cart.plan, after.cart.add_ons) == (OTHER, ())
    assert after.order_key != before.order_key


@pytest.mark.parametrize(
    ("sku", "reason"),
    [
        ("", "cart.unknown_item"),
        ("SIM-NOBODY-SELLS", "cart.unknown_item"),
        ("sim-voice-5gb", "cart.unknown_item"),
        ("SIM-FEE", "cart.unknown_item"),
        ("SIM-ADDON-VOICE-MAIL", "cart.unknown_item"),
        ("INTERNET-INSTALL-12M", "cart.unknown_item"),
        ("OTHER-THING", "cart.unknown_item"),
        ("SIM-DATA-100GB", "cart.not_for_sale"),
    ],
)
async def test_77_78_what_is_no_plan_for_sale_is_refused_and_changes_nothing(shopping, book, told, sku, reason):
    book.catalog = replace(book.catalog, items=(*book.catalog.items, an_item("OTHER-THING")))
    with pytest.raises(CartRefused) as refused:
        await shopping.choose(ADA, sku)
    assert refused.value.reason == reason
    assert (await shopping.open_lines(ADA), told) == ([], [])


async def test_a_change_is_kept_and_told(shopping, told):
    await shopping.choose(ADA, PLAN)
    changed = await shopping.change(ADA, SIM, with_voice_mail)
    assert changed.cart.add_ons == ("SIM-ADDON-VOICE-MAIL",)
    assert await shopping.find(ADA, SIM) == changed
    assert told == ["customer:ada:cart"] * 2


async def test_79_the_same_change_twice_is_one_change(shopping, told):
    await shopping.choose(ADA, PLAN)
    first = await shopping.change(ADA, SIM, with_voice_mail)
    assert await shopping.change(ADA, SIM, with_voice_mail) == first
    assert len(told) == 2


async def test_a_refused_change_changes_nothing(shopping):
    before = await shopping.choose(ADA, OTHER)
    with pytest.raises(CartRefused, match=r"cart\.needs_voice"):
        await shopping.change(ADA, SIM, with_voice_mail)
    assert await shopping.find(ADA, SIM) == before


async def test_there_is_nothing_to_change_without_a_cart(shopping):
    with pytest.raises(NotFound):
        await shopping.change(ADA, SIM, with_voice_mail)


async def test_134_a_change_of_another_tab_stays_and_ours_is_made_upon_it(shopping, kept):
    await shopping.choose(ADA, PLAN)
    kept.meddling = [as_esim]
    changed = await shopping.change(ADA, SIM, with_voice_mail)
    assert (changed.cart.sim.form, changed.cart.add_ons) == ("esim", ("SIM-ADDON-VOICE-MAIL",))


async def test_134_another_tab_that_chose_another_plan_decides_whether_our_change_still_fits(shopping, kept):
    await shopping.choose(ADA, PLAN)
    kept.meddling = [lambda cart: replace(cart, plan=OTHER)]
    with pytest.raises(CartRefused, match=r"cart\.needs_voice"):
        await shopping.change(ADA, SIM, with_voice_mail)
    assert (await shopping.find(ADA, SIM)).cart.plan == OTHER


async def test_a_cart_that_never_holds_still_is_given_up_after_three_tries(shopping, kept):
    await shopping.choose(ADA, PLAN)
    seen = []
    kept.meddling = [lambda cart: replace(cart, terms_version=cart.terms_version + "x")] * 9
    with pytest.raises(CartChanged):
        await shopping.change(ADA, SIM, lambda cart, catalog: seen.append(1) or with_voice_mail(cart, catalog))
    assert len(seen) == 3


async def test_k6_a_submitted_cart_is_neither_changed_nor_chosen_anew(shopping, kept):
    chosen = await shopping.choose(ADA, PLAN)
    await kept.take(ADA, SIM, version=chosen.version, order_key=chosen.order_key)
    for attempt in (
        shopping.choose(ADA, PLAN),
        shopping.choose(ADA, OTHER),
        shopping.change(ADA, SIM, with_voice_mail),
        shopping.drop(ADA, SIM),
    ):
        with pytest.raises(Conflict, match=r"^cart\.placing$"):
            await attempt
    assert (await shopping.find(ADA, SIM)).cart == chosen.cart


async def test_without_a_catalogue_nothing_is_chosen_and_the_cart_stays(shopping, book):
    before = await shopping.choose(ADA, PLAN)
    book.down = True
    for attempt in (shopping.choose(ADA, OTHER), shopping.change(ADA, SIM, as_esim)):
        with pytest.raises(UpstreamUnavailable):
            await attempt
    assert await shopping.find(ADA, SIM) == before


async def test_a_cart_that_does_not_open_any_more_is_replaced_by_the_next_choice(shopping, db):
    await shopping.choose(ADA, PLAN)
    async with db.write() as session:
        await session.execute(text("UPDATE carts SET payload_sealed = 'v1.gone.x.x'"))
    with pytest.raises(NotFound):
        await shopping.change(ADA, ProductLine.SIM, with_voice_mail)
    assert (await shopping.choose(ADA, PLAN)).cart.plan == PLAN
