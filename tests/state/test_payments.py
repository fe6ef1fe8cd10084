"""The page of payment methods."""

from dataclasses import asdict, replace
from datetime import date

import pytest

from portal_app import wiring
from portal_app.domain.pay_methods import PayMethod
from portal_app.domain.services import BillingCycle, ServiceStatus
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.state.payments import PaymentsState
from portal_app.text import say
from tests.fakes.screens import ScreenPayMethods, a_service
from tests.state.conftest import settled

DOWN = UpstreamUnavailable("whmcs", "GetPayMethods")
VISA = PayMethod(1, "card", "Visa 1111", date(2027, 2, 28), True, "Visa", "1111", "stripe")
OLD = PayMethod(2, "card", "JCB 2222", date(2025, 12, 31), False, "JCB", "2222", "stripe")
SOON = PayMethod(3, "card", "Amex 3333", date(2026, 1, 31), False, "Amex", "3333", "stripe")
BANK = PayMethod(4, "bank", "みずほ銀行", None, False, "みずほ銀行", "", "")


def a_paid_service(number=31, gateway="stripe", **changed):
    return replace(a_service(number, name=f"Plan {number}"), gateway=gateway, **changed)


@pytest.fixture
def methods(outside):
    stored = ScreenPayMethods()
    with wiring.use(pay_methods=stored):
        yield stored


@pytest.fixture
def state(tab):
    return tab(PaymentsState)


async def test_brand_digits_month_and_default_are_shown(methods, state):
    methods.methods = [VISA, BANK]
    await state.load()
    card, bank = state.methods
    assert (card.brand, card.last_four, card.until, card.is_default) == ("Visa", "1111", "Feb 2027", True)
    assert (bank.kind, bank.brand, bank.until, bank.standing) == ("bank", "みずほ銀行", "", "good")
    assert (state.as_of, state.ways, state.usable) == ("11:55", "Credit Card · Bank Transfer", True)


async def test_that_a_card_pays_for_nothing_is_said_only_when_that_is_sure(outside, methods, state, monkeypatch):
    methods.methods, outside.services.services = [VISA, BANK], []
    await state.load()
    assert [row.idle for row in state.methods] == [True, False], "what WHMCS keeps itself serves many gateways"
    outside.services.failure = DOWN
    await state.load()
    assert [row.idle for row in state.methods] == [False, False]
    outside.services.failure = None
    outside.services.services = [a_paid_service(31, "stripe_x")]

    async def unknown(customer):
        return {}

    monkeypatch.setattr(outside.gateways, "shown_to", unknown)
    await state.load()
    assert (state.methods[0].idle, state.others) == (False, [])


async def test_what_expires_within_60_days_and_what_has_expired_is_marked(methods, state):
    methods.methods = [VISA, OLD, SOON]
    await state.load()
    assert [row.standing for row in state.methods] == ["good", "expired", "expiring"]
    methods.methods = [OLD]
    await state.load()
    assert not state.usable


async def test_services_stand_beside_the_first_card_of_their_gateway_that_can_be_charged(outside, methods, state):
    methods.methods = [replace(OLD, is_default=True), SOON, replace(VISA, is_default=False)]
    outside.services.services = [a_paid_service(31), a_paid_service(32, "Credit Card", label="090-1")]
    await state.load()
    assert [row.services for row in state.methods] == ["", "Plan 31", ""]
    assert [(row.name, row.services) for row in state.others] == [("credit card", "Plan 32 · 090-1")]


async def test_a_gateway_named_as_people_read_it_is_the_same_one(outside, methods, state):
    methods.methods = [replace(VISA, gateway="Credit card")]
    outside.services.services = [a_paid_service(31, "Stripe")]
    await state.load()
    assert [row.services for row in state.methods] == ["Plan 31"]


async def test_what_is_paid_without_anything_stored_is_told_by_its_way(outside, methods, state):
    outside.services.services = [a_paid_service(31, "banktransfer"), a_paid_service(32, "banktransfer")]
    await state.load()
    assert [(row.name, row.services) for row in state.others] == [("Bank Transfer", "Plan 31\nPlan 32")]
    assert (state.methods, state.usable) == ([], False)


@pytest.mark.parametrize(
    "changed", [{"status": ServiceStatus.CANCELLED}, {"cycle": BillingCycle.FREE}, {"cycle": BillingCycle.ONETIME}]
)
async def test_what_is_over_or_not_billed_again_is_paid_by_nothing(outside, methods, state, changed):
    methods.methods = [VISA]
    outside.services.services = [a_paid_service(31, **changed), a_paid_service(32, "")]
    await state.load()
    assert (state.methods[0].services, state.others) == ("", [])


async def test_without_services_the_cards_are_shown_all_the_same(outside, methods, state):
    methods.methods, outside.services.failure = [VISA], DOWN
    await state.load()
    assert (len(state.methods), state.trouble) == (1, "")


async def test_back_in_the_tab_a_card_added_meanwhile_appears(methods, state):
    await state.load()
    assert (state.methods, methods.anew) == ([], 0)
    methods.methods = [VISA]
    await state.look_again()
    assert ([row.last_four for row in state.methods], methods.anew) == (["1111"], 1)


@pytest.mark.parametrize(
    ("failure", "notice"),
    [(DOWN, "payments.unavailable"), (Busy("whmcs"), "billing.busy"), (NotFound("client"), "payments.unavailable")],
)
async def test_cards_already_shown_stay_when_whmcs_is_down(methods, state, failure, notice):
    methods.methods = [VISA]
    await state.load()
    methods.failure = failure
    await settled(state.refresh())
    assert (len(state.methods), state.trouble, state.as_of, state.refreshing) == (1, notice, "11:55", False)


async def test_without_any_answer_there_is_the_notice_alone(methods, state):
    methods.failure = DOWN
    await state.load()
    assert (state.methods, state.trouble, state.as_of, state.read) == ([], "payments.unavailable", "", True)


async def test_why_the_page_of_whmcs_did_not_open_is_said_once(outside, methods, tab):
    outside.flash.kept["key"] = {"error": "problem.unavailable"}
    state, again = (tab(PaymentsState, cookie="flash=key") for _ in range(2))
    await state.load()
    assert state.refusal == say("en", "problem.unavailable")
    await again.load()
    assert again.refusal == ""


async def test_state_holds_only_what_may_be_shown(methods, state):
    methods.methods = [VISA]
    await state.load()
    assert set(asdict(state.methods[0])) == {
        "key",
        "kind",
        "brand",
        "last_four",
        "until",
        "standing",
        "is_default",
        "services",
        "idle",
    }
