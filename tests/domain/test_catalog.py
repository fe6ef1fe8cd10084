"""What belongs together in the catalogue, and what is kept from customers."""

from dataclasses import replace

import pytest

from portal_app.domain.catalog import Catalog, Cycle, ItemClass, Problem, checked, single_payment
from tests.fakes.catalog import ADD_ON, FEE, INSTALL, INTERNET, ONCE, SIM, VPN, a_catalog, a_pair, an_item, items

PHONE, WORK = "INTERNET-ADDON-HOME-PHONE", "INTERNET-ADDON-HOME-PHONE-INSTALL"


def test_a_sound_catalogue_has_no_problem_and_keeps_everything():
    catalog = a_catalog()
    assert catalog.problems == () and {item.sku for item in catalog.items} == {item.sku for item in items()}


def test_items_come_in_their_display_order():
    catalog = checked([an_item("SIM-B", position=2), an_item("SIM-C", position=1), an_item("SIM-A", position=2)])
    assert [item.sku for item in catalog.items] == ["SIM-C", "SIM-A", "SIM-B"]


BROKEN_PAIRS = [
    ({"is_paired": False}, {}, {("A", "pair_flag", ""), ("B", "pair_one_sided", "A")}),
    ({"partner_id": ""}, {}, {("A", "pair_flag", ""), ("B", "pair_one_sided", "A")}),
    ({}, {"is_paired": False, "partner_id": ""}, {("A", "pair_one_sided", "B")}),
    ({}, {"partner_id": "product:SIM-X"}, {("A", "pair_one_sided", "B"), ("B", "pair_gone", "")}),
    ({}, {"whmcs_product_id": None}, {("A", "pair_gone", ""), ("B", "no_whmcs_product", "")}),
    ({}, {"line": VPN}, {("A", "pair_lines", "B"), ("B", "pair_lines", "A")}),
    ({}, {"cycle": Cycle.MONTHLY}, {("A", "pair_cycles", "B"), ("B", "pair_cycles", "A")}),
    ({"partner_id": "product:SIM-A"}, {}, {("A", "pair_gone", ""), ("B", "pair_one_sided", "A")}),
]


@pytest.mark.parametrize(("first", "second", "expected"), BROKEN_PAIRS)
def test_a_pair_is_verified_from_both_sides_and_what_is_broken_is_told(first, second, expected):
    one, other = a_pair("SIM-A", "SIM-B")
    catalog = checked([replace(one, **first), replace(other, **second)])
    told = {(p.sku.removeprefix("SIM-"), p.code, p.detail.removeprefix("SIM-")) for p in catalog.problems}
    assert expected <= told
    assert catalog.find("SIM-A") is None and all(p.hides for p in catalog.problems)


def test_hiding_one_half_hides_the_other_too():
    one, other = a_pair("SIM-A", "SIM-B")
    catalog = checked([one, replace(other, whmcs_product_id=None), an_item("SIM-C")])
    assert [item.sku for item in catalog.items] == ["SIM-C"]


def test_an_item_whmcs_does_not_know_is_hidden_and_told():
    catalog = checked([an_item("VPN-GLOBAL", whmcs_product_id=None)])
    assert catalog == Catalog((), (Problem("VPN-GLOBAL", "no_whmcs_product"),))


def test_a_sku_that_is_there_twice_is_sold_in_neither_form():
    catalog = checked([an_item("SIM-A", 1), an_item("SIM-A", 2), an_item("SIM-B")])
    assert [item.sku for item in catalog.items] == ["SIM-B"] and catalog.problems == (Problem("SIM-A", "sku_twice"),)


@pytest.mark.parametrize(
    ("sku", "name", "months"),
    [
        ("INTERNET-INSTALL-12M", "x", 12),
        ("INTERNET-INSTALL-24M", "x", 24),
        ("INTERNET-INSTALL-LONG", "Installation (24 months)", 24),
        ("INTERNET-INSTALL-LONG", "工事費 12回", 12),
        ("INTERNET-INSTALL-36M", "Installation", None),
    ],
)
def test_a_monthly_installation_says_when_it_ends_or_is_not_sold(sku, name, months):
    item = an_item(sku, name=name, item_class=INSTALL)
    assert item.months == months
    assert [p.code for p in checked([item]).problems] == ([] if months else ["no_term"])


