"""Answers of Salesforce about cases that are not what was asked for: whose they are is looked at in every one."""

from typing import Any

import pytest

from portal_app.domain.cases import Topic
from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, UpstreamRejected, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.salesforce.case_changes import CaseChanges
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.storage.cache import MemoryCache
from tests.fakes.salesforce import ACCOUNT, OTHER_ACCOUNT, FakeSalesforce, Reply, refusal
from tests.integrations.virtual_time import in_virtual_time

MINE = Customer("user-1", 7, ACCOUNT or "")
CASE = "500000000000001AAA"
STAMP = "2026-01-15T03:00:00.000+0000"


def rows(*records: dict[str, Any]) -> Reply:
    return Reply(200, {"totalSize": len(records), "done": True, "records": list(records)})


def looked(cases: Reply, comments: Reply, emails: Reply) -> Reply:
    """The answer to one look at all three."""
    answers = {"cases": cases, "comments": comments, "emails": emails}
    parts = [
        {"httpStatusCode": one.status, "referenceId": name, "body": one.body, "httpHeaders": {}}
        for name, one in answers.items()
    ]
    return Reply(200, {"compositeResponse": parts})


def a_case(**changed: Any) -> dict[str, Any]:
    row = {"Id": CASE, "CaseNumber": "00001001", "AccountId": ACCOUNT, "Subject": "No line", "Description": "Dead"}
    row |= {"Status": "New", "IsClosed": False, "Origin": "Phone", "Portal_Reference__c": None}
    return row | {"Portal_Topic__c": "Internet", "CreatedDate": STAMP, "SystemModstamp": STAMP} | changed


def a_comment(**changed: Any) -> dict[str, Any]:
    row = {"Id": "00a000000000001AAA", "ParentId": CASE, "CommentBody": "Soon", "CreatedDate": STAMP}
    return row | {"IsPublished": True} | changed


@pytest.fixture
def cases(salesforce: FakeSalesforce) -> SupportCases:
    connected = salesforce.connect()
    cache = MemoryCache("test", connected.clock)
    kinds: dict[str, Any] = {"origin": "Portal Website", "hidden_origins": ("Portal Notification", "")}
    kinds |= {"closed_status": "Closed", "reopened_status": "In Progress"}
    return SupportCases(connected.client, FieldMap(), cache, connected.clock, **kinds)


@in_virtual_time
async def test_every_query_names_the_account(salesforce, cases):
    salesforce.will("Query", rows(a_case()), rows(a_case()), rows(), rows(), rows(a_case()), rows())
    await cases.list_cases(MINE)
    await cases.get_thread(MINE, CASE)
    await cases.get_state(MINE, CASE)
    await cases.find_comment(MINE, CASE, "a" * 32)
    asked = salesforce.queries()
    assert len(asked) == 6 and all(f"AccountId = '{ACCOUNT}'" in one for one in asked)


@pytest.mark.parametrize(
    "changed",
    [
        {"AccountId": OTHER_ACCOUNT},
        {"AccountId": None},
        {"Origin": "Portal Notification"},
        {"Origin": "portal notification"},
        {"Portal_Reference__c": "availability-1"},
    ],
)
@in_virtual_time
async def test_o2_what_is_not_for_this_customer_is_not_found_although_salesforce_gave_it(salesforce, cases, changed):
    salesforce.keeps("Query", rows(a_case(**changed)))
    assert (await cases.list_cases(MINE)).items == ()
    for ask in (cases.get_thread, cases.get_state, cases.read_thread):
        with pytest.raises(NotFound):
            await ask(MINE, CASE)


@pytest.mark.parametrize("case_id", ["", "500", "001000000000001AAA", "../User/005000000000001", "500000000000001AAB"])
@in_virtual_time
async def test_o3_what_is_no_id_of_a_case_is_not_found_before_anything_is_asked(salesforce, cases, case_id):
    for ask in (cases.get_thread, cases.get_state):
        with pytest.raises(NotFound):
            await ask(MINE, case_id)
    with pytest.raises(NotFound):
        await cases.list_cases(Customer("user-2", 8))
    assert salesforce.asked == []


@in_virtual_time
async def test_o2_a_comment_of_another_case_shows_nothing_at_all(salesforce, cases):
    foreign = a_comment(ParentId="500000000000002AAA")
    salesforce.will("Query", rows(a_case()), rows(foreign), rows())
    with pytest.raises(UpstreamReplyChanged):
        await cases.get_thread(MINE, CASE)


@pytest.mark.parametrize("published", [False, None, "true"])
@in_virtual_time
async def test_o2_what_the_answer_itself_calls_internal_is_not_shown(salesforce, cases, published):
    mail = {"Id": "02s000000000001AAA", "ParentId": CASE, "TextBody": "INTERNAL", "MessageDate": STAMP}
    mail |= {"Incoming": False, "IsExternallyVisible": published}
    internal = a_comment(CommentBody="INTERNAL", IsPublished=published)
    salesforce.will("Query", rows(a_case()), rows(internal, a_comment()), rows(mail))
    thread = await cases.get_thread(MINE, CASE)
    assert [one.body for one in thread.messages] == ["Dead", "Soon"]


