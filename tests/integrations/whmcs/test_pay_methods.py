"""What the portal may know of a customer's cards: whose, which, until when, and where they are changed."""

from datetime import date, timedelta

import httpx
import pytest

from portal_app.domain.pay_methods import PayMethod
from portal_app.errors import NotFound, UpstreamReplyChanged, UpstreamUnavailable
from tests.fakes.whmcs import ROOT, a_wire_client, a_wire_pay_method, refusal, success


@pytest.fixture
def methods(desk):
    return desk.pay_methods


@pytest.fixture(autouse=True)
def people(whmcs):
    whmcs.clients = [a_wire_client(7), a_wire_client(8, email="kenichi@example.com")]
    whmcs.pay_methods = [a_wire_pay_method(501, 7)]


def a_bank(**changed):
    bank = {"type": "BankAccount", "bank_name": "みずほ銀行", "description": "普通預金 1234567", "gateway_name": ""}
    without = ("card_last_four", "expiry_date", "card_type", "start_date", "issue_number")
    return {k: v for k, v in a_wire_pay_method(502).items() if k not in without} | bank | changed


async def test_cards_and_banks_are_told_by_brand_bank_and_last_digits(methods, customer, whmcs):
    whmcs.pay_methods += [a_bank(), a_wire_pay_method(503, type="Wallet", card_type="", card_last_four="")]
    assert await methods.list_methods(customer) == (
        PayMethod(501, "card", "Visa 1111", date(2027, 2, 28), True, "Visa", "1111", "stripe"),
        PayMethod(502, "bank", "みずほ銀行", brand="みずほ銀行"),
        PayMethod(503, "other", "", date(2027, 2, 28), gateway="stripe"),
    )


@pytest.mark.parametrize(
    ("spelled", "last_day"),
    [
        ("02/28", date(2028, 2, 29)),
        ("12/2027", date(2027, 12, 31)),
        ("0627", date(2027, 6, 30)),
        ("6/27", date(2027, 6, 30)),
        ("", None),
        ("00/00", None),
        ("13/27", None),
        ("soon", None),
    ],
)
async def test_a_card_is_good_to_the_last_day_of_its_month_and_an_odd_month_is_left_to_whmcs(
    methods, customer, whmcs, spelled, last_day
):
    whmcs.pay_methods = [a_wire_pay_method(expiry_date=spelled)]
    (method,) = await methods.list_methods(customer)
    assert method.expires_on == last_day


@pytest.mark.parametrize(
    "typed_by_staff",
    [
        {"card_type": "Visa 4111 1111 1111 1111"},
        {"card_last_four": "4111111111111111"},
        a_bank(bank_name="みずほ 1234567"),
    ],
)
async def test_r1_a_whole_number_or_a_token_comes_no_further(methods, customer, whmcs, typed_by_staff):
    whmcs.pay_methods = [a_wire_pay_method(**typed_by_staff)]
    (method,) = await methods.list_methods(customer)
    assert method.label in ("Visa 1111", "みずほ")


async def test_the_list_may_be_wrapped_or_hold_nothing(methods, customer, whmcs):
    whmcs.will("GetPayMethods", success(clientid=7, paymethods={"paymethod": [a_wire_pay_method()]}))
    assert len(await methods.list_methods(customer)) == 1
    for empty in ([], "", {}, None):
        whmcs.will("GetPayMethods", success(clientid="7", paymethods=empty))
        assert await methods.list_methods(customer, anew=True) == ()


async def test_a_customer_asks_whmcs_once_in_a_quarter_of_an_hour_unless_anew(methods, customer, whmcs, clock):
    for _ in range(3):
        await methods.list_methods(customer)
    assert len(whmcs.asked("GetPayMethods")) == 1
    whmcs.pay_methods = []
    assert await methods.list_methods(customer, anew=True) == ()
    clock.advance(timedelta(minutes=16))
    await methods.list_methods(customer)
    assert len(whmcs.asked("GetPayMethods")) == 3


async def test_what_could_not_be_read_anew_is_no_yes(methods, customer, whmcs):
    await methods.list_methods(customer)
    whmcs.down = True
    with pytest.raises(UpstreamUnavailable):
        await methods.list_methods(customer, anew=True)


async def test_o1_an_answer_about_somebody_else_is_not_found_and_told(desk, methods, customer, whmcs):
    whmcs.will("GetPayMethods", success(clientid=8, paymethods=[]))
    with pytest.raises(NotFound):
        await methods.list_methods(customer)
    whmcs.will("GetPayMethods", success(clientid=7, paymethods=[a_wire_pay_method(501, 8)]))
    with pytest.raises(NotFound):
        await methods.list_methods(customer, anew=True)
    assert desk.foreign == [(customer.user_id, "pay_methods", 7), (customer.user_id, "pay_method", 501)]


async def test_a_card_filed_under_a_contact_of_the_client_is_the_clients(methods, customer, whmcs):
    row = a_wire_pay_method(contact_type="Contact", contact_id=99)
    whmcs.will("GetPayMethods", success(clientid=7, paymethods=[row]))
    assert len(await methods.list_methods(customer)) == 1


async def test_a_client_that_is_gone_is_not_found(methods, customer, whmcs):
    whmcs.clients = []
    with pytest.raises(NotFound):
        await methods.list_methods(customer)


async def test_a_changed_shape_names_the_place_and_no_value(methods, customer, whmcs):
    whmcs.will("GetPayMethods", success(clientid=7, paymethods=[{"type": "CreditCard", "card_last_four": "1111"}]))
    with pytest.raises(UpstreamReplyChanged) as changed:
        await methods.list_methods(customer)
    assert "1111" not in str(changed.value)


async def test_s16_the_link_leads_to_whmcs_own_card_page_for_this_client(methods, customer, whmcs):
    url = await methods.request_link(customer)
    assert url == f"{ROOT}/oauth/singlesignon.php?access_token={'a1' * 20}"
    (asked,) = whmcs.asked("CreateSsoToken")
    assert (asked["client_id"], asked["destination"]) == ("7", "clientarea:billing_info")
    assert "sso_redirect_path" not in asked


async def test_who_went_to_whmcs_is_asked_for_anew_afterwards(methods, customer, whmcs):
    await methods.list_methods(customer)
    await methods.request_link(customer)
    whmcs.pay_methods = []
    assert await methods.list_methods(customer) == ()


async def test_a_client_who_switched_single_sign_on_off_gets_the_plain_card_page(methods, customer, whmcs):
    whmcs.will("CreateSsoToken", refusal("SSO authentication blocked for client 7"))
    assert await methods.request_link(customer) == f"{ROOT}/index.php?rp=/account/paymentmethods"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/oauth/x", f"http{ROOT[5:]}/oauth/x", "javascript:alert(1)"]
)
async def test_a_card_link_that_leads_elsewhere_is_refused(methods, customer, whmcs, elsewhere):
    whmcs.sso_url = elsewhere
    with pytest.raises(UpstreamReplyChanged):
        await methods.request_link(customer)


async def test_a_lost_link_is_an_outage_and_may_be_asked_for_again(methods, customer, whmcs):
    whmcs.will("CreateSsoToken", httpx.ReadTimeout("no answer"))
    with pytest.raises(UpstreamUnavailable):
        await methods.request_link(customer)
    assert (await methods.request_link(customer)).startswith(ROOT)
