"""The wire of Salesforce: what is sent, what every odd answer means, and how often it is asked."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from portal_app.errors import (
    Busy,
    NotFound,
    PortalError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.client import BACKGROUND, Caller, Saved
from portal_app.integrations.salesforce.session import LARGEST_REPLY, SfSession, WrongAddress
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.upstream import CredentialRefused, deadline
from tests.fakes.salesforce import (
    ACCOUNT,
    CLIENT_ID,
    INSTANCE,
    QUICK,
    TOKEN_CANARY,
    FakeSalesforce,
    Reply,
    an_account,
    expired,
    page_of_html,
    refusal,
)
from tests.integrations.virtual_time import in_virtual_time, now

PATH = "/services/data/v59.0"
ALL = soql("SELECT {n:literal} FROM Account WHERE SF_Account_No__c = {}", "C-1001", n="Id")


async def read(connected, **options):
    return await connected.client.query(ALL, **options)


async def update(connected):
    await connected.client.update("Account", ACCOUNT, {"Name": "x"})


async def create(connected):
    return await connected.client.create("Case", {"Subject": "x"})


async def upsert(connected, key="key-1"):
    return await connected.client.upsert("Order", "Idempotency_Key__c", key, {"Status": "Pending Review"})


def refused_connection():
    inner = NewConnectionError(None, "refused")
    return requests.exceptions.ConnectionError(MaxRetryError(None, "/", inner))


@in_virtual_time
async def test_a_query_is_a_get_to_the_instance_of_the_token(connected, salesforce):
    rows = await read(connected)
    assert [row["Id"] for row in rows] == [ACCOUNT]
    request = salesforce.of("Query")[0]
    assert request.method == "GET" and request.url.startswith(f"{INSTANCE}{PATH}/query/?q=SELECT")
    assert request.headers["Authorization"] == f"Bearer {salesforce.tokens[0]}"
    assert request.headers["Sforce-Call-Options"] == "client=portal"


@in_virtual_time
async def test_t5_every_request_has_time_limits_and_no_proxy_of_the_environment(connected, salesforce, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    await update(connected)
    for options in salesforce.options:
        assert options["timeout"] == (3.0, 15.0)
        assert not options["proxies"] and options["verify"] is True


@in_virtual_time
async def test_a_long_call_has_a_minute(connected, salesforce):
    await read(connected, long=True)
    assert salesforce.options[-1]["timeout"] == (3.0, pytest.approx(60.0, abs=0.1))


@in_virtual_time
async def test_t1_a_call_never_has_more_time_than_its_deadline(connected, salesforce):
    await connected.tokens.get()
    with deadline(2):
        await read(connected)
    assert salesforce.options[-1]["timeout"] == (pytest.approx(2, abs=0.1), pytest.approx(2, abs=0.1))


@in_virtual_time
async def test_money_is_read_as_decimal_and_sent_as_a_number(connected, salesforce):
    salesforce.will("Query", Reply(200, {"records": [{"UnitPrice": 3200.5}], "done": True}))
    assert await read(connected) == ({"UnitPrice": Decimal("3200.5")},)
    values = {"A": Decimal("3200.00"), "B": date(2026, 1, 2), "C": datetime(2026, 1, 2, 3, 4, 5, 6, UTC), "D": None}
    await connected.client.create("Order", values)
    assert salesforce.sent("Create") == [{"A": 3200, "B": "2026-01-02", "C": "2026-01-02T03:04:05+00:00", "D": None}]


@pytest.mark.parametrize("value", [object(), b"x", 1.5, [1], {"a": 1}, datetime(2026, 1, 2)])
@in_virtual_time
async def test_what_has_no_certain_spelling_is_refused(connected, salesforce, value):
    with pytest.raises(TypeError):
        await connected.client.update("Account", ACCOUNT, {"Name": value})
    assert salesforce.asked == []


@pytest.mark.parametrize("name", ["a b", "../x", "", "Name'", "1x"])
@in_virtual_time
async def test_a_field_name_that_is_none_is_refused(connected, salesforce, name):
    with pytest.raises(ValueError):
        await connected.client.update("Account", ACCOUNT, {name: "x"})
    assert salesforce.asked == []


@pytest.mark.parametrize("bad", ["../User/005000000000001AAA", "https://evil.example/x", "..", "%2e%2e/User"])
@in_virtual_time
async def test_o3_an_id_from_a_url_never_leaves_the_path_of_its_object(connected, salesforce, bad):
    with pytest.raises(NotFound):
        await connected.client.update("Case", bad, {"Subject": "x"})
    assert salesforce.asked == []


@pytest.mark.parametrize("key", ["../../User/005000000000001", "a/b", "a b+c%2F", "https://evil.example/x", "?q=#"])
@in_virtual_time
async def test_o3_a_key_stays_one_step_of_the_path(connected, salesforce, key):
    await upsert(connected, key)
    path = urlsplit(salesforce.of("Upsert")[0].url).path
    assert path.startswith(f"{PATH}/sobjects/Order/Idempotency_Key__c/") and path.count("/") == 7
    assert salesforce.records["Order"][0]["Idempotency_Key__c"] == key


@pytest.mark.parametrize("key", ["", ".", "..", "...", "a\n", "k" * 256])
@in_virtual_time
async def test_o3_a_key_that_would_climb_or_break_is_refused(connected, salesforce, key):
    with pytest.raises(ValueError):
        await upsert(connected, key)
    assert salesforce.asked == []


@pytest.mark.parametrize("kind", ["acount", "query", "bulk2", "../User", "User/005", ""])
@in_virtual_time
async def test_a_mistyped_object_is_an_error_here_and_no_404_there(connected, salesforce, kind):
    with pytest.raises(ValueError):
        await connected.client.create(kind, {})
    assert salesforce.asked == []


@pytest.mark.parametrize(
    "next_url", ["@evil.example/x", "https://evil.example/x", f"{PATH}/query/../sobjects/User", ".evil.example/", None]
)
@in_virtual_time
async def test_the_token_never_follows_a_next_page_elsewhere(connected, salesforce, next_url):
    salesforce.will("Query", Reply(200, {"records": [], "done": False, "nextRecordsUrl": next_url}))
    with pytest.raises(UpstreamReplyChanged):
        await read(connected)
    assert salesforce.count("Query") == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/services/data/v59.0/x",
        "https://acme.my.example.com@evil.example/services/data/v59.0/x",
        "https://acme.my.example.com:8443/services/data/v59.0/x",
        "http://acme.my.example.com/services/data/v59.0/x",
        "https://acme.my.example.com/services/data/v59.0/../../x",
        "https://acme.my.example.com/services/apexrest/x",
    ],
)
def test_the_session_sends_nothing_away_from_where_it_is_aimed(salesforce, url):
    session = SfSession(lambda header: None, salesforce)
    session.aim(INSTANCE, "/services/data/v59.0/", 5, 5)
    with pytest.raises(WrongAddress):
        session.get(url, headers={"Authorization": "Bearer x"})
    assert salesforce.asked == []


@in_virtual_time
async def test_the_instances_own_http_is_put_back_for_a_loopback_host():
    salesforce = FakeSalesforce(instance_url="http://127.0.0.1:3911")
    salesforce.records["Account"].append(an_account())
    await read(salesforce.connect())
    assert salesforce.of("Query")[0].url.startswith(f"http://127.0.0.1:3911{PATH}/query")


@in_virtual_time
async def test_http_elsewhere_is_refused_with_the_token_unsent():
    salesforce = FakeSalesforce(instance_url="http://acme.my.example.com")
    with pytest.raises(UpstreamReplyChanged):
        await read(salesforce.connect())
    assert salesforce.count("Query") == 0


@in_virtual_time
async def test_a_redirect_is_not_followed(connected, salesforce):
    salesforce.will("Query", Reply(302, None, {"Location": "https://evil.example/"}))
    with pytest.raises(UpstreamUnavailable):
        await read(connected)
    assert [kind for kind, _ in salesforce.asked] == ["Login", "Query"]


@in_virtual_time
async def test_all_pages_are_read(connected, salesforce):
    more = {"records": [{"Id": "1"}], "done": False, "nextRecordsUrl": f"{PATH}/query/01gxx-2000"}
    salesforce.will("Query", Reply(200, more), Reply(200, {"records": [{"Id": "2"}], "done": True}))
    assert await read(connected) == ({"Id": "1"}, {"Id": "2"})
    assert salesforce.of("Query")[1].url == f"{INSTANCE}{PATH}/query/01gxx-2000"


@in_virtual_time
async def test_pages_without_end_are_a_changed_reply(salesforce):
    connected = salesforce.connect()
    more = {"records": [], "done": False, "nextRecordsUrl": f"{PATH}/query/01gxx-2000"}
    salesforce.keeps("Query", Reply(200, more))
    with pytest.raises(UpstreamReplyChanged):
        await read(connected)
    assert salesforce.count("Query") == 21


@in_virtual_time
async def test_an_ended_session_is_renewed_without_anybody_noticing(connected, salesforce):
    await read(connected)
    salesforce.expire()
    assert len(await read(connected)) == 1
    assert salesforce.count("Login") == 2


@pytest.mark.parametrize("ask", [read, update, create, upsert], ids=lambda ask: ask.__name__)
@in_virtual_time
async def test_t5_a_lasting_401_causes_at_most_two_logins(connected, salesforce, ask):
    for kind in ("Query", "Update", "Create", "Upsert"):
        salesforce.keeps(kind, expired())
    with pytest.raises(CredentialRefused):
        await ask(connected)
    assert salesforce.count("Login") == 2
    assert len(salesforce.asked) == 4


@in_virtual_time
async def test_t3_after_a_lasting_401_nobody_asks_for_fifteen_minutes(connected, salesforce):
    salesforce.keeps("Query", expired())
    with pytest.raises(CredentialRefused):
        await read(connected)
    before = len(salesforce.asked)
    with pytest.raises(UpstreamUnavailable):
        await read(connected)
    await asyncio.sleep(890)
    with pytest.raises(UpstreamUnavailable):
        await read(connected)
    assert len(salesforce.asked) == before
    del salesforce.always["Query"]
    await asyncio.sleep(20)
    assert len(await read(connected)) == 1


@in_virtual_time
async def test_t5_one_call_logs_in_again_once_through_all_its_attempts(connected, salesforce):
    await read(connected)
    salesforce.will("Query", expired(), refusal(503, "SERVER_UNAVAILABLE"), expired())
    with pytest.raises(CredentialRefused):
        await read(connected)
    assert salesforce.count("Login") == 2


@in_virtual_time
async def test_t5_many_calls_that_meet_an_ended_session_share_one_login(connected, salesforce):
    await read(connected)
    salesforce.expire()
    await asyncio.gather(*[read(connected) for _ in range(10)])
    assert salesforce.count("Login") == 2


@in_virtual_time
async def test_a_session_that_may_not_use_this_api_causes_no_new_login(connected, salesforce):
    salesforce.will("Query", refusal(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"))
    with pytest.raises(CredentialRefused) as refused:
        await read(connected)
    assert (refused.value.code, salesforce.count("Login")) == ("session_policy", 1)


@pytest.mark.parametrize(
    "body", [page_of_html(401), Reply(401, {"a": 1}), Reply(401, None)], ids=["html", "object", "-"]
)
@in_virtual_time
async def test_a_401_of_any_shape_is_an_ended_session(connected, salesforce, body):
    salesforce.will("Query", body)
    assert len(await read(connected)) == 1
    assert salesforce.count("Login") == 2


@in_virtual_time
async def test_a_write_that_never_got_a_token_was_surely_not_sent(connected, salesforce):
    salesforce.will("Login", requests.exceptions.ReadTimeout("x"))
    with pytest.raises(UpstreamUnavailable):
        await create(connected)
    assert salesforce.count("Create") == 0


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [
        (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "validation"),
        (400, "REQUIRED_FIELD_MISSING", "required"),
        (400, "INVALID_FIELD", "field"),
        (400, "MALFORMED_QUERY", "query"),
        (400, "STRING_TOO_LONG", "too_long"),
        (400, "DUPLICATES_DETECTED", "duplicates_detected"),
        (403, "INSUFFICIENT_ACCESS_OR_READONLY", "no_access"),
        (400, "SOMETHING_OF_NEXT_YEAR", "other"),
    ],
)
@pytest.mark.parametrize("ask", [read, create], ids=["read", "create"])
@in_virtual_time
async def test_t2_a_no_is_a_no_and_asked_once(connected, salesforce, ask, status, code, ours):
    kind = "Query" if ask is read else "Create"
    salesforce.keeps(kind, refusal(status, code))
    with pytest.raises(UpstreamRejected) as refused:
        await ask(connected)
    assert (refused.value.code, salesforce.count(kind)) == (ours, 1)


@in_virtual_time
async def test_of_several_reasons_one_we_know_is_named(connected, salesforce):
    rows = [{"errorCode": "SOMETHING_NEW", "message": "x"}, {"errorCode": "FIELD_INTEGRITY_EXCEPTION", "message": "y"}]
    salesforce.will("Create", Reply(400, rows))
    with pytest.raises(UpstreamRejected) as refused:
        await create(connected)
    assert refused.value.code == "integrity"


@pytest.mark.parametrize("code", ["NOT_FOUND", "ENTITY_IS_DELETED"])
@in_virtual_time
async def test_a_record_that_is_gone_is_not_found(connected, salesforce, code):
    salesforce.will("Update", refusal(404, code))
    with pytest.raises(NotFound):
        await update(connected)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(503, "SERVER_UNAVAILABLE"),
        refusal(500, "UNKNOWN_EXCEPTION"),
        page_of_html(502),
        page_of_html(504),
        requests.exceptions.ReadTimeout("x"),
        requests.exceptions.ConnectionError("Connection aborted."),
        requests.exceptions.ChunkedEncodingError("x"),
    ],
    ids=repr,
)
@in_virtual_time
async def test_t2_a_passing_failure_is_tried_again_in_reads_and_unknown_in_writes(salesforce, answer):
    connected = salesforce.connect()
    salesforce.will("Query", answer, answer)
    assert len(await read(connected)) == 1
    salesforce.will("Create", answer)
    with pytest.raises(UpstreamOutcomeUnknown):
        await create(connected)
    assert (salesforce.count("Query"), salesforce.count("Create")) == (3, 1)


@pytest.mark.parametrize("answer", [refused_connection(), requests.exceptions.ConnectTimeout("x"), page_of_html(429)])
@in_virtual_time
async def test_f5_what_never_reached_them_leaves_no_doubt(connected, salesforce, answer):
    salesforce.will("Create", answer)
    with pytest.raises(UpstreamUnavailable):
        await create(connected)


@pytest.mark.parametrize("ask", [read, create, update], ids=["read", "create", "update"])
@in_virtual_time
async def test_t2_a_locked_row_is_tried_again_after_a_pause(connected, salesforce, ask):
    kind = ask.__name__.title().replace("Read", "Query")
    locked = refusal(400, "UNABLE_TO_LOCK_ROW")
    wrapped = refusal(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "...: UNABLE_TO_LOCK_ROW, unable to obtain")
    salesforce.will(kind, locked, wrapped)
    before = now()
    await ask(connected)
    assert salesforce.count(kind) == 3
    assert 1.0 <= now() - before <= 4.0


@in_virtual_time
async def test_a_row_that_stays_locked_is_given_up_as_surely_not_done(connected, salesforce):
    salesforce.keeps("Create", refusal(400, "UNABLE_TO_LOCK_ROW"))
    with pytest.raises(UpstreamUnavailable) as failed:
        await create(connected)
    assert (failed.value.code, salesforce.count("Create")) == ("row_locked", 3)


@in_virtual_time
async def test_too_many_long_calls_at_once_are_waited_for(connected, salesforce):
    salesforce.will(
        "Query", refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit")
    )
    assert len(await read(connected)) == 1


@in_virtual_time
async def test_an_api_that_is_switched_off_is_not_tried_again(connected, salesforce):
    salesforce.keeps("Query", refusal(403, "API_DISABLED_FOR_ORG"))
    with pytest.raises(UpstreamUnavailable):
        await read(connected)
    assert salesforce.count("Query") == 1


@pytest.mark.parametrize(
    "answer",
    [
        page_of_html(200),
        Reply(200, "{", kind="application/json"),
        Reply(200, [], kind="application/json"),
        Reply(200, {"records": "x", "done": True}),
        Reply(200, {"done": True}),
        Reply(200, {"records": []}),
        Reply(200, '{"records": ' + "[" * 100_000, kind="application/json"),
        Reply(200, b" " * (LARGEST_REPLY + 1), kind="application/json"),
    ],
    ids=["html", "no json", "list", "records", "no records", "no done", "deep", "large"],
)
@in_virtual_time
async def test_t4_a_reply_of_another_shape_is_named_as_that(connected, salesforce, answer):
    salesforce.will("Query", answer)
    with pytest.raises(UpstreamReplyChanged):
        await read(connected)
    salesforce.will("Create", answer)
    with pytest.raises(UpstreamOutcomeUnknown):
        await create(connected)


@pytest.mark.parametrize("record_id", [ACCOUNT, "x", None, "500000000000001AAB"])
@in_virtual_time
async def test_a_new_record_with_an_id_of_something_else_leaves_us_in_doubt(connected, salesforce, record_id):
    salesforce.will("Create", Reply(201, {"id": record_id, "success": True, "errors": []}))
    with pytest.raises(UpstreamOutcomeUnknown):
        await create(connected)


@in_virtual_time
async def test_f8_an_upsert_creates_once_and_finds_it_afterwards(connected, salesforce):
    first, second = await upsert(connected), await upsert(connected)
    assert (first.created, second.created) == (True, False)
    assert first.record_id == second.record_id and first.record_id.startswith("801")
    assert len(salesforce.records["Order"]) == 1


@in_virtual_time
async def test_f8_an_upsert_whose_answer_was_lost_is_sent_again(connected, salesforce):
    def done_but_lost(request):
        salesforce._Upsert(request, ["Order", "Idempotency_Key__c", "key-1"])
        raise requests.exceptions.ReadTimeout("x")

    salesforce.will("Upsert", done_but_lost)
    assert (await upsert(connected)).created is False
    assert len(salesforce.records["Order"]) == 1 and salesforce.count("Upsert") == 2


@in_virtual_time
async def test_f8_an_upsert_without_any_answer_is_of_unknown_outcome(connected, salesforce):
    salesforce.keeps("Upsert", requests.exceptions.ReadTimeout("x"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await upsert(connected)
    assert salesforce.count("Upsert") == 2


@in_virtual_time
async def test_f8_who_loses_a_race_gets_the_winners_record(connected, salesforce):
    won = await upsert(connected)
    salesforce.will("Upsert", refusal(400, "DUPLICATE_VALUE", "duplicate value found: Idempotency_Key__c on 801..."))
    assert await upsert(connected) == Saved(won.record_id, created=False)


@in_virtual_time
async def test_f8_a_duplicate_of_another_field_is_a_refusal(connected, salesforce):
    salesforce.will("Upsert", refusal(400, "DUPLICATE_VALUE"))
    with pytest.raises(UpstreamRejected) as refused:
        await upsert(connected)
    assert refused.value.code == "duplicate_value"


@in_virtual_time
async def test_f8_two_records_with_one_key_are_for_a_human(connected, salesforce):
    salesforce.will("Upsert", Reply(300, ["/services/data/v59.0/sobjects/Order/801000000000001AAA"]))
    with pytest.raises(UpstreamRejected) as refused:
        await upsert(connected)
    assert (refused.value.code, salesforce.count("Upsert")) == ("more_than_one", 1)


@in_virtual_time
async def test_f8_an_upsert_answered_with_nothing_is_read_back(connected, salesforce):
    won = await upsert(connected)
    salesforce.will("Upsert", Reply(204))
    assert await upsert(connected) == Saved(won.record_id, created=False)


@in_virtual_time
async def test_f8_an_upsert_that_cannot_be_read_back_is_of_unknown_outcome(connected, salesforce):
    salesforce.will("Upsert", Reply(204), Reply(204))
    with pytest.raises(UpstreamOutcomeUnknown):
        await upsert(connected)
    salesforce.keeps("Query", page_of_html(404))
    with pytest.raises(UpstreamOutcomeUnknown):
        await upsert(connected)


@in_virtual_time
async def test_f8_a_key_held_by_two_records_is_seen_when_reading_too(connected, salesforce):
    salesforce.records["Case"] += [{"Id": f"50000000000000{n}AAA", "Portal_Reference__c": "k"} for n in (1, 2)]
    with pytest.raises(UpstreamRejected):
        await connected.client.find_by_key("Case", "Portal_Reference__c", "k")
    assert await connected.client.find_by_key("Case", "Portal_Reference__c", "other") is None


@pytest.mark.parametrize(
    ("used", "background", "user", "checkout"),
    [(69, True, True, True), (84, True, True, True), (85, False, True, True), (95, False, False, True)],
)
@in_virtual_time
async def test_t5_the_nearer_the_days_limit_the_fewer_may_call(connected, salesforce, used, background, user, checkout):
    salesforce.limit_info = f"api-usage={used}/100; per-app-api-usage=1/2(appName=portal)"
    await read(connected)
    for caller, allowed in ((BACKGROUND, background), (Caller("u"), user), (Caller("u", checkout=True), checkout)):
        if allowed:
            await read(connected, caller=caller)
        else:
            with pytest.raises(UpstreamUnavailable) as refused:
                await read(connected, caller=caller)
            assert refused.value.code == "daily_limit"


@in_virtual_time
async def test_t5_a_spent_allowance_stops_all_but_checkout_at_once(connected, salesforce):
    salesforce.limit_info = ""
    salesforce.will("Query", refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    for _ in range(2):
        with pytest.raises(UpstreamUnavailable) as refused:
            await read(connected)
        assert refused.value.code == "daily_limit"
    assert salesforce.count("Query") == 1
    assert len(await read(connected, caller=Caller(checkout=True))) == 1


@in_virtual_time
async def test_r2_no_error_and_no_log_line_holds_a_token_a_key_or_their_text(salesforce, caplog):
    caplog.set_level(logging.DEBUG, logger="portal_app")
    answers = [
        refusal(400, "INVALID_FIELD"),
        page_of_html(502),
        page_of_html(200),
        requests.exceptions.ConnectionError("BodyCanary TokenCanary"),
        requests.exceptions.SSLError("certificate TextCanary"),
    ]
    for answer in answers:
        salesforce.keeps("Create", answer)
        with pytest.raises(PortalError) as failed:
            await create(salesforce.connect())
        seen, error = [], failed.value
        while error is not None:
            seen.append(repr(error) + str(vars(error)))
            error = error.__cause__ or error.__context__
        assert "Canary" not in "".join(seen)
    spoken = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert TOKEN_CANARY not in spoken and CLIENT_ID not in spoken and "TextCanary" not in spoken


@in_virtual_time
async def test_t6_a_full_queue_is_busy_and_one_user_has_four_at_once(salesforce):
    connected = salesforce.connect(policy=replace(QUICK, per_second=1, queue_wait_s=0.5))
    results = await asyncio.gather(*[read(connected) for _ in range(3)], return_exceptions=True)
    assert sorted(type(r) is Busy for r in results) == [False, True, True]


@in_virtual_time
async def test_describe_gives_the_fields_this_user_sees(connected, salesforce):
    salesforce.described["Account"] = [{"name": "Id"}, {"name": "Name", "updateable": True}]
    found = await connected.client.describe("Account")
    assert found["Name"].updateable and not found["Id"].updateable
    with pytest.raises(NotFound):
        await connected.client.describe("Case")
