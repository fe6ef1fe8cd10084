"""Everything that stands between a cart and an order, said at once."""

from datetime import date, timedelta

import pytest

from portal_app.domain.cart import Cart
from portal_app.domain.checkout import Missing, missing
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.domain.sim import PortIn
from tests.fakes.catalog import (
    EID,
    INTERNET,
    SIM,
    TODAY,
    VPN,
    a_cart,
    a_catalog,
    a_sim_choice,
    a_standing,
    an_internet_choice,
    an_item,
    items,
)

S = EligibilityState


def words(cart, catalog=None, **standing) -> list[str]:
    return [one.words for one in missing(cart, catalog or a_catalog(), a_standing(**standing))]


@pytest.mark.parametrize("line", [INTERNET, SIM, VPN])
def test_a_complete_cart_of_a_customer_in_good_standing_lacks_nothing(line):
    assert missing(a_cart(line), a_catalog(), a_standing()) == ()


def test_with_nothing_prepared_everything_is_said_at_once_with_where_to_mend_it():
    nothing = a_standing(
        linked=False,
        payment_method=False,
        address_key="",
        document="not_submitted",
        eligibility=Eligibility(),
    )
    found = missing(Cart(INTERNET, "INTERNET-GOLD-HOME-1G"), a_catalog(), nothing)
    assert [(one.words, one.fix) for one in found] == [
        ("checkout.access_mode", "configure"),
        ("checkout.installation", "configure"),
        ("checkout.availability_ask", "availability"),
        ("checkout.link", "link"),
        ("checkout.address", "address"),
        ("checkout.payment_method", "payment"),
        ("checkout.terms", "terms"),
    ]


STANDINGS = [
    (INTERNET, {"linked": False}, "checkout.link"),
    (SIM, {"payment_method": False}, "checkout.payment_method"),
    (SIM, {"payment_method": None}, "checkout.payment_unknown"),
    (SIM, {"address_key": ""}, "checkout.address"),
    (SIM, {"address_key": None}, "checkout.address_unknown"),
    (INTERNET, {"address_key": "大阪9-9"}, "checkout.address_confirm"),
    (INTERNET, {"internet_here": True}, "checkout.internet_here"),
    (INTERNET, {"internet_here": None}, "checkout.services_unknown"),
    (VPN, {"open_order": True}, "checkout.open_order"),
    (VPN, {"open_order": None}, "checkout.orders_unknown"),
    (SIM, {"document": "not_submitted"}, "checkout.document"),
    (SIM, {"document": "rejected"}, "checkout.document_rejected"),
    (SIM, {"document": None}, "checkout.document_unknown"),
    (SIM, {"terms_version": "2026-05"}, "checkout.terms"),
    (INTERNET, {"eligibility": None}, "checkout.availability_unknown"),
    (INTERNET, {"eligibility": Eligibility(S.NOT_REQUESTED)}, "checkout.availability_ask"),
    (INTERNET, {"eligibility": Eligibility(S.REQUESTED)}, "checkout.availability_wait"),
    (INTERNET, {"eligibility": Eligibility(S.PENDING_REVIEW)}, "checkout.availability_wait"),
    (INTERNET, {"eligibility": Eligibility(S.INELIGIBLE)}, "checkout.availability_none"),
    (INTERNET, {"eligibility": Eligibility(S.ELIGIBLE, "Apartment 1G")}, "checkout.offering_dwelling"),
    (INTERNET, {"eligibility": Eligibility(S.ELIGIBLE, "Home 100M")}, "checkout.offering_speed"),
    (INTERNET, {"eligibility": Eligibility(S.ELIGIBLE, "Boat")}, "checkout.offering_unknown"),
]


@pytest.mark.parametrize(("line", "changed", "expected"), STANDINGS)
def test_each_missing_precondition_is_said_alone(line, changed, expected):
    assert words(a_cart(line), **changed) == [expected]


def test_what_could_not_be_asked_is_never_taken_as_a_yes():
    unknown = dict.fromkeys(("payment_method", "address_key", "eligibility", "document", "internet_here", "open_order"))
    for line in (INTERNET, SIM, VPN):
        found = missing(a_cart(line), a_catalog(), a_standing(**unknown))
        assert {one.fix for one in found} == {"retry"} and len(found) >= 3


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        (SIM, {"eligibility": None, "internet_here": True, "document": "verified"}),
        (VPN, {"eligibility": None, "internet_here": None, "address_key": "", "document": "rejected"}),
        (INTERNET, {"document": "rejected"}),
    ],
)
def test_what_a_line_does_not_need_is_not_asked_of_it(line, changed):
    assert words(a_cart(line), **changed) == []


