"""The portal's price book: what is asked, how rows become items, and how long a copy is good for."""

import asyncio
import logging
from datetime import timedelta
from decimal import Decimal

import pytest

from portal_app.domain.catalog import Cycle, ItemClass, Problem, ProductLine
from portal_app.errors import ConfigError, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.storage.cache import MemoryCache
from tests.fakes.salesforce import Reply, page_of_html
from tests.integrations.virtual_time import in_virtual_time

BOOK = as_18("01s000000000002")


def an_id(prefix: str, number: int) -> str:
    found = as_18(f"{prefix}{number:012d}")
    assert found
    return found


def a_row(number: int = 1, sku: str = "SIM-A", price: object = 1500, **changed: object) -> dict:
    product = {
        "Name": "SIM Data 5GB",
        "StockKeepingUnit": sku,
        "Product2Categories1__c": "SIM",
        "Portal_Catalog__c": True,
        "Portal_Accessible__c": True,
        "Item_Class__c": "Service",
        "Billing_Cycle__c": "Monthly",
        "Catalog_Order__c": 3.0,
        "WH_Product_ID__c": 97.0,
        "SIM_Data_Size__c": "5GB",
    }
    entry = {"Id": an_id("01u", number), "UnitPrice": price, "Product2Id": an_id("01t", number)}
    return {"attributes": {"type": "PricebookEntry"}, **entry, "Product2": product | changed}


def a_page(*rows: dict, more: str = "") -> Reply:
    page = {"totalSize": len(rows), "done": not more, "records": list(rows)}
    return Reply(200, page | ({"nextRecordsUrl": more} if more else {}))


@pytest.fixture
def book(connected):
    cache = MemoryCache("test", connected.clock)
    return PriceBook(connected.client, FieldMap(), cache, connected.clock, pricebook_id=BOOK)


@in_virtual_time
async def test_a_row_becomes_an_item(book, salesforce):
    salesforce.will(
        "Query", a_page(a_row(Description="Fast\n\n SIM or eSIM \nThird\nFourth", SIM_Plan_Type__c="DataOnly"))
    )
    (item,) = (await book.get_catalog()).catalog.items
    assert (item.sku, item.line, item.item_class, item.cycle) == (
        "SIM-A",
        ProductLine.SIM,
        ItemClass.SERVICE,
        Cycle.MONTHLY,
    )
    assert (item.unit_price, str(item.unit_price), item.whmcs_product_id, item.position) == (1500, "1500", 97, 3)
    assert item.facts == ("Fast", "SIM or eSIM", "Third") and item.data_size == "5GB" and not item.has_voice
    assert (item.salesforce_price_id, item.salesforce_product_id) == (an_id("01u", 1), an_id("01t", 1))
    assert (item.listed, item.orderable, item.auto_add, item.is_paired) == (True, True, False, False)


@in_virtual_time
async def test_only_what_is_sold_from_the_portals_book_is_asked_for_in_one_query(book, salesforce):
    salesforce.will("Query", a_page(a_row()))
    await book.get_catalog()
    (query,) = salesforce.queries()
    sold = "IsActive = true AND Product2.IsActive = true"
    assert query.endswith(f"FROM PricebookEntry WHERE Pricebook2Id = '{BOOK}' AND {sold} ORDER BY Id")
    assert query.startswith("SELECT Id, UnitPrice, Product2Id, Product2.Name, ")
    assert "Product2.WH_Product_ID__c" in query


@in_virtual_time
async def test_an_installation_may_name_its_fields_otherwise(connected, salesforce):
    fields = FieldMap({"product.sku": "Kyoku_No__c"})
    book = PriceBook(connected.client, fields, MemoryCache("t", connected.clock), connected.clock, pricebook_id=BOOK)
    row = a_row()
    row["Product2"]["Kyoku_No__c"] = "OWN"
    salesforce.will("Query", a_page(row))
    assert (await book.get_catalog()).catalog.find("OWN") and "Product2.Kyoku_No__c" in salesforce.queries()[0]


