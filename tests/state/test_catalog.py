"""The catalogue as a visitor sees it, and as a customer does."""

from dataclasses import fields, replace
from typing import get_args

import pytest

from portal_app.domain.catalog import Catalog, ProductLine, checked
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.security.policy import policy_of
from portal_app.state.catalog import CatalogState
from portal_app.state.plan_rows import PlanRow, Standing, plan_rows
from tests.fakes.catalog import INSTALL, ONCE, a_catalog, an_item
from tests.fakes.screens import CUSTOMER, a_service

DOWN = UpstreamUnavailable("salesforce", "GetCatalog", "down")
S = EligibilityState


@pytest.fixture
def visitor(outside, tab) -> CatalogState:
    return tab(CatalogState, "/catalog/internet", signed_in=False)


def availability(state: CatalogState) -> dict[str, tuple[str, str]]:
    return {row.sku.removeprefix("INTERNET-GOLD-"): (row.availability, row.reason) for row in state.internet}


async def mine(state: CatalogState) -> CatalogState:
    """Load as a customer's browser does."""
    following = await state.load()
    assert following is not None
    await state.load_mine()
    return state


def test_everybody_may_load_and_only_a_customer_may_load_what_is_theirs():
    assert policy_of(CatalogState.load.fn).who == "public"
    assert policy_of(CatalogState.load_mine.fn).who == "signed_in"


def test_a_row_is_made_of_texts_and_choices_only():
    for field in fields(PlanRow):
        assert field.type in (str, bool) or all(isinstance(choice, str) for choice in get_args(field.type)), field.name


async def test_a_visitor_sees_all_listed_plans_of_each_line_and_nobodys_own_records_are_read(visitor, outside):
    outside.services.failure = AssertionError("a visitor has no services")
    assert await visitor.load() is None
    assert {row.sku for row in visitor.internet} == {
        "INTERNET-GOLD-HOME-1G",
        "INTERNET-GOLD-HOME-10G",
        "INTERNET-GOLD-APARTMENT-1G",
    }
    assert [row.sku for row in visitor.sim] == ["SIM-VOICE-5GB", "SIM-DATA-50GB", "SIM-DATA-100GB"]
    assert [row.sku for row in visitor.vpn] == ["VPN-USA-SF"]
    assert (outside.checks.asked, visitor.loaded, visitor.stale) == ([], True, False)


async def test_prices_include_tax_and_say_how_much_of_it(visitor):
    await visitor.load()
    row = next(row for row in visitor.internet if row.sku == "INTERNET-GOLD-HOME-1G")
    assert (row.price, row.tax) == ("6,380", "580")
    assert (row.setup, row.setup_tax, row.spread, row.spread_months) == ("24,200", "2,200", "1,007", "24")
    assert (visitor.sim[0].setup, visitor.sim[0].setup_tax, visitor.sim[0].spread) == ("1,650", "150", "")
    assert (visitor.vpn[0].price, visitor.vpn[0].setup) == ("2,750", "3,300")


async def test_the_lowest_price_of_a_line_is_one_anybody_may_order(visitor):
    await visitor.load()
    assert (visitor.internet_from, visitor.sim_from, visitor.vpn_from) == ("5,830", "1,650", "2,750")


async def test_a_visitor_is_told_to_have_the_address_checked_and_sims_need_none(visitor):
    await visitor.load()
    assert set(availability(visitor).values()) == {("check", "")}
    assert visitor.to_be_checked
    assert [(row.sku, row.availability) for row in visitor.sim] == [
        ("SIM-VOICE-5GB", "available"),
        ("SIM-DATA-50GB", "available"),
        ("SIM-DATA-100GB", "not_sold"),
    ]


async def test_a_customer_sees_no_answer_before_it_is_known(outside, tab):
    state = tab(CatalogState)
    assert await state.load() is not None
    assert set(availability(state).values()) == {("", "")}
    assert not state.to_be_checked


CHECKS = [
    (Eligibility(S.NOT_REQUESTED), {"HOME-1G": "check", "HOME-10G": "check", "APARTMENT-1G": "check"}),
    (Eligibility(S.REQUESTED), {"HOME-1G": "checking", "HOME-10G": "checking", "APARTMENT-1G": "checking"}),
    (Eligibility(S.PENDING_REVIEW), {"HOME-1G": "checking", "HOME-10G": "checking", "APARTMENT-1G": "checking"}),
    (Eligibility(S.ELIGIBLE, "nonsense"), {"HOME-1G": "unknown", "HOME-10G": "unknown", "APARTMENT-1G": "unknown"}),
    (None, {"HOME-1G": "unknown", "HOME-10G": "unknown", "APARTMENT-1G": "unknown"}),
]


@pytest.mark.parametrize(("check", "expected"), CHECKS)
async def test_each_state_of_the_check_has_its_word(outside, tab, check, expected):
    outside.checks.eligibility = check
    state = await mine(tab(CatalogState))
    assert {sku: word for sku, (word, _) in availability(state).items()} == expected
    assert outside.checks.asked == [CUSTOMER]