def test_only_installations_have_a_term():
    assert an_item("SIM-12M").months is None
    assert an_item("INTERNET-INSTALL-12M", item_class=INSTALL, cycle=ONCE).months is None


def test_instalments_that_do_not_come_to_the_single_payment_are_told_and_still_sold():
    single = an_item("INTERNET-INSTALL-SINGLE", 22000, item_class=INSTALL, cycle=ONCE)
    wrong = an_item("INTERNET-INSTALL-12M", 1834, item_class=INSTALL)
    catalog = checked([single, wrong])
    assert catalog.problems == (Problem(wrong.sku, "instalments_differ", single.sku),)
    assert catalog.find(wrong.sku) == wrong and not catalog.problems[0].hides
    assert single_payment(wrong, catalog.items) == single
    assert single_payment(an_item("INTERNET-INSTALL-NO-VISIT", item_class=INSTALL), catalog.items) is None


def test_add_ons_are_shown_as_one_choice_a_pair_and_without_the_weekend_fee():
    shown = a_catalog().add_ons(INTERNET)
    assert [(item.sku, partner and partner.sku) for item, partner in shown] == [
        (PHONE, WORK),
        ("INTERNET-ADDON-ROUTER", None),
    ]


def test_hidden_plans_may_be_ordered_and_some_that_are_listed_may_not():
    catalog = a_catalog()
    assert [item.sku for item in catalog.plans(SIM)] == ["SIM-VOICE-5GB", "SIM-DATA-50GB", "SIM-DATA-100GB"]
    orderable = {item.sku for item in catalog.of(SIM, ItemClass.SERVICE)}
    assert "SIM-VOICE-3GB" in orderable and "SIM-DATA-100GB" not in orderable


def test_family_plans_are_listed_only_for_families():
    assert "SIM-VOICE-5GB-FAMILY" in [item.sku for item in a_catalog().plans(SIM, family=True)]
    assert "SIM-VOICE-5GB-FAMILY" not in [item.sku for item in a_catalog().plans(SIM)]


FEES = [
    ([("FEE-A", True, False, 2), ("FEE-B", True, False, 1)], "SIM-FEE-B"),
    ([("FEE-A", True, True, 2), ("FEE-B", True, False, 1)], "SIM-FEE-A"),
    ([("FEE-A", False, True, 1), ("FEE-B", True, False, 2)], "SIM-FEE-B"),
    ([("FEE-A", False, True, 1)], None),
    ([], None),
]


@pytest.mark.parametrize(("fees", "expected"), FEES)
def test_the_fee_that_adds_itself_is_the_default_else_the_first(fees, expected):
    made = [
        an_item(f"SIM-{name}", item_class=FEE, cycle=ONCE, auto_add=auto, is_default=default, position=position)
        for name, auto, default, position in fees
    ]
    found = checked([an_item("SIM-PLAN"), *made]).activation_fee(an_item("SIM-PLAN"))
    assert (found and found.sku) == expected


def test_a_plan_with_a_fee_of_its_own_takes_that_one():
    plan = an_item("VPN-UK", is_paired=True, partner_id="product:VPN-UK-FEE")
    fee = an_item("VPN-UK-FEE", item_class=FEE, cycle=ONCE, is_paired=True, partner_id="product:VPN-UK")
    catalog = a_catalog(plan, fee)
    assert catalog.activation_fee(plan) == fee and catalog.activation_fee(catalog.find("VPN-USA-SF")).sku == "VPN-FEE"


def test_a_sku_is_found_by_exactly_itself():
    catalog = a_catalog()
    assert catalog.find("sim-voice-5gb") is None and catalog.find("") is None
    assert catalog.partner(catalog.find("SIM-VOICE-5GB")) is None


@pytest.mark.parametrize(
    ("sku", "voice_needed"), [("SIM-ADDON-VOICE-MAIL", True), ("SIM-ADDON-CALL-WAITING", True), ("SIM-ADDON-X", False)]
)
def test_which_add_ons_are_for_calls(sku, voice_needed):
    assert an_item(sku, item_class=ADD_ON).needs_voice is voice_needed
