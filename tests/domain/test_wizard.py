"""The steps of a wizard: which there are, how far a cart has come, and that none can be skipped."""

from dataclasses import replace
from datetime import date

import pytest

from portal_app.domain.cart import Cart
from portal_app.domain.catalog import Catalog
from portal_app.domain.sim import PortIn
from portal_app.domain.wizard import offered, reached, step_to_show, steps, still_open
from tests.fakes.catalog import (
    INTERNET,
    SIM,
    TODAY,
    VPN,
    a_cart,
    a_catalog,
    a_sim_choice,
    an_internet_choice,
    an_item,
    items,
)

CATALOG = a_catalog()
ALL_OF_SIM = ("sim", "start", "number", "add_ons", "review")


def without(*skus: str) -> Catalog:
    return Catalog(tuple(item for item in items() if item.sku not in skus))


def test_each_line_has_its_steps():
    assert steps(a_cart(INTERNET), CATALOG) == ("plan", "installation", "add_ons", "review")
    assert steps(a_cart(SIM), CATALOG) == ALL_OF_SIM
    assert steps(a_cart(VPN), CATALOG) == ("region", "review")


def test_a_plan_without_calls_has_no_number_to_take_along_and_no_options_for_calls():
    data = a_cart(SIM, plan="SIM-DATA-50GB")
    assert steps(data, CATALOG) == ("sim", "start", "review")
    insured = a_catalog(an_item("SIM-ADDON-INSURANCE", item_class=CATALOG.find("SIM-ADDON-VOICE-MAIL").item_class))
    assert [item.sku for item, _ in offered(data, insured)] == ["SIM-ADDON-INSURANCE"]
    assert steps(data, insured) == ("sim", "start", "add_ons", "review")


def test_an_option_is_offered_with_the_work_that_comes_with_it():
    found = {item.sku: work.sku if work else "" for item, work in offered(a_cart(INTERNET), CATALOG)}
    assert found == {
        "INTERNET-ADDON-ROUTER": "",
        "INTERNET-ADDON-HOME-PHONE": "INTERNET-ADDON-HOME-PHONE-INSTALL",
    }


@pytest.mark.parametrize("line", [INTERNET, SIM, VPN])
def test_a_complete_cart_has_every_step_open_and_nothing_to_do(line):
    cart = a_cart(line)
    assert still_open(cart, CATALOG, TODAY) == ()
    assert reached(cart, CATALOG, TODAY) == steps(cart, CATALOG)


@pytest.mark.parametrize(
    ("cart", "step"),
    [
        (Cart(INTERNET, "INTERNET-GOLD-HOME-1G"), "plan"),
        (a_cart(INTERNET, internet=an_internet_choice(installation="")), "installation"),
        (a_cart(INTERNET, internet=an_internet_choice(wishes=(date(2026, 4, 20),))), "installation"),
        (Cart(SIM, "SIM-VOICE-5GB"), "sim"),
        (a_cart(SIM, sim=a_sim_choice(eid="1234")), "sim"),
        (a_cart(SIM, sim=a_sim_choice(phone_ready=False)), "sim"),
        (a_cart(SIM, sim=a_sim_choice(start="")), "start"),
        (a_cart(SIM, sim=a_sim_choice(start="scheduled", start_on=TODAY)), "start"),
        (a_cart(SIM, sim=a_sim_choice(port_in=PortIn())), "number"),
        (Cart(SIM, ""), "sim"),
        (Cart(VPN, ""), "region"),
    ],
)
def test_a_cart_stands_at_the_first_step_that_wants_something(cart, step):
    assert reached(cart, CATALOG, TODAY)[-1] == step
    assert step_to_show("", cart, CATALOG, TODAY) == step


@pytest.mark.parametrize("asked", ["review", "add_ons", "start", "number", "nonsense", "", "x" * 2000])
def test_a_step_that_was_skipped_to_is_refused_for_the_first_open_one(asked):
    assert step_to_show(asked, Cart(SIM, "SIM-VOICE-5GB"), CATALOG, TODAY) == "sim"


def test_any_step_of_a_complete_cart_can_be_opened_again():
    cart = a_cart(SIM)
    assert tuple(step_to_show(step, cart, CATALOG, TODAY) for step in ALL_OF_SIM) == ALL_OF_SIM
    assert step_to_show("", cart, CATALOG, TODAY) == "sim"
    assert step_to_show("installation", cart, CATALOG, TODAY) == "sim"


def test_days_that_have_passed_open_their_step_again():
    cart = a_cart(INTERNET, internet=an_internet_choice(wishes=(date(2026, 4, 27),)))
    assert step_to_show("review", cart, CATALOG, TODAY) == "review"
    assert step_to_show("review", cart, CATALOG, date(2026, 4, 20)) == "installation"


@pytest.mark.parametrize(
    ("sku", "step"),
    [
        ("INTERNET-GOLD-HOME-1G", "plan"),
        ("INTERNET-INSTALL-SINGLE", "installation"),
        ("INTERNET-ADDON-ROUTER", "add_ons"),
    ],
)
def test_what_is_sold_no_more_is_said_where_another_is_chosen(sku, step):
    cart = a_cart(INTERNET, add_ons=("INTERNET-ADDON-ROUTER",))
    found = still_open(cart, without(sku), TODAY)
    assert [(one.step, one.words) for one in found] == [(step, "checkout.item_gone")]
    assert reached(cart, without(sku), TODAY)[-1] == step


def test_options_that_are_gone_keep_their_step_even_when_none_is_left():
    cart = a_cart(INTERNET, add_ons=("INTERNET-ADDON-ROUTER",))
    left = without("INTERNET-ADDON-ROUTER", "INTERNET-ADDON-HOME-PHONE", "INTERNET-ADDON-HOME-PHONE-INSTALL")
    assert "add_ons" in steps(cart, left)
    assert "add_ons" not in steps(replace(cart, add_ons=()), left)


def test_a_vpns_option_that_is_gone_is_said_beside_the_region():
    cart = a_cart(VPN, add_ons=("VPN-ADDON-OLD",))
    assert [(one.step, one.words) for one in still_open(cart, CATALOG, TODAY)] == [("region", "checkout.item_gone")]


def test_a_region_that_is_missing_is_said_at_its_step():
    bare = a_catalog(an_item("VPN-NOWHERE"))
    assert [(one.step, one.words) for one in still_open(Cart(VPN, "VPN-NOWHERE"), bare, TODAY)] == [
        ("region", "checkout.region")
    ]


def test_what_the_customer_lacks_is_no_question_of_a_wizard():
    family = a_cart(SIM, plan="SIM-VOICE-5GB-FAMILY", terms_version="", terms_at=None)
    assert still_open(family, CATALOG, TODAY) == ()
