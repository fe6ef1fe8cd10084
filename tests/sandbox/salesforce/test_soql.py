"""The query language: what it finds, how it pages, and how it complains."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.sandbox.salesforce.visitors import Salesforce

DEMO = "SF_Account_No__c = 'C-100001'"


async def numbers(salesforce: Salesforce, where: str) -> list[str]:
    found = await salesforce.rows(f"SELECT SF_Account_No__c FROM Account WHERE {where}")
    return [row["SF_Account_No__c"] for row in found]


async def test_rows_carry_attributes_and_the_names_of_the_schema(salesforce: Salesforce) -> None:
    reply = await salesforce.query(f"select id, NAME, wh_account__c from account where {DEMO}")
    row = reply["records"][0]
    assert (reply["totalSize"], reply["done"]) == (1, True)
    assert list(row) == ["attributes", "Id", "Name", "WH_Account__c"]
    assert row["attributes"] == {"type": "Account", "url": f"/services/data/v60.0/sobjects/Account/{row['Id']}"}
    assert row["WH_Account__c"] == "#1001 - Hanako Yamada"


CONDITIONS: list[tuple[str, list[str]]] = [
    ("SF_Account_No__c IN ('C-100001', 'c-100003')", ["C-100001", "C-100003"]),
    ("SF_Account_No__c = 'c-100002'", ["C-100002"]),
    ("SF_Account_No__c LIKE 'C-10000_' AND WH_Account__c LIKE '#1002 - %'", ["C-100002"]),
    ("(SF_Account_No__c = 'C-100001' OR SF_Account_No__c = 'C-100002') AND Name LIKE '%yama%'", ["C-100001"]),
    ("WH_Account__c = null AND SF_Account_No__c < 'C-200000'", ["C-100012"]),
    ("WH_Account__c = '' AND NOT SF_Account_No__c LIKE 'C-2%'", ["C-100012"]),
    ("Portal_Status__c != 'Active' AND SF_Account_No__c <= 'C-100003'", ["C-100003"]),
    ("CreatedDate = TODAY", []),
    ("CreatedDate > LAST_N_DAYS:1", []),
    ("SF_Account_No__c = 'C-100001' AND CreatedDate < 2026-04-15T00:00:00Z", ["C-100001"]),
    ("SF_Account_No__c = 'it\\'s' OR SF_Account_No__c LIKE 'C\\_1%'", []),
]


async def test_conditions_find_what_they_say(salesforce: Salesforce) -> None:
    for where, expected in CONDITIONS:
        assert await numbers(salesforce, where) == expected, where


async def test_ids_match_in_both_lengths(salesforce: Salesforce) -> None:
    account = (await salesforce.rows(f"SELECT Id FROM Account WHERE {DEMO}"))[0]["Id"]
    for text in (account, account[:15], account.lower()):
        assert await numbers(salesforce, f"Id = '{text}'") == ["C-100001"]
    found = await salesforce.rows(f"SELECT Email FROM Contact WHERE AccountId IN ('{account[:15]}')")
    assert [row["Email"] for row in found] == ["demo@example.com"]


async def test_parents_are_nested_and_missing_ones_are_null(salesforce: Salesforce) -> None:
    soql = "SELECT Id, Account.Name, Account.Owner.Name FROM Contact WHERE Account.SF_Account_No__c = 'C-100002'"
    row = (await salesforce.rows(soql))[0]
    assert row["Account"]["attributes"]["type"] == "Account" and row["Account"]["Name"] == "健一 佐藤"
    assert row["Account"]["Owner"]["Name"] == "Portal Integration"
    lonely = await salesforce.create("Contact", LastName="Alone")
    assert (await salesforce.rows(f"SELECT Account.Name FROM Contact WHERE Id = '{lonely}'"))[0]["Account"] is None


async def test_children_come_as_a_result_of_their_own(salesforce: Salesforce) -> None:
    row = (
        await salesforce.rows(
            f"SELECT Id, (SELECT Email FROM Contacts), (SELECT Id FROM Orders) FROM Account WHERE {DEMO}"
        )
    )[0]
    assert row["Contacts"]["totalSize"] == 1 and row["Contacts"]["records"][0]["Email"] == "demo@example.com"
    assert row["Orders"] is None


async def test_rows_are_ordered_and_cut(salesforce: Salesforce) -> None:
    assert await numbers(
        salesforce, "SF_Account_No__c LIKE 'C-1%' ORDER BY SF_Account_No__c DESC LIMIT 2 OFFSET 1"
    ) == ["C-100011", "C-100010"]
    soql = "SELECT WH_Account__c FROM Account WHERE SF_Account_No__c LIKE 'C-1%' ORDER BY WH_Account__c NULLS LAST"
    assert (await salesforce.rows(soql))[-1]["WH_Account__c"] is None


async def test_count_tells_the_number_alone(salesforce: Salesforce) -> None:
    reply = await salesforce.query("SELECT COUNT() FROM Account WHERE SF_Account_No__c LIKE 'C-100%'")
    assert reply == {"totalSize": 12, "done": True, "records": []}


async def test_a_long_answer_comes_in_pages(salesforce: Salesforce) -> None:
    records = [{"attributes": {"type": "Contact"}, "LastName": f"Crowd {number}"} for number in range(200)]
    for _ in range(2):
        await salesforce("POST", "composite/sobjects", {"records": records})
    soql = "SELECT Id FROM Contact WHERE LastName LIKE 'Crowd %'"
    first = await salesforce.query(soql, headers={"Sforce-Query-Options": "batchSize=300"})
    assert (first["totalSize"], first["done"], len(first["records"])) == (400, False, 300)
    last = await salesforce("GET", first["nextRecordsUrl"])
    assert (last["done"], len(last["records"])) == (True, 100) and "nextRecordsUrl" not in last
    assert await salesforce.code("GET", "query/01gQ80000000000AAA-2000") == "INVALID_QUERY_LOCATOR"


COMPLAINTS = [
    ("SELECT Id FORM Account", "MALFORMED_QUERY", "unexpected token: 'FORM'"),
    ("SELECT FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
    ("SELECT Id FROM Account WHERE Id IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
    ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", "MALFORMED_QUERY", "'AND'"),
    ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY", "'x'"),
    ("SELECT Nothing__c FROM Account", "INVALID_FIELD", "No such column 'Nothing__c' on entity 'Account'"),
    ("SELECT Foo.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Foo'"),
    ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
    ("SELECT Id FROM Nothing__c", "INVALID_TYPE", "sObject type 'Nothing__c' is not supported"),
    ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed"),
    ("SELECT Id FROM Product2 WHERE IsActive = 'true'", "INVALID_FIELD", "should not be enclosed in quotes"),
    ("SELECT Id FROM Contact WHERE Birthdate = '2020-01-01'", "INVALID_FIELD", "of type date"),
    ("SELECT Id FROM Account WHERE Id = 'xyz'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: xyz"),
    ("SELECT Id FROM Product2 WHERE IsActive LIKE 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
    ("SELECT Id FROM Case WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ("SELECT Id FROM ContentDocumentLink", "MALFORMED_QUERY", "requires a filter by a single Id"),
    ("", "MALFORMED_QUERY", "empty"),
]


async def test_a_query_that_cannot_run_says_why(salesforce: Salesforce) -> None:
    for soql, code, words in COMPLAINTS:
        (error,) = await salesforce.query(soql)
        assert (salesforce.status, error["errorCode"]) == (400, code), soql
        assert words in error["message"], soql


async def test_deleted_records_are_only_in_query_all(salesforce: Salesforce) -> None:
    made = await salesforce.create("Contact", LastName="Gone")
    await salesforce("DELETE", f"sobjects/Contact/{made}")
    soql = f"SELECT Id, IsDeleted FROM Contact WHERE Id = '{made}'"
    assert await salesforce.rows(soql) == []
    reply = await salesforce("GET", "queryAll", params={"q": soql})
    assert reply["records"][0]["IsDeleted"] is True


async def test_times_are_utc_with_milliseconds_and_no_colon(salesforce: Salesforce) -> None:
    row: dict[str, Any] = (await salesforce.rows(f"SELECT CreatedDate FROM Account WHERE {DEMO}"))[0]
    assert row["CreatedDate"].endswith(".000+0000") and datetime.fromisoformat(row["CreatedDate"])


async def test_a_query_near_the_longest_address_works_and_a_longer_one_is_414(salesforce: Salesforce) -> None:
    await salesforce.query("SELECT Id FROM Account WHERE Name = '" + "x" * 12_000 + "'")
    assert salesforce.status == 200
    await salesforce.query("SELECT Id FROM Account WHERE Name = '" + "x" * 17_000 + "'")
    assert salesforce.status == 414
