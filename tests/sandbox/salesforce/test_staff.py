"""What staff do in the console, and the people it starts with."""

from __future__ import annotations

from tests.sandbox.salesforce.visitors import Salesforce
from tests.sandbox.visitors import Console


async def account_of(console: Console, number: str) -> str:
    return (await console("GET", f"salesforce/accounts?search={number}"))[0]["id"]


async def test_every_customer_has_an_account_and_newcomers_wait(console: Console) -> None:
    accounts = await console("GET", "salesforce/accounts?limit=500")
    by_number = {one["number"]: one for one in accounts}
    assert by_number["C-100001"]["whmcs_account"] == "#1001 - Hanako Yamada"
    assert by_number["C-100001"]["portal_status"] == "Active" and by_number["C-100003"]["portal_status"] == ""
    assert by_number["C-100012"]["whmcs_account"] == ""
    assert by_number["C-200001"]["email"] == "signup@example.com" and not by_number["C-200001"]["whmcs_account"]
    assert by_number["C-200004"]["whmcs_account"] and by_number["C-200004"]["portal_status"] == "Active"
    assert [one["number"] for one in accounts].count("C-200006") == 2


async def test_an_account_is_linked_renumbered_and_unlinked(salesforce: Salesforce, console: Console) -> None:
    path = f"salesforce/accounts/{await account_of(console, 'C-200001')}"
    linked = await console("POST", f"{path}/link", {"whmcs_client_id": 1099, "name": "Mayumi Suzuki"})
    assert (linked["whmcs_account"], linked["portal_status"]) == ("#1099 - Mayumi Suzuki", "Active")
    await console("POST", f"{path}/number", {"number": "C-299999"})
    found = await salesforce.rows("SELECT WH_Account__c FROM Account WHERE SF_Account_No__c = 'C-299999'")
    assert [row["WH_Account__c"] for row in found] == ["#1099 - Mayumi Suzuki"]
    assert (await console("POST", f"{path}/unlink"))["whmcs_account"] == ""
    await console("POST", f"{path}/link", {"whmcs_client_id": "x"})
    assert console.status == 400


async def test_a_waiting_case_is_approved_and_answered(salesforce: Salesforce, console: Console) -> None:
    account = await account_of(console, "C-200003")
    case = await salesforce.create("Case", Subject="Sign-up", AccountId=account, Type="Sign-up")
    (waiting,) = await console("GET", "salesforce/cases?open=yes&search=C-200003")
    assert (waiting["Id"], waiting["number"]) == (case, "C-200003")
    assert (await console("POST", f"salesforce/cases/{case}/approve"))["Status"] == "Approved"
    assert await console("GET", "salesforce/cases?open=yes&search=C-200003") == []
    await console("POST", f"salesforce/cases/{case}/reply", {"text": "Welcome"})
    soql = f"SELECT CommentBody, IsPublished FROM CaseComment WHERE ParentId = '{case}'"
    assert [(row["CommentBody"], row["IsPublished"]) for row in await salesforce.rows(soql)] == [("Welcome", True)]
    shown = await console("GET", f"salesforce/accounts/{account}")
    assert [one["Status"] for one in shown["cases"]] == ["Approved"] and len(shown["contacts"]) == 1


async def test_staff_change_and_delete_any_record_under_the_same_rules(console: Console) -> None:
    account = await account_of(console, "C-100002")
    changed = await console("PATCH", f"salesforce/records/{account}", {"Internet_Eligibility_Status__c": "Eligible"})
    assert changed["Internet_Eligibility_Status__c"] == "Eligible"
    await console("PATCH", f"salesforce/records/{account}", {"Internet_Eligibility_Status__c": "Perhaps"})
    assert console.status == 400
    await console("DELETE", f"salesforce/records/{account}")
    await console("GET", f"salesforce/records/{account}")
    assert console.status == 404


async def test_reset_brings_the_accounts_back_and_ends_sessions(salesforce: Salesforce, console: Console) -> None:
    await salesforce.create("Account", Name="Extra")
    await console("POST", "reset")
    await salesforce("GET", "limits")
    assert salesforce.status == 401
    await salesforce.sign_in()
    assert await salesforce.rows("SELECT Id FROM Account WHERE Name = 'Extra'") == []
