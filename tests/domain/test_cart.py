"""How choices go together in a cart, and when two carts are the same."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from portal_app.domain.cart import (
    Cart,
    CartRefused,
    add,
    charges,
    choose_day,
    choose_installation,
    choose_plan,
    gone,
    lines,
    remove,
)
from portal_app.domain.catalog import Catalog, checked
from portal_app.domain.checkout import missing
from portal_app.domain.pricing import totals
from portal_app.domain.sim import PortIn
from tests.fakes.catalog import (
    FEE,
    INTERNET,
    SERVICE,
    SIM,
    VPN,
    a_cart,
    a_catalog,
    a_pair,
    a_sim_choice,
    a_standing,
    an_internet_choice,
    items,
)

PHONE, WORK = "INTERNET-ADDON-HOME-PHONE", "INTERNET-ADDON-HOME-PHONE-INSTALL"
WEEKEND, NO_VISIT = "INTERNET-INSTALL-WEEKEND", "INTERNET-INSTALL-NO-VISIT"


@pytest.fixture
def catalog() -> Catalog:
    return a_catalog()


def skus(cart: Cart, catalog: Catalog) -> list[str]:
    return [line.item.sku for line in lines(cart, catalog)]


def refused(action, *args, **more) -> str:
    with pytest.raises(CartRefused) as why:
        action(*args, **more)
    return why.value.reason


def test_a_plan_begins_a_cart_of_its_line(catalog):
    assert choose_plan(None, catalog, "VPN-USA-SF") == Cart(VPN, "VPN-USA-SF")


def test_another_plan_begins_anew_and_the_same_one_changes_nothing(catalog):
    cart = add(a_cart(INTERNET), catalog, PHONE)
    assert choose_plan(cart, catalog, cart.plan) is cart
    assert choose_plan(cart, catalog, "INTERNET-GOLD-HOME-10G") == Cart(INTERNET, "INTERNET-GOLD-HOME-10G")
    assert choose_plan(cart, catalog, "SIM-VOICE-5GB") == Cart(SIM, "SIM-VOICE-5GB")


@pytest.mark.parametrize(
    ("sku", "reason"),
    [
        ("NOTHING", "cart.unknown_item"),
        ("", "cart.unknown_item"),
        ("sim-voice-5gb", "cart.unknown_item"),
        ("SIM-FEE", "cart.unknown_item"),
        (PHONE, "cart.unknown_item"),
        ("SIM-DATA-100GB", "cart.not_for_sale"),
    ],
)
def test_what_is_no_plan_cannot_be_one(catalog, sku, reason):
    assert refused(choose_plan, None, catalog, sku) == reason


def test_a_hidden_plan_may_be_ordered(catalog):
    assert choose_plan(None, catalog, "SIM-VOICE-3GB").plan == "SIM-VOICE-3GB"


@pytest.mark.parametrize("sku", [PHONE, WORK])
def test_either_half_of_a_pair_brings_the_other(catalog, sku):
    cart = add(a_cart(INTERNET), catalog, sku)
    assert cart.add_ons == (PHONE, WORK)
    assert [(line.item.sku, line.automatic) for line in lines(cart, catalog)][-2:] == [(PHONE, False), (WORK, True)]


def test_removing_home_phone_removes_its_work_and_the_work_alone_cannot_go(catalog):
    cart = add(a_cart(INTERNET), catalog, PHONE)
    assert refused(remove, cart, catalog, WORK) == "cart.goes_with_another"
    assert remove(cart, catalog, PHONE).add_ons == ()


def test_the_same_add_on_twice_is_one(catalog):
    once = add(a_cart(INTERNET), catalog, PHONE)
    twice = add(once, catalog, PHONE)
    assert twice == once and all(line.quantity == 1 for line in lines(twice, catalog))


@pytest.mark.parametrize(
    ("cart", "sku", "reason"),
    [
        (a_cart(INTERNET), "SIM-ADDON-VOICE-MAIL", "cart.unknown_item"),
        (a_cart(INTERNET), "INTERNET-GOLD-HOME-1G", "cart.unknown_item"),
        (a_cart(INTERNET), "INTERNET-INSTALL-12M", "cart.unknown_item"),
        (a_cart(SIM), "SIM-FEE", "cart.unknown_item"),
        (a_cart(INTERNET, plan=""), PHONE, "cart.plan_first"),
        (a_cart(SIM, plan="SIM-DATA-50GB"), "SIM-ADDON-VOICE-MAIL", "cart.needs_voice"),
        (a_cart(INTERNET), "x' OR 'a'='a", "cart.unknown_item"),
    ],
)
def test_an_add_on_needs_its_line_and_its_plan(catalog, cart, sku, reason):
    assert refused(add, cart, catalog, sku) == reason


def test_removing_what_is_not_there_is_no_mistake(catalog):
    cart = a_cart(INTERNET)
    assert remove(cart, catalog, PHONE) == cart and remove(cart, catalog, "NOTHING") == cart


def test_the_activation_fee_adds_itself_once_and_cannot_be_removed(catalog):
    cart = a_cart(SIM)
    assert skus(cart, catalog) == ["SIM-VOICE-5GB", "SIM-FEE"]
    assert refused(remove, cart, catalog, "SIM-FEE") == "cart.goes_with_another"


@pytest.mark.parametrize("sku", ["INTERNET-GOLD-HOME-1G", "INTERNET-INSTALL-SINGLE"])
def test_plan_and_installation_are_changed_and_not_removed(catalog, sku):
    assert refused(remove, a_cart(INTERNET), catalog, sku) == "cart.choose_another"


def test_there_is_one_installation_the_last_that_was_chosen(catalog):
    cart = choose_installation(a_cart(INTERNET), catalog, "INTERNET-INSTALL-24M")
    assert skus(cart, catalog) == ["INTERNET-GOLD-HOME-1G", "INTERNET-INSTALL-24M"]
    for sku in ("INTERNET-ADDON-ROUTER", "NOTHING", ""):
        assert refused(choose_installation, cart, catalog, sku) == "cart.unknown_item"
    assert refused(choose_installation, a_cart(SIM), catalog, "INTERNET-INSTALL-24M") == "cart.unknown_item"


@pytest.mark.parametrize(
    "change",
    [
        lambda cart, catalog: choose_installation(cart, catalog, NO_VISIT),
        lambda cart, catalog: choose_day(cart, catalog, weekend=False),
        lambda cart, catalog: remove(cart, catalog, WEEKEND),
    ],
)
def test_the_weekend_fee_goes_with_a_weekday_or_without_a_visit(catalog, change):
    cart = choose_day(a_cart(INTERNET), catalog, weekend=True)
    assert WEEKEND in skus(cart, catalog)
    assert WEEKEND not in skus(change(cart, catalog), catalog)


def test_a_weekend_needs_a_visit_and_the_fee_is_another_way_to_say_it(catalog):
    without = a_cart(INTERNET, internet=an_internet_choice(installation=NO_VISIT))
    assert refused(choose_day, without, catalog, weekend=True) == "cart.no_weekend"
    assert refused(add, without, catalog, WEEKEND) == "cart.no_weekend"
    assert add(a_cart(INTERNET), catalog, WEEKEND) == choose_day(a_cart(INTERNET), catalog, weekend=True)


def test_a_weekend_that_was_given_up_does_not_come_back(catalog):
    cart = choose_installation(choose_day(a_cart(INTERNET), catalog, weekend=True), catalog, NO_VISIT)
    assert WEEKEND not in skus(choose_installation(cart, catalog, "INTERNET-INSTALL-SINGLE"), catalog)


def test_a_kept_cart_with_what_may_not_be_ordered_makes_no_line_of_it(catalog):
    assert skus(a_cart(SIM, plan="SIM-DATA-100GB"), catalog) == ["SIM-FEE"]


def test_the_order_of_five_lines_from_the_guide(catalog):
    cart = choose_day(add(a_cart(INTERNET), catalog, PHONE), catalog, weekend=True)
    assert skus(cart, catalog) == ["INTERNET-GOLD-HOME-1G", "INTERNET-INSTALL-SINGLE", WEEKEND, PHONE, WORK]


def test_what_is_sold_no_more_is_left_out_and_named(catalog):
    cart = add(a_cart(INTERNET), catalog, PHONE)
    later = checked([item for item in items() if item.sku not in (WORK, cart.plan)])
    assert gone(cart, later) == (cart.plan, PHONE, WORK) and gone(cart, catalog) == ()
    assert skus(cart, later) == ["INTERNET-INSTALL-SINGLE"]
    assert gone(a_cart(SIM, plan="SIM-DATA-100GB"), catalog) == ("SIM-DATA-100GB",)


def test_a_cart_is_worth_what_its_lines_cost_and_instalments_end(catalog):
    cart = choose_installation(add(a_cart(INTERNET), catalog, PHONE), catalog, "INTERNET-INSTALL-12M")
    found = totals(charges(lines(cart, catalog)))
    assert (found.monthly.net, found.later.net, found.once.net) == (5800 + 1833 + 450, 5800 + 450, Decimal(1000))


SIM_CART = a_cart(SIM)
OTHERS = [
    replace(SIM_CART, plan="SIM-VOICE-3GB"),
    replace(SIM_CART, add_ons=("SIM-ADDON-VOICE-MAIL",)),
    replace(SIM_CART, sim=a_sim_choice(form="physical")),
    replace(SIM_CART, sim=a_sim_choice(start="scheduled", start_on=date(2026, 5, 1))),
    replace(SIM_CART, sim=a_sim_choice(port_in=PortIn("1234567890"))),
    a_cart(INTERNET),
    a_cart(INTERNET, internet=an_internet_choice(wishes=(date(2026, 5, 1),))),
]


@pytest.mark.parametrize("other", OTHERS)
def test_k12_a_changed_cart_has_another_key(other):
    assert other.key() != SIM_CART.key() and len(other.key()) == 64


def test_k12_the_same_cart_has_the_same_key_however_it_came_about(catalog):
    one = add(add(a_cart(INTERNET), catalog, PHONE), catalog, "INTERNET-ADDON-ROUTER")
    other = add(add(a_cart(INTERNET), catalog, "INTERNET-ADDON-ROUTER"), catalog, WORK)
    assert one.key() == other.key()
    assert replace(one, terms_version="2", terms_at=datetime(2026, 1, 1)).key() == one.key()


@pytest.mark.parametrize("cart", [SIM_CART, *OTHERS, a_cart(VPN)])
def test_a_cart_survives_being_kept_as_text(cart):
    adapter = TypeAdapter(Cart)
    kept = adapter.validate_json(adapter.dump_json(cart))
    assert kept == cart and kept.key() == cart.key()


def test_a_paired_plan_brings_its_own_fee():
    plan, fee = a_pair("VPN-UK", "VPN-UK-FEE")
    catalog = a_catalog(replace(plan, item_class=SERVICE), replace(fee, item_class=FEE))
    assert skus(Cart(VPN, "VPN-UK"), catalog) == ["VPN-UK", "VPN-UK-FEE"]


def test_the_other_half_of_a_pair_is_not_ordered_either_when_it_is_not_for_sale():
    plan, fee = a_pair("VPN-UK-LONDON", "VPN-UK-FEE", item_class=SERVICE)
    catalog = checked([plan, replace(fee, item_class=FEE, orderable=False)])
    cart = Cart(VPN, plan.sku)
    assert skus(cart, catalog) == [plan.sku]
    assert "checkout.no_fee" in [one.words for one in missing(cart, catalog, a_standing())]
