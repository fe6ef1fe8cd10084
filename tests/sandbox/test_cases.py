"""The support desk of the seed and of the console: what customers see, what they must not, and which events follow."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest

from sandbox.app import Running
from sandbox.clock import Clock
from sandbox.salesforce import content, dml
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Records
from sandbox.seed import catch_up, plant
from sandbox.store import Store
from tests.sandbox.visitors import Console

DEMO, SECOND = "C-100001", "C-100002"
PORTALS = {"Portal Website", "Portal Support"}


async def cases_of(console: Console, number: str) -> list[dict[str, Any]]:
    rows = await console("GET", f"salesforce/cases?search={number}")
    return [await console("GET", f"salesforce/cases/{row['Id']}") for row in rows if row["number"] == number]


async def one_of(console: Console, subject: str) -> dict[str, Any]:
    [row] = await console("GET", f"salesforce/cases?search={subject}")
    return await console("GET", f"salesforce/cases/{row['Id']}")


async def test_the_demo_customer_has_cases_in_every_status(console: Console) -> None:
    shown = [one for one in await cases_of(console, DEMO) if one["Origin"] in PORTALS]
    assert {one["Status"] for one in shown} == {"New", "In Progress", "Awaiting Customer", "Approved", "Closed"}
    ours = [one["Portal_Reference__c"] for one in shown if one["Portal_Topic__c"] != "Sign-up"]
    assert {(reference[:8], len(reference)) for reference in ours} == {("support:", 40)}


async def test_each_thing_a_customer_must_not_see_is_there(console: Console) -> None:
    rows = await cases_of(console, DEMO)
    comments = [comment for one in rows for comment in one["comments"]]
    mails = [mail for one in rows for mail in one["emails"]]
    files = [file for one in rows for file in one["files"]]
    assert {comment["IsPublished"] for comment in comments} == {True, False}
    outgoing = {(mail["IsExternallyVisible"], mail["Status"]) for mail in mails if not mail["Incoming"]}
    assert outgoing == {(True, "3"), (False, "3"), (True, "5")} and any(mail["Incoming"] for mail in mails)
    assert {file["Visibility"] for file in files} == {"AllUsers", "InternalUsers"}
    assert {one["Origin"] for one in rows} >= {"Portal Notification", "Phone"}


async def test_another_customer_has_cases_and_a_file_too(console: Console) -> None:
    rows = await cases_of(console, SECOND)
    assert {one["Status"] for one in rows} == {"Awaiting Customer", "Closed", "New"}
    assert [file["Visibility"] for one in rows for file in one["files"]] == ["AllUsers"]
    assert "Portal Notification" in {one["Origin"] for one in rows}


def test_what_lies_in_the_past_is_dated_there_and_published_nothing(sandbox: Running) -> None:
    records = sandbox.world.salesforce.records
    today = sandbox.world.clock.today()
    days = {date.fromisoformat(one["CreatedDate"][:10]) for one in records.all(OBJECTS["Case"])}
    assert len(days) > 5 and max(days) < today
    assert sandbox.world.salesforce.events.log.last(10) == []


def test_data_of_an_earlier_version_get_the_cases_once(sandbox: Running) -> None:
    store, clock = Store(None), Clock(date(2026, 4, 15))
    plant(store, clock, 5)
    planted = store.rows("SELECT * FROM sf_records ORDER BY id")
    for name in ("Case", "CaseComment", "EmailMessage", "ContentVersion", "ContentDocument", "ContentDocumentLink"):
        store.execute("DELETE FROM sf_records WHERE object = ?", name)
        store.execute("DELETE FROM sf_external WHERE object = ?", name)
        store.execute("DELETE FROM sf_counters WHERE name = ?", name)
    store.execute("DELETE FROM sf_counters WHERE name = 'CaseNumber'")
    store.execute("DELETE FROM meta WHERE key = 'cases_planted_on'")
    catch_up(store, clock)
    catch_up(store, clock)
    assert store.rows("SELECT * FROM sf_records ORDER BY id") == planted


async def test_staff_answer_by_mail_set_a_status_and_attach_a_file(console: Console, sandbox: Running) -> None:
    case = await one_of(console, "eSIM")
    path = f"salesforce/cases/{case['Id']}"
    await console("POST", f"{path}/email", {"text": "Yes, both phones."})
    await console("POST", f"{path}/email", {"text": "Who takes this?", "visible": False})
    await console("POST", f"{path}/file", {"name": "説明.pdf", "content": base64.b64encode(b"%PDF-1.4 x").decode()})
    moved = await console("POST", f"{path}/status", {"status": "Awaiting Customer"})
    assert moved["Status"] == "Awaiting Customer"
    now = await console("GET", path)
    assert [(one["TextBody"], one["IsExternallyVisible"]) for one in now["emails"]] == [
        ("Yes, both phones.", True),
        ("Who takes this?", False),
    ]
    assert now["emails"][0]["ToAddress"] == "demo@example.com"
    [file] = now["files"]
    assert (file["Title"], file["ContentSize"], file["Visibility"]) == ("説明.pdf", 10, "AllUsers")
    assert content.data_of(sandbox.world.salesforce.records, file["LatestPublishedVersionId"]) == b"%PDF-1.4 x"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("status", {"status": ""}),
        ("status", {"status": "Sleeping"}),
        ("file", {"content": "no base64!"}),
        ("file", {"visibility": "Everybody"}),
    ],
)
async def test_what_the_org_does_not_know_is_refused_and_leaves_nothing(console: Console, what: str, body: Any) -> None:
    case = await one_of(console, "eSIM")
    await console("POST", f"salesforce/cases/{case['Id']}/{what}", body)
    assert console.status == 400
    assert await console("GET", f"salesforce/cases/{case['Id']}") == case


@pytest.fixture
def records(sandbox: Running) -> Records:
    return sandbox.world.salesforce.records


@pytest.fixture
def case_id(records: Records) -> str:
    account = records.all(OBJECTS["Account"])[0]
    return dml.create(records, OBJECTS["Case"], {"AccountId": account["Id"], "Origin": "Phone"})


def told(sandbox: Running) -> int:
    log = sandbox.world.salesforce.events.log
    return len([one for one in log.last(1000) if one.entity == "Case_Status_Update__e"])


OUTGOING = {"Status": "3", "IsExternallyVisible": True, "TextBody": "hello"}


@pytest.mark.parametrize(
    ("name", "values", "times"),
    [
        ("EmailMessage", OUTGOING, 1),
        ("EmailMessage", OUTGOING | {"IsExternallyVisible": False}, 0),
        ("EmailMessage", OUTGOING | {"Status": "5"}, 0),
        ("EmailMessage", OUTGOING | {"Incoming": True}, 0),
        ("CaseComment", {"CommentBody": "hello", "IsPublished": True}, 1),
        ("CaseComment", {"CommentBody": "hello"}, 0),
    ],
)
def test_what_a_customer_may_read_is_told_of_and_nothing_else(sandbox, records, case_id, name, values, times) -> None:
    dml.create(records, OBJECTS[name], {"ParentId": case_id} | values)
    assert told(sandbox) == times


def test_a_comment_of_the_integration_user_is_told_of_too(sandbox: Running, records: Records, case_id: str) -> None:
    with records.asked_by("com/salesforce/api/rest/59.0;client=portal"):
        dml.create(records, OBJECTS["CaseComment"], {"ParentId": case_id, "CommentBody": "x", "IsPublished": True})
    assert told(sandbox) == 1


def test_a_draft_is_told_of_once_when_it_is_sent(sandbox: Running, records: Records, case_id: str) -> None:
    draft = dml.create(records, OBJECTS["EmailMessage"], {"ParentId": case_id} | OUTGOING | {"Status": "5"})
    dml.update(records, OBJECTS["EmailMessage"], draft, {"Subject": "Re: hello"})
    assert told(sandbox) == 0
    dml.update(records, OBJECTS["EmailMessage"], draft, {"Status": "3"})
    dml.update(records, OBJECTS["EmailMessage"], draft, {"Subject": "Re: hello again"})
    assert told(sandbox) == 1
    dml.delete(records, OBJECTS["EmailMessage"], draft)
    assert told(sandbox) == 1