async def test_a_plan_that_cannot_be_had_at_the_address_says_why(outside, tab):
    outside.checks.eligibility = Eligibility(S.ELIGIBLE, "Home 1G")
    assert availability(await mine(tab(CatalogState))) == {
        "HOME-1G": ("here", ""),
        "HOME-10G": ("unavailable", "speed"),
        "APARTMENT-1G": ("unavailable", "dwelling"),
    }
    outside.checks.eligibility = Eligibility(S.ELIGIBLE, "Apartment 1G")
    assert next(iter(availability(await mine(tab(CatalogState))))) == "APARTMENT-1G", "what can be had comes first"
    outside.checks.eligibility = Eligibility(S.INELIGIBLE)
    assert set(availability(await mine(tab(CatalogState))).values()) == {("unavailable", "no_service")}


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), NotFound("Account", "")])
async def test_a_check_that_cannot_be_read_is_neither_yes_nor_no(outside, tab, failure):
    outside.checks.failure = failure
    state = await mine(tab(CatalogState))
    assert set(availability(state).values()) == {("unknown", "")}
    assert state.sim[0].availability == "available"


@pytest.mark.parametrize(
    ("status", "kind", "shown"), [("active", "sim", True), ("suspended", "sim", False), ("active", "internet", False)]
)
async def test_plans_for_families_are_for_customers_with_an_active_sim(outside, tab, status, kind, shown):
    outside.services.services = [replace(a_service(1, status), kind=kind)]
    state = await mine(tab(CatalogState))
    assert any(row.family for row in state.sim) is shown


async def test_without_whmcs_no_plan_for_families_is_shown_and_all_others_are(outside, tab):
    outside.services.failure = UpstreamUnavailable("whmcs", "GetClientsProducts", "down")
    state = await mine(tab(CatalogState))
    assert [row.sku for row in state.sim] == ["SIM-VOICE-5GB", "SIM-DATA-50GB", "SIM-DATA-100GB"]


async def test_a_stale_copy_is_shown_with_its_time_in_both_languages(visitor, outside):
    outside.catalog.stale = True
    await visitor.load()
    assert (visitor.stale, visitor.as_of, visitor.as_of_ja) == (True, "11:55", "11:55")
    assert visitor.internet


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), TimeoutError()])
async def test_without_any_copy_the_page_is_empty_and_says_so_until_there_is_one(visitor, outside, failure):
    outside.catalog.failure = failure
    assert await visitor.load() is None
    assert (visitor.loaded, visitor.as_of, visitor.stale, visitor.internet) == (True, "", False, [])
    outside.catalog.failure = None
    await visitor.load()
    assert visitor.internet and visitor.as_of == "11:55"


async def test_rows_that_were_shown_stay_with_their_time_when_there_is_no_copy_any_more(outside, tab):
    state = await mine(tab(CatalogState))
    outside.catalog.failure = DOWN
    await state.load_mine()
    assert (bool(state.internet), state.stale, state.as_of) == (True, True, "11:55")


async def test_77_a_plan_that_was_not_taken_into_the_cart_is_explained_once(outside, tab):
    outside.flash.kept["k1"] = {"error": "cart.not_for_sale"}
    state = tab(CatalogState, "/catalog", signed_in=False, cookie="flash=k1")
    await state.load()
    assert state.refused == "cart.not_for_sale"
    await state.load()
    assert state.refused == "cart.not_for_sale"
    later = tab(CatalogState, "/catalog", signed_in=False, cookie="flash=k1")
    await later.load()
    assert later.refused == ""


async def test_a_page_that_nothing_was_kept_for_explains_nothing(visitor):
    await visitor.load()
    assert visitor.refused == ""


def test_a_line_without_a_fee_or_an_installation_has_no_set_up():
    bare = checked([an_item("VPN-USA-SF"), an_item("INTERNET-GOLD-HOME-1G", offering="Home 1G")])
    for line in (ProductLine.VPN, ProductLine.INTERNET):
        (row,) = plan_rows(bare, line, Standing())
        assert (row.setup, row.setup_tax, row.spread) == ("", "", "")
    assert plan_rows(Catalog(), ProductLine.SIM, Standing()) == []


def test_the_default_installation_is_the_set_up_and_one_without_a_visit_is_not():
    dear = an_item(
        "INTERNET-INSTALL-NIGHT", 30000, item_class=INSTALL, cycle=ONCE, listed=False, is_default=True, position=9
    )
    row = plan_rows(a_catalog(dear), ProductLine.INTERNET, Standing())[0]
    assert row.setup == "33,000"


def test_a_plan_shows_three_facts_and_what_it_is_for():
    plan = an_item("SIM-DATA-9GB", facts=("One", "Two", "Three"), sim_use="DataSmsVoice")
    (row,) = plan_rows(checked([plan]), ProductLine.SIM, Standing())
    assert (row.fact_1, row.fact_2, row.fact_3, row.use) == ("One", "Two", "Three", "data_voice")
    (row,) = plan_rows(checked([replace(plan, facts=("One",), sim_use="Fax")]), ProductLine.SIM, Standing())
    assert (row.fact_1, row.fact_2, row.fact_3, row.use) == ("One", "", "", "")