UNREADABLE = [
    ({"Item_Class__c": "Gift"}, "item_class"),
    ({"Item_Class__c": None}, "item_class"),
    ({"Billing_Cycle__c": "Yearly"}, "billing_cycle"),
    ({"Product2Categories1__c": ""}, "category"),
    ({"Name": " "}, "name"),
    ({"WH_Product_ID__c": "97"}, "whmcs_product_id"),
    ({"WH_Product_ID__c": 97.5}, "whmcs_product_id"),
    ({"WH_Product_ID__c": 0}, "whmcs_product_id"),
    ({"WH_Product_ID__c": 2**31}, "whmcs_product_id"),
    ({"WH_Product_ID__c": True}, "whmcs_product_id"),
]


@pytest.mark.parametrize(("changed", "field"), UNREADABLE)
def test_an_item_with_a_value_nobody_knows_is_hidden_alone_and_told(book, salesforce, changed, field):
    @in_virtual_time
    async def run():
        salesforce.will("Query", a_page(a_row(1, "SIM-A", **changed), a_row(2, "SIM-B")))
        catalog = (await book.get_catalog()).catalog
        assert [item.sku for item in catalog.items] == ["SIM-B"]
        assert catalog.problems == (Problem("SIM-A", "unreadable", field),)

    run()


@pytest.mark.parametrize("price", [None, "1500", 1500.5, -1, 10**8, True])
def test_a_price_that_is_no_sum_of_yen_is_no_price(book, salesforce, price):
    @in_virtual_time
    async def run():
        salesforce.will("Query", a_page(a_row(1, "SIM-A", price), a_row(2, "SIM-B", 0)))
        catalog = (await book.get_catalog()).catalog
        assert [item.sku for item in catalog.items] == ["SIM-B"]
        assert catalog.problems == (Problem("SIM-A", "unreadable", "unit_price"),)

    run()


@in_virtual_time
async def test_an_item_without_a_sku_is_told_by_its_id(book, salesforce):
    salesforce.will("Query", a_page(a_row(1, ""), a_row(2, "SIM-B")))
    assert (await book.get_catalog()).catalog.problems == (Problem(an_id("01t", 1), "unreadable", "sku"),)


@in_virtual_time
async def test_broken_pairs_and_unmapped_items_are_left_out_told_and_logged(book, salesforce, caplog):
    caplog.set_level(logging.WARNING)
    pair = {"Item_Class__c": "Add-on", "Is_Bundled_Addon__c": True}
    salesforce.will(
        "Query",
        a_page(
            a_row(1, "SIM-A", **pair, Bundled_Addon__c=an_id("01t", 2)),
            a_row(2, "SIM-B", **pair, Bundled_Addon__c=an_id("01t", 1), Billing_Cycle__c="Onetime"),
            a_row(3, "SIM-C", **pair, Bundled_Addon__c=an_id("01t", 1)),
            a_row(4, "SIM-D", WH_Product_ID__c=None),
        ),
    )
    catalog = (await book.get_catalog()).catalog
    assert {item.sku for item in catalog.items} == {"SIM-A", "SIM-B"}
    assert catalog.partner(catalog.find("SIM-A")) == catalog.find("SIM-B")
    assert catalog.problems == (Problem("SIM-C", "pair_one_sided", "SIM-A"), Problem("SIM-D", "no_whmcs_product"))
    assert {record.code for record in caplog.records} == {"pair_one_sided", "no_whmcs_product"}


@in_virtual_time
async def test_all_pages_are_read(book, salesforce):
    url = "/services/data/v59.0/query/01g000000000001AAA-2000"
    salesforce.will("Query", a_page(a_row(1, "SIM-A"), more=url), a_page(a_row(2, "SIM-B")))
    assert len((await book.get_catalog()).catalog.items) == 2 and salesforce.count("Query") == 2


@pytest.mark.parametrize("reply", [a_page({"Id": "x"}), a_page({**a_row(), "Product2": None}), a_page()])
def test_t4_another_shape_or_an_empty_book_is_no_catalogue(book, salesforce, reply):
    @in_virtual_time
    async def run():
        salesforce.will("Query", reply)
        with pytest.raises(UpstreamReplyChanged):
            await book.get_catalog()

    run()


