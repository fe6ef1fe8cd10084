"""Cases of number checks: opened once for each reference, and what the staff decided."""

import asyncio

import pytest

from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from tests.fakes.salesforce import ACCOUNT, CONTACT, Reply, page_of_html, refusal
from tests.integrations.virtual_time import in_virtual_time

REFERENCE = "3f0c1f0e-6c1b-4d52-9e0e-0d6b3f1f9a11"


@pytest.fixture
def cases(connected):
    return Cases(connected.client, FieldMap(), origin="Portal Website")


def opened(cases, reference=REFERENCE, **changed):
    words = {"salesforce_account_id": ACCOUNT, "subject": "Is C-1001 theirs?", "description": "Applied today."}
    return cases.open_number_check(reference, **words | changed)


def a_case(number: int, status: str = "New", closed: bool = False, **changed) -> dict:
    return {"Id": as_18(f"500{number:012d}"), "Status": status, "IsClosed": closed, **changed}


@in_virtual_time
async def test_a_case_tells_account_subject_description_and_origin(cases, salesforce):
    case_id = await opened(cases)
    (row,) = salesforce.records["Case"]
    assert row == {
        "Id": case_id,
        "AccountId": ACCOUNT,
        "Subject": "Is C-1001 theirs?",
        "Description": "Applied today.",
        "Origin": "Portal Website",
        "Portal_Reference__c": REFERENCE,
    }


@in_virtual_time
async def test_f8_the_same_reference_opens_one_case_and_another_its_own(cases, salesforce):
    first, again, other = [await opened(cases, reference) for reference in (REFERENCE, REFERENCE, "another")]
    assert first == again != other
    assert len(salesforce.records["Case"]) == 2


@in_virtual_time
async def test_what_the_staff_wrote_meanwhile_is_left_as_it_is(cases, salesforce):
    await opened(cases)
    salesforce.records["Case"][0] |= {"Subject": "Called her, is fine", "Status": "Approved"}
    await opened(cases)
    assert salesforce.records["Case"][0]["Subject"] == "Called her, is fine"


@in_virtual_time
async def test_f5_a_lost_answer_is_said_and_asking_again_finds_the_one_case(cases, salesforce):
    def done_but_lost(request) -> Reply:
        salesforce._answer(request)
        return page_of_html(503)

    salesforce.will("Upsert", done_but_lost, done_but_lost)
    with pytest.raises(UpstreamOutcomeUnknown):
        await opened(cases)
    case_id = await opened(cases)
    assert [row["Id"] for row in salesforce.records["Case"]] == [case_id]


@in_virtual_time
async def test_f8_who_loses_a_race_gets_the_winners_case(cases, salesforce):
    def won_by_another(request) -> Reply:
        salesforce.records["Case"].append(a_case(7, Portal_Reference__c=REFERENCE))
        return refusal(400, "DUPLICATE_VALUE")

    salesforce.will("Upsert", won_by_another)
    assert await opened(cases) == a_case(7)["Id"]


@in_virtual_time
async def test_texts_too_long_for_salesforce_are_cut(cases, salesforce):
    await opened(cases, subject="件" * 300, description="x" * 40_000)
    (row,) = salesforce.records["Case"]
    assert (len(row["Subject"]), len(row["Description"])) == (255, 32_000)


@pytest.mark.parametrize("account_id", ["", CONTACT, "../Case/500000000000001AAA", "001000000000001aaa"])
@in_virtual_time
async def test_o3_a_case_for_what_is_no_account_is_never_sent(cases, salesforce, account_id):
    with pytest.raises(NotFound):
        await opened(cases, salesforce_account_id=account_id)
    assert salesforce.asked == []


@pytest.mark.parametrize(
    ("status", "closed", "decision"),
    [
        ("New", False, "open"),
        ("In Progress", False, "open"),
        ("Approved", True, "approved"),
        ("Approved", False, "approved"),
        ("Rejected", True, "rejected"),
        ("Closed", True, "rejected"),
        ("approved", False, "open"),
    ],
)
@in_virtual_time
async def test_approved_is_a_yes_and_any_other_end_is_a_no(cases, salesforce, status, closed, decision):
    row = a_case(1, status, closed)
    salesforce.records["Case"].append(row)
    assert await cases.decisions([row["Id"]]) == {row["Id"]: decision}


@in_virtual_time
async def test_a_case_that_is_gone_is_left_out_and_nobody_elses_is_taken_in(cases, salesforce):
    gone, there, other = (a_case(n) for n in (1, 2, 3))
    salesforce.records["Case"].append(there)
    rows = [{"attributes": {"type": "Case"}} | row for row in (there, other)]
    salesforce.will("Query", Reply(200, {"totalSize": 2, "done": True, "records": rows}))
    assert await cases.decisions([gone["Id"], there["Id"][:15]]) == {there["Id"]: "open"}


@in_virtual_time
async def test_an_id_that_is_no_cases_keeps_no_other_decision_from_being_read(cases, salesforce):
    there = a_case(1, "Approved")
    salesforce.records["Case"].append(there)
    bad = ["", "junk", "001000000000001AAA", "../Case/500"]
    assert await cases.decisions([*bad, there["Id"]]) == {there["Id"]: "approved"}


@in_virtual_time
async def test_many_cases_are_read_in_few_queries(cases, salesforce):
    rows = [a_case(n, "Approved", True) for n in range(1, 451)]
    salesforce.records["Case"] += rows
    assert await cases.decisions(row["Id"] for row in rows) == {row["Id"]: "approved" for row in rows}
    assert salesforce.count("Query") == 3


@in_virtual_time
async def test_nothing_to_decide_asks_nothing(cases, salesforce):
    assert await cases.decisions([]) == {}
    assert salesforce.asked == []


@in_virtual_time
async def test_a_row_without_its_status_is_a_changed_reply_and_no_decision(cases, salesforce):
    salesforce.records["Case"].append({"Id": a_case(1)["Id"], "IsClosed": True})
    with pytest.raises(UpstreamReplyChanged):
        await cases.decisions([a_case(1)["Id"]])


@in_virtual_time
async def test_a_failed_look_is_an_error_and_no_decision(cases, salesforce):
    salesforce.keeps("Query", page_of_html(503))
    with pytest.raises(UpstreamUnavailable):
        await cases.decisions([a_case(1)["Id"]])


@in_virtual_time
async def test_another_installation_may_call_its_yes_otherwise(connected, salesforce):
    row = a_case(1, "承認済み", True)
    salesforce.records["Case"].append(row)
    cases = Cases(connected.client, FieldMap(), origin="Web", approved_status="承認済み")
    assert await cases.decisions([row["Id"]]) == {row["Id"]: "approved"}


@in_virtual_time
async def test_two_who_open_at_once_get_one_case(cases, salesforce):
    first, second = await asyncio.gather(opened(cases), opened(cases))
    assert first == second
    assert len(salesforce.records["Case"]) == 1
