"""Texts as somebody who means harm would write them, put into every free text of a customer and of what all share.

Which texts of Salesforce are free follows from objects.txt: all that are no codes, so that a new field is among them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from sandbox.salesforce import rules
from sandbox.salesforce.objects import OBJECTS, Field, SObject
from sandbox.salesforce.records import USER_ID, Record, Records
from sandbox.store import Row
from sandbox.whmcs.catalog import GATEWAYS
from sandbox.world import World

PRIVATE_USE = "".join(chr(code) for code in range(0xE000, 0xE010))
ENDING = "</script><script>alert(1)</script>\"'&<b>\u2028\u202egnp\u202c{{7*7}}{%x%}" + PRIVATE_USE
SHORT = "</script>\"'&<b>\u2028\u202e\u202c{{7*7}}{%x%}" + PRIVATE_USE[:2]
"""For fields in which the other has no room."""

WHMCS_TEXTS = {
    "invoices": ("invoicenum", "notes"),
    "transactions": ("description", "transid"),
    "credits": ("description",),
    "paymethods": ("description", "card_type", "bank_name"),
    "orders": ("notes",),
    "services": ("domain", "username", "notes"),  # which suspension a payment lifts is read from its reason
    "whmcs_emails": ("subject", "message"),
}
CLIENT_TEXTS = ("firstname", "lastname", "companyname", "address1", "address2", "city", "state", "phonenumber", "notes")
NATIONALITY = "201"
BELOW_ACCOUNT = ("Contact", "Opportunity", "Order", "Case")
BELOW_CASE = ("CaseComment", "EmailMessage")
CODES = frozenset(
    [
        *("AccountNumber", "WH_Account__c", "Internet_Eligibility__c", "Internet_Eligibility_Case_Id__c"),
        *(f"{kind}{part}" for kind in ("Billing", "Shipping", "Mailing") for part in ("PostalCode", "Country")),
        *("WHMCS_Order_ID__c", "Activation_Error_Code__c", "EID__c", "SIM_Product_Number__c", "SIM_Phone_Number__c"),
        *("MNP_Reservation_Number__c", "MNP_Phone_Number__c", "MVNO_Account_Number__c"),
        *("ProductCode", "ExternalId", "Required_Products__c", "Dependent_Products__c", "Mutually_Exclusive__c"),
        *("Eligibility_Condition__c", "Username", "ToAddress", "CcAddress", "SuppliedPhone", "PathOnClient"),
    ]
)
"""Texts in which something reads: keys, numbers, addresses of mail, a path for its extension."""
LINE_BY_LINE = frozenset({"Description", "Feature_List__c"})
"""Of a product: each line is a fact of its own."""


def hostile(text: str, longest: int = 0, *, in_bytes: bool = False) -> str:
    """The text with the ending, once. Where there is room for `longest` characters, or bytes, the old text is cut."""
    ending = SHORT if 0 < longest < len(ENDING) else ENDING
    if text.endswith(ending):
        return text
    if not longest:
        return text + ending
    if in_bytes:
        return text.encode()[: longest - len(ending.encode())].decode(errors="ignore") + ending
    return text[: longest - len(ending)] + ending


def is_free(field: Field) -> bool:
    """Whether people write what they like into it."""
    written = field.type in ("string", "textarea") and "read" not in field.flags and "external" not in field.flags
    return written and field.name not in CODES


def spoil_client(world: World, client: Row) -> Counter[str]:
    """Every free text of a client, its users and its accounts; how many records of each kind there were."""
    with world.store.transaction():
        changed = _whmcs(world, client)
        number = json.loads(client["customfields"]).get("198", "")
        for account in world.salesforce.records.by_external(OBJECTS["Account"], "SF_Account_No__c", number):
            changed += _account(world.salesforce.records, account)
    world.hooks.fire("ClientEdit", userid=client["id"], uuid=client["uuid"], status=client["status"])
    for service in world.store.rows("SELECT id FROM services WHERE client_id = ?", client["id"]):
        world.hooks.fire("ServiceEdit", userid=client["id"], serviceid=service["id"])
    return changed


def spoil_catalogue(world: World) -> Counter[str]:
    """Products of both systems, what gateways are called, and the name of whoever works in Salesforce."""
    records = world.salesforce.records
    with world.store.transaction():
        for module, name in GATEWAYS.items():
            world.store.execute("INSERT OR REPLACE INTO gateway_names VALUES (?, ?)", module, hostile(name))
        changed = Counter(gateways=len(GATEWAYS))
        changed += _rows(world, "products", world.store.rows("SELECT * FROM products"), ("name", "description"))
        user = records.live(OBJECTS["User"], USER_ID)
        changed += _records(records, "User", [user] if user else [])
        for name in ("Product2", "PricebookEntry"):  # an entry has the name of its product
            changed += _records(records, name, [one for one in records.all(OBJECTS[name]) if not one["IsDeleted"]])
    return changed


def _whmcs(world: World, client: Row) -> Counter[str]:
    store, client_id = world.store, client["id"]
    fields = json.loads(client["customfields"])
    fields[NATIONALITY] = hostile(fields.get(NATIONALITY, ""))
    store.update("clients", client_id, customfields=json.dumps(fields, ensure_ascii=False))
    changed = _rows(world, "clients", [client], CLIENT_TEXTS)
    for table, columns in WHMCS_TEXTS.items():
        changed += _rows(world, table, store.rows(f"SELECT * FROM {table} WHERE client_id = ?", client_id), columns)
    lines = "SELECT * FROM invoice_items WHERE invoice_id IN (SELECT id FROM invoices WHERE client_id = ?)"
    users = "SELECT * FROM users WHERE id IN (SELECT user_id FROM user_clients WHERE client_id = ?)"
    reasons = "SELECT * FROM cancel_requests WHERE service_id IN (SELECT id FROM services WHERE client_id = ?)"
    changed += _rows(world, "invoice_items", store.rows(lines, client_id), ("description",))
    changed += _rows(world, "users", store.rows(users, client_id), ("firstname", "lastname"))
    return changed + _rows(world, "cancel_requests", store.rows(reasons, client_id), ("reason",))


def _rows(world: World, table: str, rows: list[Row], columns: Iterable[str]) -> Counter[str]:
    for row in rows:
        world.store.update(table, row["id"], **{column: hostile(row[column]) for column in columns})
    return Counter({table: len(rows)})


def _account(records: Records, account: Record) -> Counter[str]:
    """With all that hangs on it: people, orders and their lines, questions, what was said in them, files."""
    changed = _records(records, "Account", [account])
    owners = [account["Id"]]
    for name in BELOW_ACCOUNT:
        below = records.having(OBJECTS[name], "AccountId", account["Id"])
        changed += _records(records, name, below)
        if name == "Order":
            lines = [line for order in below for line in records.having(OBJECTS["OrderItem"], "OrderId", order["Id"])]
            changed += _records(records, "OrderItem", lines)
        if name == "Case":
            owners += [case["Id"] for case in below]
    for name in BELOW_CASE:
        said = [one for case_id in owners for one in records.having(OBJECTS[name], "ParentId", case_id)]
        changed += _records(records, name, said)
    return changed + _files(records, owners)


def _files(records: Records, owners: Iterable[str]) -> Counter[str]:
    links = [
        link for owner in owners for link in records.having(OBJECTS["ContentDocumentLink"], "LinkedEntityId", owner)
    ]
    changed: Counter[str] = Counter()
    for document_id in dict.fromkeys(link["ContentDocumentId"] for link in links):
        changed += _records(
            records, "ContentVersion", records.having(OBJECTS["ContentVersion"], "ContentDocumentId", document_id)
        )
        document = records.live(OBJECTS["ContentDocument"], document_id)
        if document is not None:  # nobody may write its title: it is that of the newest version
            title = hostile(document.get("Title", ""), OBJECTS["ContentDocument"].fields["Title"].length)
            records.update(OBJECTS["ContentDocument"], document | {"Title": title})
    return changed


def _records(records: Records, name: str, found: Iterable[Record]) -> Counter[str]:
    sobject, count = OBJECTS[name], 0
    for record in found:
        new = record | {
            field.name: _spoilt(sobject, field, record) for field in sobject.fields.values() if is_free(field)
        }
        records.update(sobject, rules.derived(records, sobject, record, new))
        count += 1
    return Counter({name: count})


def _spoilt(sobject: SObject, field: Field, record: Record) -> str:
    text = str(record.get(field.name) or "")
    if sobject.name == "Product2" and field.name in LINE_BY_LINE:
        return "\n".join(hostile(line) for line in text.split("\n"))
    return hostile(text, field.length, in_bytes=field.name == "CommentBody")
