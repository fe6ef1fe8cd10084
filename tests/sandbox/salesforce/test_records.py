"""Create, read, change, delete and upsert: what is written, what is refused and in which words."""

from __future__ import annotations

from typing import Any

from tests.sandbox.salesforce.visitors import Salesforce

UNKNOWN_ACCOUNT = "001Q800000zzzzz"
READ_ONLY, BAD_CHOICE = "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
ABSENT = ["sobjects/Case/xyz", f"sobjects/Account/{UNKNOWN_ACCOUNT}", "sobjects/Nothing/x", "x"]


async def test_a_record_is_created_read_changed_and_deleted(salesforce: Salesforce) -> None:
    made = await salesforce.create("Case", Subject="  Slow line ", Description="", Origin="Web")
    assert salesforce.headers["Location"].endswith(f"/sobjects/Case/{made}") and made.startswith("500")
    row = await salesforce("GET", f"sobjects/Case/{made}")
    assert (row["Subject"], row["Description"], row["Status"], row["IsClosed"]) == ("Slow line", None, "New", False)
    assert len(row["CaseNumber"]) == 8 and row["CaseNumber"].isdigit()
    await salesforce("PATCH", f"sobjects/Case/{made[:15]}", {"Status": "Closed"})
    assert salesforce.status == 204
    row = await salesforce("GET", f"sobjects/Case/{made}", params={"fields": "IsClosed,ClosedDate"})
    assert set(row) == {"attributes", "Id", "IsClosed", "ClosedDate"} and row["IsClosed"] and row["ClosedDate"]
    await salesforce("DELETE", f"sobjects/Case/{made}")
    assert salesforce.status == 204
    assert await salesforce.code("GET", f"sobjects/Case/{made}") == "ENTITY_IS_DELETED"


async def test_what_is_not_there_is_404(salesforce: Salesforce) -> None:
    for path in ABSENT:
        assert await salesforce.code("GET", path) == "NOT_FOUND" and salesforce.status == 404, path


async def test_a_record_of_another_object_is_not_found_by_its_id(salesforce: Salesforce) -> None:
    contact = (await salesforce.rows("SELECT Id FROM Contact LIMIT 1"))[0]["Id"]
    assert await salesforce.code("GET", f"sobjects/Account/{contact}") == "NOT_FOUND"


