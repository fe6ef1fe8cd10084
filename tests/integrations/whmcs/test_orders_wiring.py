"""What the settings decide about orders."""

from contextlib import AsyncExitStack
from types import SimpleNamespace

import httpx

from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.storage.cache import MemoryCache
from portal_app.wiring.whmcs import build
from tests.fakes.clock import FakeClock
from tests.fakes.settings import a_settings
from tests.fakes.whmcs_orders import GOLD, ORDER, REFERENCE, add


def parts_for(clock):
    unused = dict.fromkeys(("marks", "bus", "invoice_mirror", "invoice_services", "service_mirror", "payment_links"))
    return unused | {"upstreams": (), "cache": MemoryCache("test", clock), "clock": clock, "audit": SimpleNamespace()}


async def test_the_settings_name_the_field_the_gateway_and_how_long_a_write_may_take(shop, monkeypatch):
    def http(*_, **__):
        return httpx.AsyncClient(transport=httpx.MockTransport(shop._answer))

    monkeypatch.setattr("portal_app.wiring.whmcs.open_http", http)
    shop.sells(GOLD, "Order Mark")
    shop.services.clear()
    shop.sold(31, 8, GOLD)
    chosen = a_settings(
        WHMCS_WRITE_TIMEOUT_MS="7000",
        WHMCS_ORDER_REFERENCE_FIELD="Order Mark",
        WHMCS_ORDER_PAYMENT_METHOD="mailin",
        FULFILMENT_SETTLE_SECONDS="100",
    )
    async with AsyncExitStack() as stack:
        parts = build(chosen, parts_for(FakeClock()), stack)
        orders = parts["billing_orders"]
        assert isinstance(orders, BillingOrders)
        added = await add(orders)
        assert shop.asked("AddOrder")[0]["paymentmethod"] == "mailin"
        assert shop.requests[-1].extensions["timeout"]["read"] == 7
        row = next(row for row in shop.services if row["id"] == str(added.service_ids[1]))
        assert row["customfields"]["customfield"] == [
            {"id": str(10 * GOLD), "name": "Order Mark", "value": f"portal:{ORDER}:1"}
        ]
    assert a_settings().WHMCS_ORDER_REFERENCE_FIELD == REFERENCE
