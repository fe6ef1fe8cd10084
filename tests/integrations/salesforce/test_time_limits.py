"""What many wait for together is asked apart from everybody's own deadline, so it must end by itself (T1)."""

import asyncio
from typing import Any

import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import UpstreamError
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.orders import Orders
from portal_app.storage.cache import MemoryCache
from tests.fakes.salesforce import ACCOUNT
from tests.integrations.virtual_time import in_virtual_time, now

ADA = Customer("ada", 7, ACCOUNT)
BOOK = as_18("01s000000000002")
ORDER = as_18("801000000000001")
PAGE_S = 15


def questions(connected: Any) -> dict[str, Any]:
    cache, fields = MemoryCache("test", connected.clock), FieldMap()
    orders = Orders(connected.client, fields, cache, pricebook_id=BOOK)
    return {
        "checks": Checks(connected.client, fields, cache, connected.clock, origin="Portal").get(ADA, anew=True),
        "orders": orders.list_orders(ADA, anew=True),
        "order": orders.get_order(ADA, ORDER),
        "catalogue": PriceBook(connected.client, fields, cache, connected.clock, pricebook_id=BOOK).get_catalog(),
    }


@pytest.mark.parametrize("what", ["checks", "orders", "order", "catalogue"])
@in_virtual_time
async def test_t1_a_salesforce_that_never_answers_is_waited_for_no_longer_than_a_page_may_take(
    connected, monkeypatch, what
):
    async def silent(_work: Any) -> None:
        await asyncio.sleep(3600)

    await connected.client.sign_in()
    monkeypatch.setattr(connected.client._threads, "run", silent)
    asked_at = now()
    asked = questions(connected)
    with pytest.raises(UpstreamError):
        await asked.pop(what)
    assert now() - asked_at <= PAGE_S
    for other in asked.values():
        other.close()
