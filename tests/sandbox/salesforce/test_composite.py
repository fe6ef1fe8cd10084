"""Several writes in one request: references, all or none, collections; and an order built that way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.salesforce.visitors import ROOT, Salesforce


def part(method: str, path: str, reference: str, body: Any = None) -> dict[str, Any]:
    return {"method": method, "url": f"{ROOT}/{path}", "referenceId": reference, "body": body}


async def composite(salesforce: Salesforce, *parts: dict[str, Any], whole: bool = True) -> list[dict[str, Any]]:
    reply = await salesforce("POST", "composite", {"allOrNone": whole, "compositeRequest": list(parts)})
    assert salesforce.status == 200, reply
    return reply["compositeResponse"]


async def an_order(salesforce: Salesforce, key: str, *skus: str) -> list[dict[str, Any]]:
    """As the portal is advised to do it: the order by its key, then its lines, all or none."""
    account = (await salesforce.rows("SELECT Id FROM Account WHERE SF_Account_No__c = 'C-100001'"))[0]["Id"]
    soql = "SELECT Id, UnitPrice, Pricebook2Id, Product2.StockKeepingUnit FROM PricebookEntry"
    entries = await salesforce.rows(f"{soql} WHERE Pricebook2.Name = 'Portal'")
    by_sku = {entry["Product2"]["StockKeepingUnit"]: entry for entry in entries}
    fields = {"AccountId": account, "EffectiveDate": "2026-04-15", "Status": "Pending Review"}
    fields["Pricebook2Id"] = entries[0]["Pricebook2Id"]
    lines = [
        {
            "attributes": {"type": "OrderItem"},
            "OrderId": "@{o.id}",
            "PricebookEntryId": by_sku[sku]["Id"] if sku in by_sku else None,
            "Quantity": 2,
            "UnitPrice": by_sku[sku]["UnitPrice"] if sku in by_sku else 1,
            "Line_Key__c": f"{key}:{number}",
        }
        for number, sku in enumerate(skus, 1)
    ]
    return await composite(
        salesforce,
        part("PATCH", f"sobjects/Order/Idempotency_Key__c/{key}", "o", fields),
        part("POST", "composite/sobjects", "lines", {"allOrNone": True, "records": lines}),
    )


async def test_an_order_and_its_lines_are_made_in_one_request(salesforce: Salesforce) -> None:
    order, lines = await an_order(salesforce, "k1", "SIM-DATA-VOICE-5GB", "SIM-ACTIVATION-FEE")
    assert (order["httpStatusCode"], lines["httpStatusCode"]) == (201, 200)
    row = await salesforce("GET", f"sobjects/Order/{order['body']['id']}")
    assert (row["TotalAmount"], row["StatusCode"], row["OrderNumber"]) == (6000.0, "Draft", "00000101")
    soql = (
        f"SELECT Product2.Name, ListPrice, TotalPrice FROM OrderItem WHERE OrderId = '{row['Id']}' ORDER BY Line_Key__c"
    )
    first, _ = await salesforce.rows(soql)
    assert (first["Product2"]["Name"], first["ListPrice"], first["TotalPrice"]) == (
        "SIM Data+Voice 5GB",
        1500.0,
        3000.0,
    )


async def test_sending_the_order_again_meets_its_lines(salesforce: Salesforce) -> None:
    await an_order(salesforce, "k1", "SIM-ACTIVATION-FEE")
    order, lines = await an_order(salesforce, "k1", "SIM-ACTIVATION-FEE")
    assert (lines["httpStatusCode"], lines["body"][0]["errors"][0]["statusCode"]) == (400, "DUPLICATE_VALUE")
    assert order["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert (await salesforce.query("SELECT COUNT() FROM OrderItem"))["totalSize"] == 1


async def test_one_bad_line_leaves_no_order(salesforce: Salesforce) -> None:
    order, lines = await an_order(salesforce, "k1", "SIM-ACTIVATION-FEE", "NO-SUCH-SKU")
    assert (order["httpStatusCode"], order["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")
    good, bad = lines["body"]
    assert good["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    codes = [error["statusCode"] for error in bad["errors"]]
    assert codes == ["REQUIRED_FIELD_MISSING", "FIELD_INTEGRITY_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION"]
    assert (await salesforce.query("SELECT COUNT() FROM Order"))["totalSize"] == 0


async def test_an_activated_order_keeps_its_lines_and_takes_results(salesforce: Salesforce) -> None:
    order, lines = await an_order(salesforce, "k1", "SIM-DATA-VOICE-5GB")
    path, line = f"sobjects/Order/{order['body']['id']}", lines["body"][0]["id"]
    await salesforce("PATCH", path, {"Status": "Approved"})
    row = await salesforce("GET", path)
    assert row["StatusCode"] == "Activated" and row["ActivatedDate"]
    assert await salesforce.code("DELETE", f"sobjects/OrderItem/{line}") == "FIELD_INTEGRITY_EXCEPTION"
    await salesforce("PATCH", f"sobjects/OrderItem/{line}", {"WHMCS_Service_ID__c": 40001})
    assert salesforce.status == 204
    assert await salesforce.code("PATCH", f"sobjects/OrderItem/{line}", {"OrderId": row["Id"]}) == (
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    bare = {"AccountId": row["AccountId"], "EffectiveDate": "2026-04-15"}
    assert await salesforce.code("POST", "sobjects/Order", bare | {"Status": "Approved"}) == "FAILED_ACTIVATION"
    empty = await salesforce.create("Order", **bare, Status="Draft")
    assert await salesforce.code("PATCH", f"sobjects/Order/{empty}", {"Status": "Approved"}) == "FAILED_ACTIVATION"


async def test_parts_refer_to_earlier_parts_in_address_and_body(salesforce: Salesforce) -> None:
    results = await composite(
        salesforce,
        part("POST", "sobjects/Account", "a", {"Name": "New"}),
        part("POST", "sobjects/Contact", "c", {"LastName": "One", "AccountId": "@{a.id}", "FirstName": "id-@{a.id}"}),
        part("GET", "sobjects/Contact/@{c.id}?fields=FirstName,AccountId", "r"),
        part("GET", "query?q=SELECT+Id+FROM+Contact+WHERE+AccountId='@{a.id}'", "q"),
        part("PATCH", "sobjects/Account/@{q.records[0].Id}", "wrong", {"Name": "x"}),
        whole=False,
    )
    assert [one["httpStatusCode"] for one in results] == [201, 201, 200, 200, 404]
    account = results[0]["body"]["id"]
    assert results[2]["body"]["AccountId"] == account and results[2]["body"]["FirstName"] == f"id-{account}"


async def test_all_or_none_undoes_everything_and_names_the_guilty_part(salesforce: Salesforce) -> None:
    parts = [
        part("POST", "sobjects/Account", "a", {"Name": "Undone"}),
        part("POST", "sobjects/Contact", "b", {"FirstName": "no last name"}),
        part("POST", "sobjects/Account", "c", {"Name": "Never"}),
    ]
    codes = [one["body"][0]["errorCode"] for one in await composite(salesforce, *parts)]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert await salesforce.rows("SELECT Id FROM Account WHERE Name IN ('Undone', 'Never')") == []
    assert [one["httpStatusCode"] for one in await composite(salesforce, *parts, whole=False)] == [201, 400, 201]


async def test_a_reference_to_a_failed_part_halts_the_next(salesforce: Salesforce) -> None:
    first, second = await composite(
        salesforce,
        part("POST", "sobjects/Account", "a", {}),
        part("POST", "sobjects/Contact", "b", {"LastName": "x", "AccountId": "@{a.id}"}),
        whole=False,
    )
    assert first["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert second["body"][0]["errorCode"] == "PROCESSING_HALTED" and "a.id" in second["body"][0]["message"]


async def test_a_composite_has_limits(salesforce: Salesforce) -> None:
    many = [part("GET", "limits", f"r{number}") for number in range(26)]
    assert await salesforce.code("POST", "composite", {"compositeRequest": many}) == "LIMIT_EXCEEDED"
    queries = [part("GET", "query?q=SELECT+Id+FROM+Account", f"r{number}") for number in range(6)]
    assert await salesforce.code("POST", "composite", {"compositeRequest": queries}) == "LIMIT_EXCEEDED"
    assert await salesforce.code("POST", "composite", {"compositeRequest": []}) == "INVALID_INPUT"


@pytest.mark.parametrize("whole", [True, False])
async def test_a_collection_tells_each_outcome_in_order(salesforce: Salesforce, whole: bool) -> None:
    contact = {"attributes": {"type": "Contact"}}
    records = [contact | {"LastName": "Good"}, contact | {"FirstName": "Bad"}, {"LastName": "typeless"}]
    reply = await salesforce("POST", "composite/sobjects", {"allOrNone": whole, "records": records})
    assert salesforce.status == 200 and [one["success"] for one in reply] == [not whole, False, False]
    assert reply[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert reply[1]["errors"][0]["fields"] == ["LastName"]
    found = await salesforce.rows("SELECT Id FROM Contact WHERE LastName = 'Good'")
    assert len(found) == (0 if whole else 1)


async def test_collections_update_upsert_read_and_delete(salesforce: Salesforce) -> None:
    case = {"attributes": {"type": "Case"}}
    records = [{**case, "Portal_Reference__c": f"r{number}", "Subject": "a"} for number in (1, 2)]
    first = await salesforce("PATCH", "composite/sobjects/Case/Portal_Reference__c", {"records": records})
    assert [one["created"] for one in first] == [True, True]
    again = await salesforce("PATCH", "composite/sobjects/Case/Portal_Reference__c", {"records": records})
    assert [one["created"] for one in again] == [False, False]
    ids = [one["id"] for one in first]
    body = {"records": [{**case, "Id": ids[0], "Subject": "b"}, {**case, "Subject": "nobody"}]}
    assert [one["success"] for one in await salesforce("PATCH", "composite/sobjects", body)] == [True, False]
    read = await salesforce("GET", f"composite/sobjects/Case?ids={ids[0]},{ids[1]},500000000000001AAA&fields=Subject")
    assert [one and one["Subject"] for one in read] == ["b", "a", None]
    gone = await salesforce("DELETE", f"composite/sobjects?ids={ids[0]},{ids[1]}&allOrNone=true")
    assert [one["success"] for one in gone] == [True, True]