BAD_FIELDS: list[tuple[str, dict[str, Any], str, list[str] | None]] = [
    ("Account", {}, "REQUIRED_FIELD_MISSING", ["Name"]),
    ("Account", {"Name": None}, "REQUIRED_FIELD_MISSING", ["Name"]),
    ("Account", {"Name": "x", "Nothing__c": 1}, "INVALID_FIELD", None),
    ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG", ["Name"]),
    (
        "Account",
        {"Name": "x", "CreatedDate": "2020-01-01T00:00:00Z"},
        READ_ONLY,
        ["CreatedDate"],
    ),
    ("Account", {"Name": "x", "BillingAddress": {}}, READ_ONLY, ["BillingAddress"]),
    (
        "Account",
        {"Name": "x", "Portal_Status__c": "active"},
        BAD_CHOICE,
        ["Portal_Status__c"],
    ),
    ("Account", {"Name": ["x"]}, "JSON_PARSER_ERROR", None),
    ("Account", {"Name": "x", "Portal_Last_SignIn__c": "today"}, "JSON_PARSER_ERROR", None),
    ("Contact", {"LastName": "x", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
    ("Contact", {"LastName": "x", "Birthdate": "1990-13-01"}, "JSON_PARSER_ERROR", None),
    ("Contact", {"LastName": "x", "HasOptedOutOfEmail": "maybe"}, "JSON_PARSER_ERROR", None),
    ("Contact", {"LastName": "x", "AccountId": "12"}, "MALFORMED_ID", ["AccountId"]),
    ("Contact", {"LastName": "x", "AccountId": UNKNOWN_ACCOUNT}, "INVALID_CROSS_REFERENCE_KEY", []),
    ("Contact", {"LastName": "x", "AccountId": "500Q800000D0001"}, "MALFORMED_ID", ["AccountId"]),
    ("Opportunity", {"Name": "x", "StageName": "Ready"}, "REQUIRED_FIELD_MISSING", ["CloseDate"]),
]


async def test_a_bad_field_is_refused(salesforce: Salesforce) -> None:
    for name, fields, code, named in BAD_FIELDS:
        error = (await salesforce("POST", f"sobjects/{name}", fields))[0]
        assert (salesforce.status, error["errorCode"], error.get("fields")) == (400, code, named), fields


async def test_a_comment_is_limited_in_bytes_and_its_case_is_fixed(salesforce: Salesforce) -> None:
    case = await salesforce.create("Case", Subject="x")
    comment = await salesforce.create("CaseComment", ParentId=case, CommentBody="あ" * 1333, IsPublished=True)
    assert await salesforce.code("POST", "sobjects/CaseComment", {"ParentId": case, "CommentBody": "あ" * 1334}) == (
        "STRING_TOO_LONG"
    )
    path = f"sobjects/CaseComment/{comment}"
    assert await salesforce.code("PATCH", path, {"ParentId": case}) == "INVALID_FIELD_FOR_INSERT_UPDATE"


async def test_upsert_creates_then_updates_and_says_which(salesforce: Salesforce) -> None:
    path = "sobjects/Case/Portal_Reference__c/p%2F1%20x"
    first = await salesforce("PATCH", path, {"Subject": "a"})
    assert (salesforce.status, first["created"], first["success"], first["errors"]) == (201, True, True, [])
    second = await salesforce("PATCH", path, {"Subject": "b"})
    assert (salesforce.status, second["created"], second["id"]) == (200, False, first["id"])
    row = await salesforce("GET", path)
    assert (row["Subject"], row["Portal_Reference__c"]) == ("b", "p/1 x")
    assert await salesforce.code("PATCH", path, {"Portal_Reference__c": "y"}) == "INVALID_FIELD"
    assert await salesforce.code("PATCH", "sobjects/Case/Subject/x", {}) == "NOT_FOUND"


async def test_an_external_id_is_unique_in_any_case_and_the_error_names_the_record(salesforce: Salesforce) -> None:
    made = await salesforce.create("Case", Portal_Reference__c="Key-1")
    (error,) = await salesforce("POST", "sobjects/Case", {"Portal_Reference__c": "KEY-1"})
    assert error["errorCode"] == "DUPLICATE_VALUE" and made[:15] in error["message"]
    await salesforce("DELETE", f"sobjects/Case/{made}")
    await salesforce.create("Case", Portal_Reference__c="KEY-1")


async def test_a_number_on_two_accounts_answers_300_with_both(salesforce: Salesforce) -> None:
    reply = await salesforce("GET", "sobjects/Account/SF_Account_No__c/C-200006")
    assert salesforce.status == 300 and len(reply) == 2
    await salesforce("PATCH", "sobjects/Account/SF_Account_No__c/C-200006", {"Phone": "1"})
    assert salesforce.status == 300


async def test_an_unchanged_record_is_304(salesforce: Salesforce) -> None:
    made = await salesforce.create("Case", Subject="x")
    await salesforce("GET", f"sobjects/Case/{made}", headers={"If-Modified-Since": "Fri, 01 Jan 2038 00:00:00 GMT"})
    assert salesforce.status == 304
    await salesforce("GET", f"sobjects/Case/{made}", headers={"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"})
    assert salesforce.status == 200


async def test_the_wire_is_checked_before_the_record(salesforce: Salesforce) -> None:
    assert await salesforce.code("PUT", "sobjects/Case", {}) == "METHOD_NOT_ALLOWED" and salesforce.status == 405
    assert await salesforce.code("GET", "/services/data/v99.0/limits") == "NOT_FOUND"
    assert await salesforce.code("GET", "/services/data/v20.0/limits") == "UNSUPPORTED_API_VERSION"
    assert await salesforce.code("POST", "sobjects/Case", data=b"{", headers={"Content-Type": "application/json"}) == (
        "JSON_PARSER_ERROR"
    )
    assert await salesforce.code("POST", "sobjects/Case", data=b"<x/>", headers={"Content-Type": "text/xml"}) == (
        "UNSUPPORTED_MEDIA_TYPE"
    )


async def test_an_address_is_read_whole_and_money_is_a_number(salesforce: Salesforce) -> None:
    made = await salesforce.create("Account", Name="株式会社", BillingCity="渋谷区", BillingStreet="1\n2")
    row = await salesforce("GET", f"sobjects/Account/{made}")
    assert row["BillingAddress"]["city"] == "渋谷区" and row["BillingAddress"]["street"] == "1\n2"
    assert row["ShippingAddress"] is None
    entry = (await salesforce.rows("SELECT UnitPrice FROM PricebookEntry WHERE ProductCode = 'SIM-DATA-VOICE-5GB'"))[0]
    assert entry["UnitPrice"] == 1500.0 and isinstance(entry["UnitPrice"], float)