@in_virtual_time
async def test_h2_many_visitors_ask_once_and_the_copy_lasts_without_an_event(book, salesforce, connected):
    salesforce.keeps("Query", a_page(a_row()))
    await asyncio.gather(*[book.get_catalog() for _ in range(20)])
    connected.clock.advance(timedelta(hours=9))
    await book.get_catalog()
    assert salesforce.count("Query") == 1
    connected.clock.advance(timedelta(hours=3))
    await book.get_catalog()
    assert salesforce.count("Query") == 2


@in_virtual_time
async def test_an_event_clears_it_and_the_next_visitor_sees_the_new_price(book, salesforce):
    salesforce.will("Query", a_page(a_row(price=1500)), a_page(a_row(price=1600)))
    await book.get_catalog()
    await book.clear()
    assert (await book.get_catalog()).catalog.find("SIM-A").unit_price == Decimal(1600)


@in_virtual_time
async def test_h4_without_salesforce_the_copy_is_shown_with_its_time_for_a_day(book, salesforce, connected):
    salesforce.will("Query", a_page(a_row()))
    first = await book.get_catalog()
    salesforce.keeps("Query", page_of_html(503))
    connected.clock.advance(timedelta(hours=13))
    found = await book.get_catalog()
    assert (found.stale, found.as_of, found.catalog) == (True, first.as_of, first.catalog)
    connected.clock.advance(timedelta(hours=12))
    with pytest.raises(UpstreamUnavailable):
        await book.get_catalog()


@in_virtual_time
async def test_cleared_while_salesforce_is_down_there_is_still_the_last_copy(book, salesforce, connected):
    salesforce.will("Query", a_page(a_row()))
    first = await book.get_catalog()
    salesforce.keeps("Query", page_of_html(503))
    await book.clear()
    connected.clock.advance(timedelta(hours=1))
    found = await book.get_catalog()
    assert (found.stale, found.as_of) == (True, first.as_of)
    salesforce.keeps("Query", a_page(a_row(price=1700)))
    connected.clock.advance(timedelta(hours=1))
    again = await book.get_catalog()
    assert not again.stale and again.catalog.find("SIM-A").unit_price == 1700


@in_virtual_time
async def test_without_any_copy_the_error_is_said(book, salesforce):
    salesforce.keeps("Query", page_of_html(503))
    with pytest.raises(UpstreamUnavailable):
        await book.get_catalog()


@in_virtual_time
async def test_money_is_never_taken_from_a_copy(book, salesforce):
    salesforce.will("Query", a_page(a_row(price=1500)), a_page(a_row(price=1600)))
    await book.get_catalog()
    assert (await book.read_now()).find("SIM-A").unit_price == 1600
    salesforce.keeps("Query", page_of_html(503))
    with pytest.raises(UpstreamUnavailable):
        await book.read_now()
    assert (await book.get_catalog()).catalog.find("SIM-A").unit_price == 1500


@in_virtual_time
async def test_a_refresh_asks_and_keeps_the_answer(book, salesforce):
    salesforce.will("Query", a_page(a_row(price=1500)), a_page(a_row(price=1600)))
    await book.get_catalog()
    assert (await book.refresh()).catalog.find("SIM-A").unit_price == 1600
    assert (await book.get_catalog()).catalog.find("SIM-A").unit_price == 1600 and salesforce.count("Query") == 2


@pytest.mark.parametrize("bad", ["", "01s", "001000000000001AAA", "x' OR Name != '", BOOK[:-1] + "x"])
def test_o3_a_price_book_needs_a_price_books_id(connected, bad):
    with pytest.raises(ConfigError, match="PORTAL_PRICEBOOK_ID"):
        PriceBook(connected.client, FieldMap(), MemoryCache("t", connected.clock), connected.clock, pricebook_id=bad)


@in_virtual_time
async def test_row_27_half_a_letter_in_one_description_hides_nothing(book, salesforce):
    salesforce.will("Query", a_page(a_row(Description="Fast \ud83d"), a_row(2, sku="SIM-B")))
    first, second = (await book.get_catalog()).catalog.items
    assert (first.facts, second.sku) == (("Fast ?",), "SIM-B")
