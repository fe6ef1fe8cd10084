"""What single objects do on their own: derived fields, life cycles, refusals. Orders and files have files of their own.

Source: object reference for Contact, Case, PricebookEntry; statuses that count as closed are the org's choice [U].
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.salesforce import content, orders
from sandbox.salesforce.errors import Error, error
from sandbox.salesforce.objects import OBJECTS, SObject
from sandbox.salesforce.records import Record, Records

Check = Callable[[Records, Record | None, Record], list[Error]]
Derive = Callable[[Records, Record | None, Record], Record]
CLOSED = {"Case": ("Approved", "Rejected", "Closed"), "Opportunity": ("Active", "Cancelled", "Void")}


def check(records: Records, sobject: SObject, old: Record | None, new: Record) -> list[Error]:
    """What speaks against saving `new`. `old` is None on create."""
    found = CHECKS.get(sobject.name)
    return found(records, old, new) if found else []


def check_delete(records: Records, sobject: SObject, old: Record) -> list[Error]:
    return orders.check_line_delete(records, old) if sobject.name == "OrderItem" else []


def derived(records: Records, sobject: SObject, old: Record | None, new: Record) -> Record:
    """The record with its read-only fields filled in."""
    found = DERIVED.get(sobject.name)
    return new | (found(records, old, new) if found else {})


def after(records: Records, sobject: SObject, record: Record, file: bytes | None) -> None:
    if sobject.name == "OrderItem":
        orders.sum_up(records, record["OrderId"])
    elif sobject.name == "ContentVersion" and file is not None:
        content.keep(records, record, file)


def after_delete(records: Records, sobject: SObject, record: Record) -> None:
    if sobject.name == "ContentDocument":
        content.delete(records, record["Id"])
    else:
        after(records, sobject, record, None)


def _person(records: Records, old: Record | None, new: Record) -> Record:
    return {"Name": " ".join(part for part in (new.get("FirstName"), new.get("LastName")) if part)}


def _case(records: Records, old: Record | None, new: Record) -> Record:
    """AccountId comes from the contact only when not given [U]."""
    closed = new.get("Status") in CLOSED["Case"]
    more: Record = {"IsClosed": closed, "ClosedDate": (new.get("ClosedDate") or records.now()) if closed else None}
    if old is None:
        more["CaseNumber"] = f"{1000 + records.next_number('CaseNumber'):08d}"
        if not new.get("AccountId") and new.get("ContactId"):
            contact = records.live(OBJECTS["Contact"], new["ContactId"]) or {}
            more["AccountId"] = contact.get("AccountId")
    return more


def _opportunity(records: Records, old: Record | None, new: Record) -> Record:
    return {"IsClosed": new.get("StageName") in CLOSED["Opportunity"]}


def _entry_check(records: Records, old: Record | None, new: Record) -> list[Error]:
    """A product needs its standard price before it gets one anywhere else, and has one entry in each book."""
    if old is not None or not new.get("Pricebook2Id") or not new.get("Product2Id"):
        return []
    same = records.having(OBJECTS["PricebookEntry"], "Product2Id", new["Product2Id"])
    books = {entry["Pricebook2Id"] for entry in same}
    if new["Pricebook2Id"] in books:
        words = "This price definition already exists in this price book"
        return [error("DUPLICATE_VALUE", words, [])]
    book = records.live(OBJECTS["Pricebook2"], new["Pricebook2Id"]) or {}
    standard = [one["Id"] for one in records.all(OBJECTS["Pricebook2"]) if one.get("IsStandard")]
    if not book.get("IsStandard") and not books & set(standard):
        words = "Before creating a custom price, create a standard price."
        return [error("STANDARD_PRICE_NOT_DEFINED", words, [])]
    if new.get("UnitPrice") is None and not new.get("UseStandardPrice"):
        return [error("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", ["UnitPrice"])]
    return []


def _entry(records: Records, old: Record | None, new: Record) -> Record:
    product = records.live(OBJECTS["Product2"], new["Product2Id"]) or {}
    return {"Name": product.get("Name"), "ProductCode": product.get("ProductCode")}


CHECKS: dict[str, Check] = {
    "PricebookEntry": _entry_check,
    "Order": orders.check_order,
    "OrderItem": orders.check_line,
    "ContentVersion": content.check_version,
    "ContentDocumentLink": content.check_link,
}
DERIVED: dict[str, Derive] = {
    "Contact": _person,
    "User": _person,
    "Case": _case,
    "Opportunity": _opportunity,
    "PricebookEntry": _entry,
    "Order": orders.derive_order,
    "OrderItem": orders.derive_line,
    "ContentVersion": content.derive_version,
}
