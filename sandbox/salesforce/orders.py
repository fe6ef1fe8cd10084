"""Orders and their lines: drafts, activation, totals. Which statuses count as activated is [U].

Source: object reference, Order and OrderItem.
"""

from __future__ import annotations

from sandbox.salesforce.errors import Error, error
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import USER_ID, Record, Records

ACTIVATED = ("Approved", "Processed", "Activated")  # [U] everything else counts as a draft, cancelled ones too
OTHER_BOOK = (
    "field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one assigned to"
    " this order, and/or pricebook entry is for a different currency than the one assigned to this order)"
)
FIRST_NUMBER = 100


def check_order(records: Records, old: Record | None, new: Record) -> list[Error]:
    activating = new.get("Status") in ACTIVATED and (old is None or old["StatusCode"] != "Activated")
    lines = [] if old is None else records.having(OBJECTS["OrderItem"], "OrderId", old["Id"])
    if activating and old is None:  # [U] the words
        words = "Choose a valid order status and save your changes. Ask your admin for details."
        return [error("FAILED_ACTIVATION", words, [])]
    if activating and not lines:
        return [error("FAILED_ACTIVATION", "An order must have at least one product.", [])]
    if old is None:
        return []
    if lines and new.get("Pricebook2Id") != old.get("Pricebook2Id"):  # [U] the words
        words = "field integrity exception: Pricebook2Id (the price book of an order with products is fixed)"
        return [error("FIELD_INTEGRITY_EXCEPTION", words, ["Pricebook2Id"])]
    if old["StatusCode"] == "Activated" and new.get("AccountId") != old.get("AccountId"):  # [U] the words
        words = "field integrity exception: AccountId (the account of an activated order is fixed)"
        return [error("FIELD_INTEGRITY_EXCEPTION", words, ["AccountId"])]
    return []


def derive_order(records: Records, old: Record | None, new: Record) -> Record:
    activated = new.get("Status") in ACTIVATED
    more: Record = {"StatusCode": "Activated" if activated else "Draft"}
    if old is None:
        number = f"{FIRST_NUMBER + records.next_number('OrderNumber'):08d}"
        return more | {"OrderNumber": number, "TotalAmount": 0.0, "IsReductionOrder": False}
    if activated and old["StatusCode"] != "Activated":
        more |= {"ActivatedDate": records.now(), "ActivatedById": USER_ID}
    return more


def check_line(records: Records, old: Record | None, new: Record) -> list[Error]:
    if old is not None:
        return []
    order = records.live(OBJECTS["Order"], new["OrderId"]) if new.get("OrderId") else None
    if order is not None and order["StatusCode"] == "Activated":
        return [_fixed_lines()]
    if not new.get("PricebookEntryId"):  # two more beside the missing field, as reported
        words = "field integrity exception: unknown (must specify a price book entry)"
        return [error("FIELD_INTEGRITY_EXCEPTION", words, []), error("FIELD_INTEGRITY_EXCEPTION", OTHER_BOOK, [])]
    entry = records.live(OBJECTS["PricebookEntry"], new["PricebookEntryId"]) or {}
    if order is not None and entry.get("Pricebook2Id") != order.get("Pricebook2Id"):
        return [error("FIELD_INTEGRITY_EXCEPTION", OTHER_BOOK, ["PricebookEntryId"])]
    if not entry.get("IsActive"):  # [U] the words
        words = "field integrity exception: PricebookEntryId (pricebook entry is inactive)"
        return [error("FIELD_INTEGRITY_EXCEPTION", words, ["PricebookEntryId"])]
    return []


def check_line_delete(records: Records, line: Record) -> list[Error]:
    order = records.live(OBJECTS["Order"], line["OrderId"]) or {}
    return [_fixed_lines()] if order.get("StatusCode") == "Activated" else []


def _fixed_lines() -> Error:
    """[U] both the code and the words."""
    words = "field integrity exception: unknown (products of an activated order cannot be added or deleted)"
    return error("FIELD_INTEGRITY_EXCEPTION", words, [])


def derive_line(records: Records, old: Record | None, new: Record) -> Record:
    more: Record = {"TotalPrice": new["Quantity"] * new["UnitPrice"], "AvailableQuantity": new["Quantity"]}
    if old is None:
        entry = records.live(OBJECTS["PricebookEntry"], new["PricebookEntryId"]) or {}
        more |= {"Product2Id": entry.get("Product2Id"), "ListPrice": entry.get("UnitPrice")}
        more["OrderItemNumber"] = f"{records.next_number('OrderItemNumber'):010d}"
    return more


def sum_up(records: Records, order_id: str) -> None:
    """The order's total follows its lines, and its modification time with it."""
    order = records.live(OBJECTS["Order"], order_id)
    if order is not None:
        lines = records.having(OBJECTS["OrderItem"], "OrderId", order_id)
        records.update(OBJECTS["Order"], order | {"TotalAmount": float(sum(line["TotalPrice"] for line in lines))})
