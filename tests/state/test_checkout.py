"""The checkout page: everything missing at once, each with its way, what it costs, and what became of a submit."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from portal_app import routes, wiring
from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.domain.checkout import Missing
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.domain.pay_methods import PayMethod
from portal_app.domain.sim import PortIn
from portal_app.errors import Busy, Conflict, NotFound, UpstreamUnavailable
from portal_app.security.policy import policy_of
from portal_app.state.checkout import CheckoutState
from portal_app.state.checkout_gates import gate_rows
from portal_app.state.checkout_rows import mark_of
from portal_app.text import say
from tests.fakes.catalog import EID, INTERNET, SIM, VPN, a_cart, a_sim_choice, an_internet_choice
from tests.fakes.ordering_screens import (
    HOME,
    TERMS,
    ScreenCheckout,
    ScreenOrders,
    ScreenPayMethods,
    an_order,
    screen_settings,
)

DOWN = UpstreamUnavailable("salesforce", "Query")
PAGE = "/checkout/internet"


def at_home(**changed: Any) -> Cart:
    """A complete internet cart for the address on file."""
    return a_cart(INTERNET, internet=an_internet_choice(address_confirmed=HOME.key, **changed))


@pytest.fixture
def shop(outside: SimpleNamespace) -> Iterator[SimpleNamespace]:
    parts: dict[str, Any] = {
        "checkout": ScreenCheckout(cart=at_home()),
        "pay_methods": ScreenPayMethods(),
        "orders": ScreenOrders(),
        "settings": screen_settings(),
    }
    with wiring.use(**parts):
        yield SimpleNamespace(**vars(outside), **parts)


def shown(state: CheckoutState) -> str:
    """Everything the browser gets of the state."""
    return str({name: getattr(state, name) for name in state.get_fields() if not name.startswith("_")})


async def test_a_complete_cart_can_be_ordered_with_its_own_key(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.load()
    offer = await shop.checkout.offer(None, INTERNET)
    assert (state.found, state.standing, state.ready, state.gates) == ("found", "open", True, [])
    assert (state.line, state.order_key, state.fingerprint) == ("internet", offer.order_key, offer.fingerprint)


async def test_nothing_prepared_shows_every_gate_at_once_with_its_way(shop, tab):
    checkout = shop.checkout
    checkout.cart = Cart(INTERNET, "INTERNET-GOLD-HOME-1G")
    checkout.address, checkout.pay_method, checkout.eligibility = None, None, Eligibility()
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert [(gate.way, gate.href) for gate in state.gates] == [
        ("page", "/order/internet"),
        ("page", "/order/internet"),
        ("page", f"{routes.AVAILABILITY}?returnTo=/checkout/internet"),
        ("page", f"{routes.ADDRESS}?returnTo=/checkout/internet"),
        ("payment", ""),
        ("here", "#terms"),
    ]
    assert all(gate.sentence and gate.label for gate in state.gates)
    assert (state.ready, state.to_do) == (False, "Needed before you can order: 6")


async def test_each_part_says_whether_something_is_missing_in_it(shop, tab):
    shop.checkout.pay_method = None
    shop.checkout.cart = replace(at_home(), terms_version="")
    state = tab(CheckoutState, PAGE)
    await state.load()
    parts = {field.name: getattr(state.parts, field.name) for field in fields(state.parts)}
    assert parts == {"what": False, "where": False, "pay": True, "document": False, "terms": True}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("payment_method", "pay"),
        ("address_key", "where"),
        ("eligibility", "where"),
        ("internet_here", "what"),
        ("open_order", "what"),
    ],
)
async def test_what_could_not_be_read_is_asked_again_from_its_part(shop, tab, name, part):
    shop.checkout.unread = frozenset({name})
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert [gate.way for gate in state.gates] == ["retry"]
    assert getattr(state.parts, part)


async def test_another_address_than_the_confirmed_one_is_to_be_confirmed_on_the_page(shop, tab):
    shop.checkout.address = replace(HOME, address1="9-9-9 Ebisu")
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert [(gate.way, gate.href) for gate in state.gates] == [("here", "#confirm-address")]
    assert (state.view.confirmed, state.view.address_1) == (False, "9-9-9 Ebisu, Sun Heights 201")


async def test_the_address_that_was_shown_is_the_one_that_is_confirmed(shop, tab):
    shop.checkout.address = moved = replace(HOME, address1="9-9-9 Ebisu")
    state = tab(CheckoutState, PAGE)
    await state.load()
    await state.confirm_address(state.view.address_mark)
    assert shop.checkout.done == [("address", "user-1", INTERNET, moved.key)]
    assert (state.view.confirmed, state.ready) == (True, True)


@pytest.mark.parametrize("mark", ["", "0" * 16, HOME.key])
async def test_an_address_that_is_not_shown_is_never_confirmed(shop, tab, mark):
    shop.checkout.address = replace(HOME, address1="9-9-9 Ebisu")
    state = tab(CheckoutState, PAGE)
    await state.load()
    await state.confirm_address(mark)
    assert (shop.checkout.done, state.view.confirmed) == ([], False)


async def test_a_confirmation_before_anything_was_shown_does_nothing(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.confirm_address(mark_of(""))
    assert shop.checkout.done == []


async def test_accepting_the_terms_opens_the_last_gate(shop, tab):
    shop.checkout.cart = replace(at_home(), terms_version="2020-01")
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert (state.view.terms_accepted, state.accepted_at, state.ready) == (False, "", False)
    await state.accept_terms()
    assert (state.view.terms_accepted, state.view.terms_version, state.ready) == (True, TERMS, True)
    assert state.accepted_at == "11:55"


@pytest.mark.parametrize(
    ("refusal", "error"),
    [(Conflict("cart.placing"), "cart.placing"), (DOWN, "problem.unavailable"), (Busy("queue"), "problem.unavailable")],
)
async def test_a_refused_change_says_why_and_changes_nothing(shop, tab, refusal, error):
    shop.checkout.cart = replace(at_home(), terms_version="")
    shop.checkout.refusal = refusal
    state = tab(CheckoutState, PAGE)
    await state.load()
    await state.accept_terms()
    assert (state.error, state.refusal, state.view.terms_accepted) == (error, say("en", error), False)
    shop.checkout.refusal = None
    await state.accept_terms()
    assert (state.error, state.refusal, state.view.terms_accepted) == ("", "", True)


async def test_prices_are_shown_with_tax_and_the_last_instalment_takes_the_rest(shop, tab):
    shop.checkout.cart = at_home(installation="INTERNET-INSTALL-24M")
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert [(row.amount, row.paid, row.months) for row in state.items] == [
        ("¥6,380", "monthly", ""),
        ("¥1,007", "instalments", "24"),
    ]
    box = state.box
    assert (box.nothing, box.once, box.first_bill, box.monthly, box.later) == ("¥0", "", "¥7,387", "¥7,387", "¥6,380")
    assert (box.months, box.others, box.instalment, box.last_instalment) == ("24", "23", "¥1,007", "¥1,025")


async def test_what_is_paid_once_comes_with_the_first_bill(shop, tab):
    state = tab(CheckoutState, PAGE, locale="ja")
    await state.load()
    box = state.box
    assert (box.once, box.first_bill, box.first_bill_tax) == ("￥24,200", "￥30,580", "￥2,780")
    assert (box.monthly, box.monthly_tax, box.later, box.months) == ("￥6,380", "￥580", "", "")


async def test_without_the_catalogue_all_instalments_are_shown_as_equal(shop, tab):
    shop.checkout.cart, shop.catalog.failure = at_home(installation="INTERNET-INSTALL-24M"), DOWN
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert (state.box.instalment, state.box.last_instalment) == ("¥1,007", "")


async def test_a_price_that_changes_under_the_customers_eyes_is_told(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.load()
    await state.load()
    assert not state.repriced
    shop.checkout.price("INTERNET-GOLD-HOME-1G", 6000)
    await state.load()
    assert (state.repriced, state.items[0].amount) == (True, "¥6,600")


async def test_another_choice_is_no_change_of_price(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.load()
    shop.checkout.cart = at_home(installation="INTERNET-INSTALL-NO-VISIT")
    await state.load()
    assert not state.repriced


async def test_of_an_eid_and_a_telephone_number_only_the_end_is_shown(shop, tab):
    port_in = PortIn("1234567890", date(2026, 1, 29), "090-1234-5678", "Sato", "Hanako", "サトウ", "ハナコ")
    shop.checkout.cart = a_cart(SIM, sim=a_sim_choice(port_in=port_in))
    state = tab(CheckoutState, "/checkout/sim")
    await state.load()
    assert [fact.value for fact in state.facts] == [
        f"eSIM, EID ending in {EID[-4:]}",
        "As soon as it is ready",
        "You keep the number ending in 5678",
    ]
    assert "ending in 5678" in shown(state)
    assert all(text not in shown(state) for text in (EID, "1234-5678", "12345678", "1234567890", "サトウ", "Hanako"))


async def test_a_sim_order_shows_how_the_document_stands(shop, tab):
    shop.checkout.cart = a_cart(SIM)
    shop.checkout.document = DocumentCheck("rejected", reason="The picture is blurred.")
    state = tab(CheckoutState, "/checkout/sim")
    await state.load()
    assert (state.view.document, state.view.document_reason) == ("rejected", "The picture is blurred.")
    assert [gate.href for gate in state.gates] == [f"{routes.VERIFICATION}?returnTo=/checkout/sim"]


@pytest.mark.parametrize(("line", "where"), [(INTERNET, "Installed at"), (SIM, "Your address"), (VPN, "Delivered to")])
async def test_only_what_needs_a_document_asks_for_one_and_each_says_what_the_address_is_for(shop, tab, line, where):
    shop.checkout.cart, shop.checkout.document = a_cart(line), None
    state = tab(CheckoutState, routes.checkout(line.value))
    await state.load()
    assert state.view.document == ("unknown" if line is SIM else "not_needed")
    assert (state.view.where, state.view.installed) == (where, line is INTERNET)


async def test_a_card_is_shown_by_its_label_and_last_month(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert (state.view.pay, state.view.pay_label, state.view.pay_until) == ("held", "Visa-4242", "31 Dec 2027")


async def test_a_way_to_pay_without_a_name_is_told_apart_from_none(shop, tab):
    shop.checkout.pay_method = PayMethod(1, "other", "")
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert (state.view.pay, state.view.pay_label) == ("held", "A payment method on our billing site")
    shop.checkout.pay_method = None
    await state.load()
    assert (state.view.pay, state.view.pay_label[:30]) == ("none", "You add a card on our billing ")


async def test_back_from_adding_a_way_to_pay_the_copy_is_thrown_away_first(shop, tab):
    shop.checkout.pay_method = None
    state = tab(CheckoutState, PAGE)
    await state.load()
    await state.look_again()
    assert shop.pay_methods.cleared == ["user-1"]


async def test_back_in_the_tab_with_a_way_to_pay_nothing_is_thrown_away(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.load()
    shop.checkout.eligibility = Eligibility(EligibilityState.INELIGIBLE)
    await state.look_again()
    assert (shop.pay_methods.cleared, len(state.gates)) == ([], 1)


async def test_with_salesforce_down_the_page_says_how_old_its_prices_are(shop, tab):
    shop.checkout.unreachable = True
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert "Prices are as of 11:55:" in state.old_prices


def test_with_salesforce_down_that_is_said_once_and_what_the_customer_can_do_stays():
    away = [Missing("checkout.unreachable", "retry"), Missing("checkout.terms", "terms")]
    unread = [Missing("checkout.orders_unknown", "retry"), Missing("checkout.availability_unknown", "retry")]
    shown = gate_rows([*away, *unread], ProductLine.INTERNET, "en")
    assert [(row.key, row.way) for row in shown] == [
        ("checkout.unreachable-retry", "retry"),
        ("checkout.terms-terms", "here"),
    ]
    assert len(gate_rows(unread, ProductLine.INTERNET, "en")) == 2


def test_a_plan_that_does_not_fit_leads_to_those_that_do():
    (gate,) = gate_rows([Missing("checkout.offering_dwelling", "plan")], ProductLine.INTERNET, "en")
    assert (gate.way, gate.href) == ("page", routes.AVAILABILITY)


async def test_an_unread_offer_leaves_the_old_one_but_not_its_button(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.load()
    shop.checkout.failure = DOWN
    await state.load()
    assert (state.found, state.ready, state.trouble) == ("found", False, "checkout.unavailable")
    assert state.items
    shop.checkout.failure = None
    await state.look_again()
    assert (state.ready, state.trouble) == (True, "")


async def test_an_offer_never_read_says_so_alone(shop, tab):
    shop.checkout.failure = TimeoutError()
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert (state.found, state.trouble, state.items) == ("failed", "checkout.unavailable", [])


@pytest.mark.parametrize("standing", ["placing", "unsure"])
async def test_a_submitted_cart_has_no_button_and_then_goes_on_to_its_order(shop, tab, standing):
    shop.checkout.state = standing
    state = tab(CheckoutState, PAGE)
    await state.load()
    assert (state.found, state.standing, state.ready) == ("found", standing, False)
    assert (state.waiting, state.waiting_body) == tuple(say("en", f"checkout.{standing}{x}") for x in ("", "_body"))
    shop.checkout.cart = None
    shop.orders.orders = [an_order(3, line=VPN), an_order(2), an_order(1)]
    went = await state.load()
    assert routes.order("801000000000002AAA") in str(went)
    assert (state.found, state.order_key) == ("none", "")


@pytest.mark.parametrize("failure", [DOWN, NotFound("account"), None])
async def test_an_order_that_cannot_be_found_yet_leads_to_the_list(shop, tab, failure):
    shop.checkout.state = "unsure"
    state = tab(CheckoutState, PAGE)
    await state.load()
    shop.checkout.cart, shop.orders.failure = None, failure
    went = await state.load()
    assert f'"{routes.ORDERS}"' in str(went)


async def test_an_order_that_surely_was_not_placed_can_be_tried_again(shop, tab):
    shop.checkout.state = "unsure"
    state = tab(CheckoutState, PAGE)
    await state.load()
    shop.checkout.state, shop.checkout.notice = "open", "checkout.not_placed"
    await state.load()
    assert (state.standing, state.ready) == ("open", True)
    assert state.refusal.startswith("Your order was not placed, and nothing is charged.")


async def test_an_empty_cart_leads_nowhere(shop, tab):
    shop.checkout.cart = None
    state = tab(CheckoutState, PAGE)
    assert await state.load() is None
    assert (state.found, state.ready) == ("none", False)


@pytest.mark.parametrize("path", ["/checkout/other", "/checkout/[line]", "/checkout", "/checkout/INTERNET"])
async def test_a_line_that_is_not_sold_here_reads_as_an_empty_cart(shop, tab, path):
    state = tab(CheckoutState, path)
    await state.load()
    assert (state.found, state.line, state.items) == ("none", "", [])


async def test_nothing_of_one_line_is_left_on_the_page_of_another(shop, tab):
    state = tab(CheckoutState, PAGE)
    await state.load()
    state.router = tab(CheckoutState, "/checkout/sim").router
    shop.checkout.failure = DOWN
    await state.load()
    assert (state.found, state.items, state.order_key, state.view.address_1) == ("failed", [], "", "")


async def test_what_the_door_had_to_say_is_shown_once(shop, tab):
    shop.flash.kept = {"f1": {"error": "checkout.changed"}}
    state = tab(CheckoutState, PAGE, cookie="flash=f1")
    await state.load()
    assert (state.error, shop.flash.kept) == ("checkout.changed", {})
    assert state.refusal == say("en", "checkout.changed")


async def test_good_news_of_the_page_before_goes_once_something_is_done_here(shop, tab):
    shop.checkout.cart = replace(at_home(), terms_version="")
    shop.flash.kept = {"f1": {"notice": "address.saved"}}
    state = tab(CheckoutState, PAGE, cookie="flash=f1")
    await state.load()
    assert state.told == say("en", "address.saved")
    await state.accept_terms()
    assert state.told == ""


async def test_what_no_sentence_exists_for_is_not_said(shop, tab):
    shop.flash.kept = {"f1": {"error": "<b>odd</b>"}}
    state = tab(CheckoutState, PAGE, cookie="flash=f1")
    await state.load()
    assert (state.refusal, state.ready) == ("", True)


async def test_the_page_speaks_the_customers_language(shop, tab):
    shop.checkout.pay_method = None
    state = tab(CheckoutState, PAGE, locale="ja")
    await state.load()
    assert (state.gates[0].sentence, state.gates[0].label) == (
        "お支払い方法を登録してください。",
        "お支払い方法を登録",
    )


def test_the_page_listens_to_everything_that_may_open_a_gate():
    policy = policy_of(CheckoutState.event_handlers["load"].fn)
    assert policy is not None
    assert set(policy.live.split()) == {"cart", "checks", "payments", "address", "orders"}
