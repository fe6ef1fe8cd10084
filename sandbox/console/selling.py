"""What staff decide about sales in Salesforce: availability at an address, a document, an order, a price."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.console.reading import answer, limit_of, posted, refused
from sandbox.console.staff import changed, found
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
API = "/console/api/salesforce"
OFFERINGS = OBJECTS["Product2"].fields["Internet_Offering_Type__c"].values
DECIDED = {"Eligible": "Approved", "Ineligible": "Rejected"}
REVIEWED = ("Submitted", "Verified", "Rejected")
NO_ERROR = dict.fromkeys(("Activation_Error_Code__c", "Activation_Error_Message__c"))
SHOWN = (
    "Id",
    "OrderNumber",
    "Type",
    "Status",
    "Activation_Status__c",
    "Activation_Error_Code__c",
    "Activation_Error_Message__c",
    "Activation_Type__c",
    "Activation_Scheduled_At__c",
    "SIM_Type__c",
    "SIM_Phone_Number__c",
    "SIM_Product_Number__c",
    "MNP_Phone_Number__c",
    "WHMCS_Order_ID__c",
    "TotalAmount",
)


@ROUTES.post(f"{API}/accounts/{{id}}/availability")
async def decide_availability(request: web.Request) -> web.Response:
    """{"status": "Eligible"|"Ineligible"|"Pending"|"Not Requested", "offering", "notes"}; closes the case of the check.

    An offering goes with Eligible, and only with it.
    """
    world, body = request.app[WORLD], await posted(request)
    account = found(world, "Account", request.match_info["id"])
    status, offering = body.get("status", "Eligible"), body.get("offering", "")
    if (status == "Eligible") != bool(offering) or (offering and offering not in OFFERINGS):
        raise refused(f"Eligible needs one of the offerings {', '.join(OFFERINGS)}; nothing else has one")
    checked = world.salesforce.records.now() if status in DECIDED else None
    changes: Record = {
        "Internet_Eligibility_Status__c": status,
        "Internet_Eligibility__c": offering or None,
        "Internet_Eligibility_Notes__c": str(body.get("notes", "")) or None,
        "Internet_Eligibility_Checked_Date_Time__c": checked,
    }
    account = changed(world, "Account", account["Id"], changes)
    case_id = account.get("Internet_Eligibility_Case_Id__c")
    if case_id and status in DECIDED and world.salesforce.records.live(OBJECTS["Case"], case_id):
        changed(world, "Case", case_id, {"Status": DECIDED[status]})
    return answer({name: account.get(name) for name in ("Id", *changes)})


@ROUTES.post(f"{API}/accounts/{{id}}/document")
async def review_document(request: web.Request) -> web.Response:
    """{"status": "Verified"|"Rejected", "reason"}: 409 when no document was submitted."""
    world, body = request.app[WORLD], await posted(request)
    account = found(world, "Account", request.match_info["id"])
    status, reason = body.get("status", "Verified"), str(body.get("reason", "")).strip()
    if status not in ("Verified", "Rejected") or (status == "Rejected" and not reason):
        raise refused("status is Verified, or Rejected with a reason")
    if account.get("Id_Verification_Status__c") not in REVIEWED:
        raise refused("no document was submitted", 409)
    verified = status == "Verified"
    changes: Record = {
        "Id_Verification_Status__c": status,
        "Id_Verification_Verified_Date_Time__c": world.salesforce.records.now() if verified else None,
        "Id_Verification_Rejection_Message__c": None if verified else reason,
    }
    account = changed(world, "Account", account["Id"], changes)
    return answer({name: account.get(name) for name in ("Id", *changes)})


@ROUTES.get(f"{API}/orders")
async def list_orders(request: web.Request) -> web.Response:
    """Newest first; `status=` narrows."""
    world, status = request.app[WORLD], request.query.get("status", "")
    rows = [one for one in world.salesforce.records.all(OBJECTS["Order"]) if not one["IsDeleted"]]
    rows = [one for one in rows if not status or one["Status"] == status]
    return answer([brief(world, one) for one in reversed(rows)][: limit_of(request, 50)])


@ROUTES.post(f"{API}/orders/{{id}}/{{what:approve|reactivate|reject|cancel}}")
async def move_order(request: web.Request) -> web.Response:
    """`approve` starts activation, again after a failure; `reactivate` also for what waits or never began.

    409 when the order is in no state for it.
    """
    world, what = request.app[WORLD], request.match_info["what"]
    order = found(world, "Order", request.match_info["id"])
    status, activation = order["Status"], order.get("Activation_Status__c") or "Not Started"
    waiting, failed = status in ("Draft", "Pending Review"), status == "Approved" and activation == "Failed"
    possible = {
        "approve": waiting or failed,
        "reactivate": status == "Approved" and activation in ("Not Started", "Scheduled", "Failed"),
        "reject": waiting,
        "cancel": waiting or (status == "Approved" and activation != "Activated"),
    }
    if not possible[what]:
        raise refused(f"an order that is {status}, {activation}", 409)
    if what in ("approve", "reactivate"):
        changes: Record = {"Status": "Approved", "Activation_Status__c": "Activating", **NO_ERROR}
    else:
        changes = {"Status": "Rejected" if what == "reject" else "Cancelled"}
    return answer(brief(world, changed(world, "Order", order["Id"], changes)))


def brief(world: World, order: Record) -> dict[str, Any]:
    """An order as the console lists it."""
    records = world.salesforce.records
    account = records.live(OBJECTS["Account"], order["AccountId"]) or {}
    lines = records.having(OBJECTS["OrderItem"], "OrderId", order["Id"])
    more = {"number": account.get("SF_Account_No__c", ""), "lines": len(lines)}
    return {name: order.get(name) for name in SHOWN} | more


@ROUTES.get(f"{API}/prices")
async def list_prices(request: web.Request) -> web.Response:
    """The portal's price book, search in SKU and name."""
    world, text = request.app[WORLD], request.query.get("search", "").strip().casefold()
    rows = [_price(world, entry) for entry in portal_entries(world)]
    rows = [row for row in rows if text in f"{row['sku']} {row['name']}".casefold()]
    return answer(rows[: limit_of(request, 200)])


