"""Services with what Salesforce knows of them: their kind by the catalogue, their order."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal_app.domain.catalog import Catalog, ItemClass, ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.orders import Order
from portal_app.domain.services import ServiceCopy, ServiceList
from portal_app.errors import Busy, NotFound, UpstreamUnavailable
from portal_app.integrations.salesforce.catalog import CatalogCopy
from portal_app.integrations.salesforce.orders import OrdersCopy
from portal_app.storage.kept import NotKept
from portal_app.workflows import service_book
from portal_app.workflows.service_book import ServiceBook, kinds_of
from tests.fakes.catalog import an_item
from tests.fakes.screens import AS_OF, a_service

DOWN = UpstreamUnavailable("salesforce", "query")
LINKED = Customer("user-1", 7, "001000000000001AAA")
PLACED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeServices:
    services: list = field(default_factory=lambda: [replace(a_service(31), whmcs_product_id=5, whmcs_order_id=12)])
    calls: list = field(default_factory=list)

    async def list_services(self, customer, *, wait=False):
        return ServiceList(tuple(self.services), AS_OF)

    async def get_service(self, customer, whmcs_service_id):
        for one in self.services:
            if one.whmcs_service_id == whmcs_service_id:
                return ServiceCopy(one, AS_OF, stale=True)
        raise NotFound("service", whmcs_service_id)

    async def refresh(self, customer):
        self.calls.append(customer)


@dataclass
class FakeCatalog:
    items: tuple = (an_item("VPN-UK", whmcs_product_id=5),)
    failure: Exception | None = None
    silent: bool = False

    async def get_catalog(self):
        if self.silent:
            await asyncio.Event().wait()
        if self.failure:
            raise self.failure
        return CatalogCopy(Catalog(self.items), AS_OF)


@dataclass
class FakeOrders:
    items: tuple = ()
    failure: Exception | None = None

    async def list_orders(self, customer):
        if self.failure:
            raise self.failure
        return OrdersCopy(self.items, AS_OF)


def an_order(number="00000100", whmcs_order_id="12"):
    return Order(f"801{number}", number, ProductLine.VPN, "Approved", "Activated", "", PLACED, None, whmcs_order_id)


@pytest.fixture
def catalog():
    return FakeCatalog()


@pytest.fixture
def orders():
    return FakeOrders((an_order("00000099", ""), an_order()))


@pytest.fixture
def book(catalog, orders):
    return ServiceBook(FakeServices(), catalog, orders)


async def test_the_kind_is_the_catalogues_and_the_rest_is_whmcs(book):
    assert [one.kind for one in (await book.list(LINKED)).items] == ["vpn"]
    detail = await book.get(LINKED, 31)
    assert (detail.service.kind, detail.service.amount) == ("vpn", Decimal(5980))
    assert (detail.as_of, detail.stale) == (AS_OF, True)


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce")])
async def test_without_the_catalogue_the_name_tells_the_kind(book, catalog, failure):
    catalog.failure = failure
    assert (await book.list(LINKED)).items[0].kind == "internet"


async def test_i8_a_silent_salesforce_holds_up_no_page(book, catalog, monkeypatch):
    monkeypatch.setattr(service_book, "BESIDE_S", 0)
    catalog.silent = True
    assert (await book.get(LINKED, 31)).service.kind == "internet"


async def test_i8_the_catalogue_is_asked_while_whmcs_is_not_afterwards(catalog, orders):
    asked = asyncio.Event()

    class Asked(FakeCatalog):
        async def get_catalog(self):
            asked.set()
            return await super().get_catalog()

    class Slow(FakeServices):
        async def list_services(self, customer, *, wait=False):
            async with asyncio.timeout(1):
                await asked.wait()
            return await super().list_services(customer, wait=wait)

        async def get_service(self, customer, whmcs_service_id):
            async with asyncio.timeout(1):
                await asked.wait()
            return await super().get_service(customer, whmcs_service_id)

    book = ServiceBook(Slow(), Asked(), orders)
    assert [one.kind for one in (await book.list(LINKED)).items] == ["vpn"]
    asked.clear()
    assert (await book.get(LINKED, 31)).service.kind == "vpn"


async def test_a_product_nobody_sells_any_more_keeps_the_kind_of_its_name(book, catalog):
    catalog.items = (an_item("VPN-UK", whmcs_product_id=6),)
    assert (await book.get(LINKED, 31)).service.kind == "internet"


def test_what_is_only_added_to_a_service_is_none_and_a_product_of_two_kinds_is_left_to_its_name():
    items = (
        an_item("INTERNET-GOLD", whmcs_product_id=1),
        an_item("INTERNET-PHONE", whmcs_product_id=2, item_class=ItemClass.ADD_ON),
        an_item("SIM-5GB", whmcs_product_id=3),
        an_item("VPN-UK", whmcs_product_id=3),
        an_item("SIM-6GB", whmcs_product_id=4),
        an_item("SIM-7GB", whmcs_product_id=4),
    )
    assert kinds_of(Catalog(items)) == {1: "internet", 2: "other", 4: "sim"}


async def test_the_order_is_the_one_that_names_the_order_of_whmcs(book):
    detail = await book.get(LINKED, 31)
    assert (detail.salesforce_order_id, detail.order_number) == ("80100000100", "00000100")


@pytest.mark.parametrize("failure", [DOWN, Busy("salesforce"), NotFound("account")])
async def test_a_service_is_shown_without_its_order_when_salesforce_is_down(book, orders, failure):
    orders.failure = failure
    assert (await book.get(LINKED, 31)).order_number == ""


async def test_without_an_order_or_an_account_there_is_none(book, orders):
    orders.items = (an_order(whmcs_order_id="120"),)
    assert (await book.get(LINKED, 31)).order_number == ""
    orders.items = (an_order(whmcs_order_id="0"),)
    assert (await book.get(Customer("user-1", 7), 31)).order_number == ""


async def test_o1_what_is_not_there_is_not_found(book):
    with pytest.raises(NotFound):
        await book.get(LINKED, 99)


async def test_what_is_not_kept_is_not_left_out_as_if_salesforce_were_down(book, catalog, orders):
    orders.failure = NotKept("orders")
    with pytest.raises(NotKept):
        await book.get(LINKED, 31)
    catalog.failure = NotKept("catalog")
    with pytest.raises(NotKept):
        await book.list(LINKED)
