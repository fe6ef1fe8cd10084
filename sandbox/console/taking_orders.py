"""An order that staff take on the telephone: no portal has ever heard of it before it is there."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.console.reading import answer, posted, refused
from sandbox.console.selling import API, brief, portal_entries
from sandbox.console.staff import found
from sandbox.salesforce import dml
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
ADDRESS = ("Street", "City", "State", "PostalCode", "Country")


@ROUTES.post(f"{API}/accounts/{{id}}/orders")
async def take_order(request: web.Request) -> web.Response:
    """{"skus": ["VPN-USA-SF"]}: one of each from the portal's price book, for review; of the first one's kind."""
    world, body = request.app[WORLD], await posted(request)
    account = found(world, "Account", request.match_info["id"])
    entries = [_entry(world, sku) for sku in body.get("skus") or [] if isinstance(sku, str)]
    if not entries:
        raise refused("skus are missing")
    try:
        with world.store.transaction():
            order_id = _create(world, account, entries)
    except Refusal as refusal:
        raise refused(str(refusal)) from refusal
    return answer(brief(world, found(world, "Order", order_id)))


def _entry(world: World, sku: str) -> Record:
    for entry in portal_entries(world):
        if entry.get("ProductCode") == sku:
            return entry
    raise refused(f"no such product: {sku}", 404)


def _create(world: World, account: Record, entries: list[Record]) -> str:
    records = world.salesforce.records
    products = [found(world, "Product2", entry["Product2Id"]) for entry in entries]
    values: dict[str, Any] = {
        "AccountId": account["Id"],
        "Status": "Pending Review",
        "Activation_Status__c": "Not Started",
        "Type": products[0].get("Product2Categories1__c"),
        "EffectiveDate": world.clock.today().isoformat(),
        "Pricebook2Id": entries[0]["Pricebook2Id"],
        "Description": "Taken on the telephone.",
        **{f"Billing{part}": account.get(f"Billing{part}") for part in ADDRESS},
    }
    order_id = dml.create(records, OBJECTS["Order"], values)
    for entry, product in zip(entries, products, strict=True):
        line = {"OrderId": order_id, "PricebookEntryId": entry["Id"], "Quantity": 1, "UnitPrice": entry["UnitPrice"]}
        dml.create(records, OBJECTS["OrderItem"], line | {"Billing_Cycle__c": product.get("Billing_Cycle__c")})
    return order_id
