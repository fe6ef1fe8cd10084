"""The customer from hell: no free text is left out, everything that is read by a program stays as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.app import Running
from sandbox.hostile import CODES, ENDING, SHORT, WHMCS_TEXTS, hostile, is_free
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record
from tests.sandbox.visitors import Console, Receiver, Whmcs

BOTH = {"whmcs_client_id": 1001, "catalogue": True}
SHOWN = ("Account", "Contact", "Order", "OrderItem", "Case", "CaseComment", "EmailMessage", "ContentVersion")


def test_the_old_text_gives_way_where_a_field_is_short_and_the_ending_never_does() -> None:
    assert hostile("光" * 300, 255) == "光" * (255 - len(ENDING)) + ENDING
    assert hostile("Shibuya-ku, Tokyo", 40) == "Shibuya-"[: 40 - len(SHORT)] + SHORT
    in_bytes = hostile("光" * 2000, 4000, in_bytes=True)
    assert len(in_bytes.encode()) <= 4000 and in_bytes.endswith(ENDING)
    assert hostile(hostile("twice", 255), 255) == "twice" + ENDING


def test_the_shorter_ending_has_room_wherever_the_other_has_none() -> None:
    texts = [field for sobject in OBJECTS.values() for field in sobject.fields.values() if is_free(field)]
    assert min(field.length for field in texts) >= len(SHORT)


@pytest.fixture
async def of_demo(console: Console) -> dict[str, Any]:
    """The demo customer with an order, and everything hostile."""
    [account] = await console("GET", "salesforce/accounts?search=C-100001")
    await console("POST", f"salesforce/accounts/{account['id']}/orders", {"skus": ["VPN-USA-SF", "VPN-ACTIVATION-FEE"]})
    answer = await console("POST", "hostile", BOTH)
    assert console.status == 200, answer
    return answer | {"account_id": account["id"]}


def records_of(sandbox: Running, account_id: str) -> list[tuple[str, Record]]:
    """Everything of the account that has a text, by kind."""
    records = sandbox.world.salesforce.records
    held: list[tuple[str, Record]] = [("Account", records.get(OBJECTS["Account"], account_id) or {})]
    for name in ("Contact", "Opportunity", "Order", "Case"):
        held += [(name, one) for one in records.having(OBJECTS[name], "AccountId", account_id)]
    parents = {"OrderItem": "OrderId", "CaseComment": "ParentId", "EmailMessage": "ParentId"}
    ids = {one["Id"] for _, one in held}
    for name, parent in parents.items():
        held += [(name, one) for one in records.all(OBJECTS[name]) if one.get(parent) in ids]
    links = [one for one in records.all(OBJECTS["ContentDocumentLink"]) if one["LinkedEntityId"] in ids]
    documents = {one["ContentDocumentId"] for one in links}
    versions = records.all(OBJECTS["ContentVersion"])
    return held + [("ContentVersion", one) for one in versions if one["ContentDocumentId"] in documents]


async def test_every_free_text_of_a_customers_records_in_salesforce_ends_so_and_fits(sandbox, of_demo) -> None:
    held = records_of(sandbox, of_demo["account_id"])
    assert {name for name, _ in held} == set(SHOWN)
    for name, record in held:
        for field in filter(is_free, OBJECTS[name].fields.values()):
            text = record[field.name]
            assert text.endswith((ENDING, SHORT)), f"{name}.{field.name}"
            assert len(text) <= field.length, f"{name}.{field.name}"
    for name, record in held:
        if name == "Contact":
            assert record["Name"] == f"{record['FirstName']} {record['LastName']}"


async def test_every_free_text_of_a_customer_in_whmcs_ends_so(sandbox: Running, whmcs: Whmcs, of_demo) -> None:
    client = (await whmcs("GetClientsDetails", clientid=1001))["client"]
    for name in ("firstname", "lastname", "companyname", "address1", "address2", "city", "state"):
        assert client[name].endswith(ENDING), name
    for table, columns in WHMCS_TEXTS.items():
        rows = sandbox.world.store.rows(f"SELECT * FROM {table} WHERE client_id = 1001")
        assert rows or table == "whmcs_emails"
        assert all(row[column].endswith(ENDING) for row in rows for column in columns), table
    invoice = await whmcs("GetInvoice", invoiceid=101)
    assert all(item["description"].endswith(ENDING) for item in invoice["items"]["item"])


async def test_ids_codes_dates_choices_and_mail_addresses_stay(console: Console, sandbox: Running) -> None:
    [account] = await console("GET", "salesforce/accounts?search=C-100001")
    client = sandbox.world.store.get("clients", 1001)
    before = records_of(sandbox, account["id"])
    await console("POST", "hostile", BOTH)
    moved = {"LastModifiedDate", "LastModifiedById", "SystemModstamp"}
    for (name, old), (_, new) in zip(before, records_of(sandbox, account["id"]), strict=True):
        texts = {field.name for field in OBJECTS[name].fields.values() if is_free(field)} | moved | {"Name"}
        assert {key: new.get(key) for key in old if key not in texts} == {
            key: value for key, value in old.items() if key not in texts
        }
    now = sandbox.world.store.get("clients", 1001)
    fields = json.loads(now["customfields"])
    assert fields.pop("201").endswith(ENDING)
    assert fields.items() <= json.loads(client["customfields"]).items()
    for name in ("id", "uuid", "email", "postcode", "country", "status", "datecreated", "defaultgateway"):
        assert now[name] == client[name], name


async def test_nobody_else_is_touched_and_the_catalogue_only_when_asked(console, sandbox, whmcs) -> None:
    second = await console("GET", "clients/1002")
    products = (await whmcs("GetProducts"))["products"]
    answer = await console("POST", "hostile", {"whmcs_client_id": 1001})
    assert "Product2" not in answer["changed"] and answer["changed"]["Account"] == 1
    assert await console("GET", "clients/1002") == second
    assert (await whmcs("GetProducts"))["products"] == products
    others = [one for name, one in records_of(sandbox, (await account_of(console, "C-100002"))["id"])]
    assert ENDING not in json.dumps(others, ensure_ascii=False)


async def account_of(console: Console, number: str) -> dict[str, Any]:
    [found] = await console("GET", f"salesforce/accounts?search={number}")
    return found


async def test_plans_their_facts_gateways_and_staff_are_called_so_and_still_sold(console, sandbox, whmcs) -> None:
    before = {row["sku"]: row for row in await console("GET", "salesforce/prices")}
    await console("POST", "hostile", {"catalogue": True})
    after = {row["sku"]: row for row in await console("GET", "salesforce/prices")}
    assert all(row["name"].endswith(ENDING) for row in after.values())
    assert {sku: row | {"name": ""} for sku, row in after.items()} == {
        sku: row | {"name": ""} for sku, row in before.items()
    }
    records = sandbox.world.salesforce.records
    plan = next(one for one in records.all(OBJECTS["Product2"]) if one["ProductCode"] == "SIM-DATA-VOICE-5GB")
    facts = plan["Description"].split("\n")
    assert len(facts) == 3 and all(fact.endswith(ENDING) for fact in facts)
    assert plan["SIM_Plan_Type__c"] == "DataSmsVoice"
    [staff] = records.all(OBJECTS["User"])
    assert staff["Name"].endswith(ENDING) and staff["Username"] == "portal.integration@sandbox.example"
    for product in (await whmcs("GetProducts"))["products"]["product"]:
        assert product["name"].endswith(ENDING)
    gateways = (await whmcs("GetPaymentMethods"))["paymentmethods"]["paymentmethod"]
    assert [(row["module"], row["displayname"].endswith(ENDING)) for row in gateways] == [
        ("stripe", True),
        ("banktransfer", True),
        ("mailin", True),
    ]
    assert (await whmcs("GetInvoice", invoiceid=101))["paymentmethod"] == "stripe"


async def test_twice_is_once_reset_undoes_it_and_the_changes_are_announced(console, whmcs, receiver: Receiver) -> None:
    await console("POST", "hostile", BOTH)
    once = await console("GET", "clients/1001")
    assert await receiver.events(5) == ["ClientEdit"] + ["ServiceEdit"] * 4
    await console("POST", "hostile", BOTH)
    assert await console("GET", "clients/1001") == once
    await console("POST", "reset")
    assert ENDING not in json.dumps(await console("GET", "clients/1001"), ensure_ascii=False)
    gateways = (await whmcs("GetPaymentMethods"))["paymentmethods"]["paymentmethod"]
    assert gateways[0]["displayname"] == "Credit Card"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"whmcs_client_id": "1001"}, 400), ({"whmcs_client_id": True}, 400), ({"whmcs_client_id": 5}, 404)],
)
async def test_whom_it_is_about_must_be_said(console: Console, body: dict[str, Any], status: int) -> None:
    assert (await console("POST", "hostile", body))["error"]
    assert console.status == status


def test_every_code_is_a_field_that_would_be_free_without_its_name() -> None:
    fields = {field.name: field for sobject in OBJECTS.values() for field in sobject.fields.values()}
    assert fields.keys() >= CODES and {fields[name].type for name in CODES} <= {"string", "textarea"}


async def test_an_order_taken_on_the_telephone_waits_for_review_with_its_lines(console: Console, sandbox) -> None:
    account = await account_of(console, "C-100001")
    path = f"salesforce/accounts/{account['id']}/orders"
    made = await console("POST", path, {"skus": ["SIM-DATA-VOICE-5GB", "SIM-ACTIVATION-FEE"]})
    assert (made["Type"], made["Status"], made["lines"], made["TotalAmount"]) == ("SIM", "Pending Review", 2, 3000.0)
    assert (await console("POST", f"salesforce/orders/{made['Id']}/approve"))["Status"] == "Approved"
    for body, status in (({}, 400), ({"skus": ["NONE"]}, 404), ({"skus": ["INTERNET-ADDON-MOVING"]}, 400)):
        assert (await console("POST", path, body))["error"]
        assert console.status == status
    assert len(sandbox.world.salesforce.records.all(OBJECTS["Order"])) == 1
