"""What the org says about itself: objects, fields, limits."""

from __future__ import annotations

from tests.sandbox.salesforce.visitors import Salesforce
from tests.sandbox.visitors import Console


async def test_all_objects_are_listed_with_their_prefixes(salesforce: Salesforce) -> None:
    reply = await salesforce("GET", "sobjects")
    prefixes = {one["name"]: one["keyPrefix"] for one in reply["sobjects"]}
    known = {"Account": "001", "Contact": "003", "Case": "500", "Product2": "01t", "Pricebook2": "01s", "Order": "801"}
    known |= {"PricebookEntry": "01u", "OrderItem": "802", "CaseComment": "00a", "EmailMessage": "02s"}
    known |= {"ContentVersion": "068", "ContentDocument": "069", "ContentDocumentLink": "06A", "User": "005"}
    assert prefixes.items() >= known.items()


async def test_one_object_describes_its_fields(salesforce: Salesforce) -> None:
    reply = await salesforce("GET", "sobjects/Order/describe")
    fields = {one["name"]: one for one in reply["fields"]}
    key, status, line = fields["Idempotency_Key__c"], fields["Status"], fields["AccountId"]
    assert (key["externalId"], key["unique"], key["length"], key["type"]) == (True, True, 64, "string")
    assert "Pending Review" in [one["value"] for one in status["picklistValues"]] and not status["nillable"]
    assert (line["referenceTo"], line["relationshipName"]) == (["Account"], "Account")
    assert not fields["OrderNumber"]["createable"]
    children = {one["relationshipName"] for one in reply["childRelationships"]}
    assert "OrderItems" in children


async def test_create_only_fields_say_so(salesforce: Salesforce) -> None:
    fields = {one["name"]: one for one in (await salesforce("GET", "sobjects/OrderItem/describe"))["fields"]}
    assert all(
        fields[name]["createable"] and not fields[name]["updateable"] for name in ("OrderId", "PricebookEntryId")
    )


async def test_an_unknown_object_is_404(salesforce: Salesforce) -> None:
    assert await salesforce.code("GET", "sobjects/Nothing__c/describe") == "NOT_FOUND"


async def test_every_answer_tells_the_usage_and_a_spent_day_refuses(salesforce: Salesforce, console: Console) -> None:
    limits = await salesforce("GET", "limits")
    assert limits["DailyApiRequests"] == {"Max": 1_000_000, "Remaining": 999_999}
    assert salesforce.headers["Sforce-Limit-Info"] == "api-usage=1/1000000"
    await console("POST", "salesforce/requests", {"used": 50, "max": 50})
    (error,) = await salesforce("GET", "limits")
    assert (salesforce.status, error["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "TotalRequests" in error["message"]


async def test_versions_are_listed_without_a_session(salesforce: Salesforce) -> None:
    salesforce.token = ""
    assert {"label", "url", "version"} == set((await salesforce("GET", "/services/data/"))[0])