@ROUTES.post(f"{API}/prices")
async def change_price(request: web.Request) -> web.Response:
    """{"sku", "price"}: the net yen of one product in the portal's price book; `active` takes it in and out."""
    world, body = request.app[WORLD], await posted(request)
    entries = [one for one in portal_entries(world) if one.get("ProductCode") == body.get("sku")]
    if not entries:
        raise refused("no such product", 404)
    changes: Record = {}
    if "price" in body:
        price = body["price"]
        if isinstance(price, bool) or not isinstance(price, int | float) or price < 0:
            raise refused("price must be a number of yen")
        changes["UnitPrice"] = price
    if "active" in body:
        changes["IsActive"] = body["active"] is True
    return answer(_price(world, changed(world, "PricebookEntry", entries[0]["Id"], changes)))


def portal_entries(world: World) -> list[Record]:
    """What the portal's price book holds, inactive prices too."""
    records = world.salesforce.records
    books = [one["Id"] for one in records.all(OBJECTS["Pricebook2"]) if one.get("Name") == "Portal"]
    entries = [records.having(OBJECTS["PricebookEntry"], "Pricebook2Id", book) for book in books]
    return [entry for found_in_book in entries for entry in found_in_book]


def _price(world: World, entry: Record) -> dict[str, Any]:
    product = world.salesforce.records.live(OBJECTS["Product2"], entry["Product2Id"]) or {}
    return {
        "sku": product.get("StockKeepingUnit", ""),
        "name": product.get("Name", ""),
        "price": entry.get("UnitPrice"),
        "active": bool(entry.get("IsActive")) and bool(product.get("IsActive")),
        "item_class": product.get("Item_Class__c", ""),
        "billing_cycle": product.get("Billing_Cycle__c", ""),
        "whmcs_product_id": int(product.get("WH_Product_ID__c") or 0),
        "entry_id": entry["Id"],
        "product_id": entry["Product2Id"],
    }
