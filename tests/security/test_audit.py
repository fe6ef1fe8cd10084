"""The audit trail: joined to the act, free of personal data, and never changed afterwards (A1, A3)."""

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from portal_app.observability import correlation
from portal_app.storage.tables.audit import AuditRow


async def test_a3_a_row_says_when_what_who_and_how_it_went(doors):
    correlation.bind("AB12-CD34")
    await doors.audit.record("sign_in", outcome="ok", user_id="u1", session_id="s1", detail={"factor": "password"})
    (row,) = await doors.audited("sign_in")
    assert (row.at, row.user_id, row.session_id, row.outcome) == (doors.clock.now(), "u1", "s1", "ok")
    assert row.correlation_id == "AB12-CD34"


async def test_a1_a_row_of_an_act_that_is_undone_is_undone_with_it(doors):
    with pytest.raises(RuntimeError, match="the act failed"):
        async with doors.db.write() as tx:
            await doors.audit.record("act", outcome="ok", session=tx)
            raise RuntimeError("the act failed")
    assert await doors.audited("act") == []


async def test_a2_what_looks_like_an_address_or_is_too_long_never_gets_in(doors):
    await doors.audit.record("act", outcome="ok", detail={"a": "demo@example.com", "b": "x" * 201, "n": 3, "c": "code"})
    (row,) = await doors.audited("act")
    assert row.detail == '{"a": "-", "b": "-", "c": "code", "n": 3}'


async def test_a_client_address_is_kept_as_a_keyed_hash_that_is_the_same_next_time(doors):
    for ip in ("203.0.113.66", "203.0.113.66", ""):
        await doors.audit.record("act", outcome="ok", client_ip=ip)
    first, second, none = [row.client_hash for row in await doors.audited("act")]
    assert first == second != none == ""
    assert len(first) == 64


@pytest.mark.parametrize("change", [update(AuditRow).values(outcome="forged"), delete(AuditRow)])
async def test_a1_the_database_refuses_to_change_or_delete_a_row(any_doors, change):
    await any_doors.audit.record("act", outcome="ok")
    with pytest.raises(DBAPIError):
        async with any_doors.db.write() as tx:
            await tx.execute(change)
    assert [row.outcome for row in await any_doors.audited("act")] == ["ok"]


async def test_an_owner_reads_what_concerns_them_newest_first_with_the_device_and_nothing_of_others(doors):
    mine, other = await doors.a_user(), await doors.a_user("other@example.com", whmcs_client_id=102)
    tokens = await doors.sessions.start(mine, device_label="Firefox on Windows")
    await doors.audit.record("sign_in", outcome="ok", user_id=mine, session_id=tokens.session.session_id)
    await doors.audit.record("sign_in", outcome="refused", user_id=mine)
    await doors.audit.record("foreign_record", outcome="denied", user_id=mine)
    await doors.audit.record("password.changed", outcome="ok", user_id=other)
    found = await doors.audit.list_of(mine)
    assert [(one.event, one.outcome, one.device) for one in found] == [
        ("sign_in", "refused", ""),
        ("sign_in", "ok", "Firefox on Windows"),
    ]
    assert len(await doors.audit.list_of(mine, limit=1)) == 1
    assert [one.event for one in await doors.audit.list_of(other)] == ["password.changed"]