def test_which_lines_need_a_document_is_a_choice_of_the_installation():
    assert words(a_cart(VPN), document="not_submitted", documents_for=frozenset({VPN})) == ["checkout.document"]


def test_an_address_that_changed_closes_the_open_cart():
    standing = {"eligibility": Eligibility(S.NOT_REQUESTED), "address_key": "大阪9-9"}
    assert words(a_cart(INTERNET), **standing) == ["checkout.availability_ask", "checkout.address_confirm"]


INTERNETS = [
    ({"access_mode": ""}, "checkout.access_mode"),
    ({"access_mode": "Carrier pigeon"}, "checkout.access_mode"),
    ({"installation": ""}, "checkout.installation"),
    ({"wishes": (TODAY + timedelta(days=9),)}, "checkout.wishes"),
    ({"wishes": (TODAY + timedelta(days=91),)}, "checkout.wishes"),
    ({"wishes": tuple(TODAY + timedelta(days=day) for day in (12, 13, 14, 15))}, "checkout.wishes"),
    ({"wishes": (date(2026, 5, 1), date(2026, 5, 1))}, "checkout.wishes"),
    ({"wishes": (date(2026, 5, 2),)}, "checkout.wishes_weekend"),
]


@pytest.mark.parametrize(("changed", "expected"), INTERNETS)
def test_each_answer_about_internet_is_checked(changed, expected):
    assert words(a_cart(INTERNET, internet=an_internet_choice(**changed))) == [expected]


def test_three_wishes_within_the_days_are_fine():
    wishes = tuple(TODAY + timedelta(days=day) for day in (10, 50, 90))
    assert words(a_cart(INTERNET, internet=an_internet_choice(wishes=wishes, weekend=True))) == []


SIMS = [
    ({"form": ""}, [Missing("checkout.sim_form", "configure", "form")]),
    ({"eid": EID[:-1]}, [Missing("sim.eid_digits", "configure", "eid")]),
    ({"phone_ready": False}, [Missing("checkout.phone_ready", "configure", "phone_ready")]),
    ({"form": "physical", "eid": "", "phone_ready": False}, []),
    ({"start": ""}, [Missing("sim.start_missing", "configure", "start")]),
    ({"start": "scheduled", "start_on": TODAY}, [Missing("sim.start_date_range", "configure", "start")]),
]


@pytest.mark.parametrize(("changed", "expected"), SIMS)
def test_each_answer_about_a_sim_is_checked(changed, expected):
    assert list(missing(a_cart(SIM, sim=a_sim_choice(**changed)), a_catalog(), a_standing())) == expected


def test_an_empty_port_in_names_every_field_and_a_data_plan_takes_none():
    asked = a_sim_choice(port_in=PortIn())
    assert len(words(a_cart(SIM, sim=asked))) == 9
    assert words(a_cart(SIM, plan="SIM-DATA-50GB", sim=asked)) == ["sim.port_in_needs_voice"]


@pytest.mark.parametrize(
    ("active", "expected"), [(True, []), (False, ["checkout.family"]), (None, ["checkout.family"])]
)
def test_a_family_plan_needs_an_active_sim(active, expected):
    assert words(a_cart(SIM, plan="SIM-VOICE-5GB-FAMILY"), sim_active=active) == expected


def test_a_skipped_plan_a_retired_one_and_a_fee_that_is_gone_are_said():
    assert words(Cart(SIM, sim=a_sim_choice()))[0] == "checkout.plan"
    without = a_catalog().__class__(tuple(item for item in items() if item.sku != "SIM-VOICE-5GB"))
    assert words(a_cart(SIM), without) == ["checkout.item_gone"]
    no_fee = a_catalog().__class__(tuple(item for item in items() if item.sku != "SIM-FEE"))
    assert words(a_cart(SIM), no_fee) == ["checkout.no_fee"]


def test_a_vpn_plan_without_a_region_cannot_be_ordered():
    assert words(a_cart(VPN, plan="VPN-X"), a_catalog(an_item("VPN-X"))) == ["checkout.region"]