@in_virtual_time
async def test_an_organisation_without_emails_of_cases_has_conversations_too(salesforce, cases):
    salesforce.will("Query", rows(a_case()), rows(a_comment()), refusal(400, "INVALID_TYPE"))
    thread = await cases.get_thread(MINE, CASE)
    assert [(one.author, one.body) for one in thread.messages] == [("staff", "Dead"), ("staff", "Soon")]


@pytest.mark.parametrize(
    "changed", [{"CreatedDate": None}, {"CreatedDate": "soon"}, {"Id": "x"}, {"SystemModstamp": 1}]
)
@in_virtual_time
async def test_a_changed_shape_is_no_empty_list(salesforce, cases, changed):
    salesforce.keeps("Query", rows(a_case(**changed)))
    with pytest.raises(UpstreamReplyChanged):
        await cases.list_cases(MINE)


@in_virtual_time
async def test_a_timeout_without_a_copy_is_told(salesforce, cases):
    salesforce.keeps("Query", refusal(503, "SERVER_UNAVAILABLE"))
    with pytest.raises(UpstreamUnavailable):
        await cases.list_cases(MINE)


@in_virtual_time
async def test_a_contact_that_is_gone_keeps_no_question_back(salesforce, cases):
    salesforce.will("Upsert", refusal(400, "INVALID_CROSS_REFERENCE_KEY"))
    more: dict[str, Any] = {"subject": "s", "description": "d", "topic": Topic.SIM}
    reference = "support:" + "a" * 32
    made = await cases.create(MINE, reference, salesforce_contact_id="003000000000001AAA", **more)
    with_contact, without = salesforce.sent("Upsert")
    assert with_contact.pop("ContactId") and with_contact == without and made.startswith("500")
    salesforce.keeps("Upsert", refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
    with pytest.raises(UpstreamRejected):
        await cases.create(MINE, reference + "b", **more)


@in_virtual_time
async def test_news_of_nobodys_and_of_odd_rows_hold_up_no_others(salesforce):
    changes = CaseChanges(salesforce.connect().client, FieldMap())
    parent = {"AccountId": ACCOUNT}
    comments = (
        {"Id": "00a000000000001AAA", "ParentId": CASE, "Parent": parent, "SystemModstamp": STAMP},
        {"Id": "00a000000000002AAA", "ParentId": CASE, "Parent": {"AccountId": None}, "SystemModstamp": STAMP},
        {"Id": "00a000000000003AAA", "ParentId": "x", "Parent": parent, "SystemModstamp": STAMP},
    )
    salesforce.will("Create", looked(rows(a_case(AccountId=None)), rows(*comments), refusal(400, "INVALID_TYPE")))
    since = salesforce.connect().clock.now()
    found = await changes.since(since)
    assert [(one.salesforce_case_id, one.salesforce_account_id) for one in found] == [(CASE, ACCOUNT)]


@in_virtual_time
async def test_of_a_flood_nothing_older_than_the_last_of_it_is_left_out(salesforce, monkeypatch):
    monkeypatch.setattr("portal_app.integrations.salesforce.case_changes.AT_ONCE", 2)
    changes = CaseChanges(salesforce.connect().client, FieldMap())
    early, late = "2026-01-15T03:00:01.000+0000", "2026-01-15T03:00:09.000+0000"
    flood = (a_case(SystemModstamp=STAMP), a_case(Id="500000000000002AAA", SystemModstamp=early))
    comment = a_comment(Parent={"AccountId": ACCOUNT}, SystemModstamp=late)
    salesforce.will("Create", looked(rows(*flood), rows(comment), rows()))
    found = await changes.since(salesforce.connect().clock.now())
    assert [one.salesforce_case_id for one in found] == [CASE, "500000000000002AAA"]


@in_virtual_time
async def test_of_a_page_that_is_not_the_last_nothing_behind_its_end_is_told_yet(salesforce):
    changes = CaseChanges(salesforce.connect().client, FieldMap())
    more = Reply(200, {"done": False, "nextRecordsUrl": "/x", "records": [a_case()]})
    late = a_comment(Parent={"AccountId": ACCOUNT}, SystemModstamp="2026-01-15T03:00:09.000+0000")
    salesforce.will("Create", looked(more, rows(late), rows()))
    found = await changes.since(salesforce.connect().clock.now())
    assert [one.what.split("|")[0] for one in found] == [CASE]


@pytest.mark.parametrize(
    ("answers", "raised"),
    [
        ((rows(), refusal(400, "INVALID_TYPE"), rows()), UpstreamRejected),
        ((rows(), rows(), refusal(400, "INVALID_FIELD")), UpstreamRejected),
        ((refusal(503, "SERVER_UNAVAILABLE"), rows(), rows()), UpstreamUnavailable),
        ((rows(), Reply(200, {"done": True}), rows()), UpstreamReplyChanged),
    ],
)
@in_virtual_time
async def test_t4_a_part_of_a_look_that_failed_is_no_empty_part(salesforce, answers, raised):
    salesforce.keeps("Create", looked(*answers))
    with pytest.raises(raised):
        await CaseChanges(salesforce.connect().client, FieldMap()).since(salesforce.connect().clock.now())
