"""The catalogue is proved against WHMCS once a day; what differs is left for a person."""

from dataclasses import dataclass, field

import pytest

from portal_app.domain.catalog import Catalog, Problem, checked
from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.whmcs.products import Products
from portal_app.workflows.catalog_check import KIND, CatalogCheck
from portal_app.workflows.findings import Stopped
from tests.fakes.catalog import ONCE, an_item
from tests.fakes.whmcs import a_wire_product, page_of_html


@dataclass
class Book:
    """What Salesforce sells at this moment."""

    catalog: Catalog = field(default_factory=Catalog)
    failure: Exception | None = None

    async def read_now(self) -> Catalog:
        if self.failure:
            raise self.failure
        return self.catalog


@pytest.fixture
def book() -> Book:
    return Book(checked([an_item("SIM-A", 1500, whmcs_product_id=97)]))


@pytest.fixture
def check(world, book) -> CatalogCheck:
    world.whmcs.products = [a_wire_product(97, "1500.00")]
    return CatalogCheck(book, Products(world.whmcs_client), world.reports, world.clock)


async def the_report(world):
    return (await world.reports.latest(KIND))[0]


async def test_a_catalogue_on_which_both_agree_is_a_report_of_zeros(world, check):
    assert await check.daily() == "catalog.daily: 1 compared, 0 drift, 0 left"
    assert (await the_report(world)).left == []


async def test_a_product_whmcs_does_not_have_is_left_for_a_person(world, check):
    world.whmcs.products = []
    await check.daily()
    assert (await the_report(world)).left == [{"sku": "SIM-A", "whmcs_product_id": 97, "why": "no_product"}]


async def test_another_price_is_told_with_both_prices(world, check):
    world.whmcs.products = [a_wire_product(97, "1600.00")]
    await check.daily()
    (left,) = (await the_report(world)).left
    assert left == {
        "sku": "SIM-A",
        "whmcs_product_id": 97,
        "salesforce": "1500",
        "whmcs": "1600.00",
        "why": "price_differs",
    }


async def test_a_onetime_item_is_proved_against_the_price_whmcs_keeps_as_monthly(world, check, book):
    book.catalog = checked([an_item("SIM-FEE", 1500, cycle=ONCE, whmcs_product_id=97)])
    await check.daily()
    assert [left["why"] for left in (await the_report(world)).left] == ["not_sold_so"]
    world.whmcs.products = [a_wire_product(97, "1500.00", paytype="onetime")]
    await check.daily()
    assert (await the_report(world)).left == []


async def test_what_is_hidden_from_customers_is_in_the_report_with_its_reason(world, check, book):
    broken = Problem("SIM-B", "pair_one_sided", "SIM-C")
    book.catalog = Catalog(book.catalog.items, (broken, Problem("SIM-D", "no_whmcs_product")))
    await check.daily()
    assert (await the_report(world)).left == [
        {"sku": "SIM-B", "detail": "SIM-C", "why": "pair_one_sided"},
        {"sku": "SIM-D", "why": "no_whmcs_product"},
    ]


async def test_without_whmcs_nothing_is_called_proven(world, check):
    world.whmcs.will("GetProducts", page_of_html())
    with pytest.raises(Stopped):
        await check.daily()
    report = await the_report(world)
    assert (report.compared, report.notes.startswith("stopped early")) == (0, True)


async def test_without_salesforce_whmcs_is_not_even_asked(world, check, book):
    book.failure = UpstreamUnavailable("salesforce", "GetCatalog", "down")
    with pytest.raises(Stopped):
        await check.daily()
    assert world.whmcs.asked("GetProducts") == []


async def test_a_process_that_ends_stops_between_the_two_questions(world, check):
    with pytest.raises(Stopped):
        await check.daily(lambda: True)
    assert world.whmcs.asked("GetProducts") == []
