"""Sessions: who is signed in, for how long, and what ends it (S3 to S7, S10)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from portal_app.domain.customer import Customer
from portal_app.security.sessions import Sessions
from portal_app.storage.bus import RECONNECTED
from portal_app.storage.tables.sessions import SessionRow
from tests.fakes.doors import Doors


async def start(doors: Doors, user_id: str | None = None):
    return await doors.sessions.start(user_id or await doors.a_user(), device_label="Firefox on Linux")


async def successor(doors: Doors, refresh: str) -> str:
    """The refresh token a rotation gives."""
    resolved = await doors.sessions.resolve(None, refresh, rotate=True)
    assert resolved.tokens is not None
    return resolved.tokens.refresh


async def signed_in(doors: Doors, refresh: str, *, rotate: bool = True) -> bool:
    return (await doors.sessions.resolve(None, refresh, rotate=rotate)).session is not None


async def test_s3_a_started_session_resolves_to_its_customer(any_doors):
    user_id = await any_doors.a_user(whmcs_client_id=7)
    tokens = await start(any_doors, user_id)
    resolved = await any_doors.sessions.resolve(tokens.access, tokens.refresh, rotate=True)
    assert resolved.session == tokens.session
    assert resolved.session.customer == Customer(user_id, 7)
    assert resolved.tokens is None, "a good access token rotates nothing"


async def test_s3_a_user_without_billing_account_is_signed_in_as_nobodys_customer(doors):
    user_id = await doors.users.create("new@example.com", "hash")
    assert (await start(doors, user_id)).session.customer is None


async def test_p11_a_user_without_a_password_must_set_one_and_is_nobodys_customer_before(doors):
    user_id = await doors.users.create("linked@example.com", "")
    await doors.users.link(user_id, 7)
    tokens = await start(doors, user_id)
    assert (tokens.session.must_set_password, tokens.session.customer) == (True, None)
    for resolved in (
        await doors.sessions.resolve(tokens.access, None, rotate=True),
        await doors.sessions.resolve(None, tokens.refresh, rotate=True),
    ):
        assert (resolved.session.must_set_password, resolved.session.customer) == (True, None)
    await doors.users.set_password_hash(user_id, "hash")
    later = await start(doors, user_id)
    assert (later.session.must_set_password, later.session.customer) == (False, Customer(user_id, 7))


async def test_nobody_presents_nothing_and_nothing_is_cleared(doors):
    resolved = await doors.sessions.resolve(None, None, rotate=True)
    assert (resolved.session, resolved.tokens, resolved.clear) == (None, None, False)


@pytest.mark.parametrize("junk", ["x", "a.b.c", "0e6f3d1a-9a50-4a2f-9c86-0f5f3f2b7a11.0." + "A" * 43])
async def test_row_88_worthless_cookies_are_cleared(doors, junk):
    resolved = await doors.sessions.resolve(junk, junk, rotate=True)
    assert (resolved.session, resolved.clear) == (None, True)


async def test_row_88_a_refresh_token_in_the_access_cookie_opens_nothing(doors):
    tokens = await start(doors)
    assert (await doors.sessions.resolve(tokens.refresh, None, rotate=True)).session is None
    assert (await doors.sessions.resolve(None, tokens.access, rotate=True)).session is None


async def test_s4_an_expired_access_token_makes_the_refresh_token_rotate(any_doors):
    tokens = await start(any_doors)
    any_doors.clock.advance(timedelta(minutes=11))
    resolved = await any_doors.sessions.resolve(tokens.access, tokens.refresh, rotate=True)
    assert resolved.session.session_id == tokens.session.session_id
    assert resolved.tokens.refresh != tokens.refresh
    again = await any_doors.sessions.resolve(resolved.tokens.access, None, rotate=True)
    assert again.session is not None


async def test_s4_the_predecessor_within_ten_seconds_gets_the_same_successor(doors):
    tokens = await start(doors)
    first = await successor(doors, tokens.refresh)
    doors.clock.advance(10)
    assert await successor(doors, tokens.refresh) == first
    assert await successor(doors, first) != first, "and that successor is still good"


async def test_s4_two_tabs_at_once_get_one_and_the_same_successor(any_doors):
    tokens = await start(any_doors)
    answers = await asyncio.gather(*(successor(any_doors, tokens.refresh) for _ in range(8)))
    assert len(set(answers)) == 1
    assert await signed_in(any_doors, answers[0])


async def test_s4_the_predecessor_after_ten_seconds_revokes_the_family(any_doors):
    tokens = await start(any_doors)
    current = await successor(any_doors, tokens.refresh)
    any_doors.clock.advance(10.001)
    reuse = await any_doors.sessions.resolve(None, tokens.refresh, rotate=True)
    assert (reuse.session, reuse.tokens, reuse.clear) == (None, None, True)
    assert not await signed_in(any_doors, current)


async def test_s4_grandparent_refresh_token_revokes_the_family_at_once(doors):
    tokens = await start(doors)
    current = await successor(doors, await successor(doors, tokens.refresh))
    assert not await signed_in(doors, tokens.refresh)
    assert not await signed_in(doors, current)


async def test_s4_a_token_of_a_later_generation_than_the_database_knows_revokes_too(doors):
    tokens = await start(doors)
    row_nonce = await nonce_of(doors, tokens.session.session_id)
    ahead = doors.refresh.derive(tokens.session.session_id, 5, row_nonce)
    assert not await signed_in(doors, ahead)
    assert not await signed_in(doors, tokens.refresh)


async def test_s4_reuse_is_announced_audited_and_mailed_once(doors):
    tokens = await start(doors)
    await successor(doors, await successor(doors, tokens.refresh))
    await doors.sessions.resolve(None, tokens.refresh, rotate=True)
    await doors.sessions.resolve(None, tokens.refresh, rotate=True)
    session_id = tokens.session.session_id
    assert (f"session:{session_id}:ended", "token_reuse") in doors.heard
    (row,) = await doors.audited("session.token_reuse")
    assert (row.user_id, row.session_id, row.outcome) == (tokens.session.user_id, session_id, "revoked")
    (mail,) = await doors.mails()
    assert (mail["template"], mail["user_id"]) == ("token_reuse", tokens.session.user_id)
    assert mail["values"] == {"device": "Firefox on Linux"}


async def test_s4_reuse_shown_to_a_socket_handshake_revokes_as_well(doors):
    tokens = await start(doors)
    current = await successor(doors, await successor(doors, tokens.refresh))
    assert not await signed_in(doors, tokens.refresh, rotate=False)
    assert not await signed_in(doors, current)


async def test_s4_reuse_ends_every_session_of_the_family_and_no_other(doors):
    tokens = await start(doors)
    other = await start(doors, tokens.session.user_id)
    await successor(doors, await successor(doors, tokens.refresh))
    await doors.sessions.resolve(None, tokens.refresh, rotate=True)
    assert await signed_in(doors, other.refresh)


async def test_s4_a_process_that_read_too_early_cannot_turn_the_generation_back(any_doors):
    tokens = await start(any_doors)
    session_id = tokens.session.session_id
    early = await row_of(any_doors, session_id)
    await successor(any_doors, await successor(any_doors, tokens.refresh))
    assert not await any_doors.sessions._advance(early)
    assert (await row_of(any_doors, session_id)).generation == 2


async def test_s2_a_token_that_names_another_user_than_its_session_is_refused(doors):
    tokens = await start(doors)
    other = await doors.a_user("second@example.com", whmcs_client_id=102)
    mixed = doors.access.mint(replace(tokens.session, user_id=other))
    assert doors.access.verify(mixed), "the signature is ours"
    assert (await doors.sessions.resolve(mixed, None, rotate=True)).session is None


async def test_s4_a_forged_token_for_a_known_session_id_ends_nothing(doors):
    tokens = await start(doors)
    forged = tokens.refresh[:-4] + ("AAAA" if not tokens.refresh.endswith("AAAA") else "BBBB")
    older = tokens.refresh.replace(".0.", ".7.")
    for token in (forged, older):
        resolved = await doors.sessions.resolve(None, token, rotate=True)
        assert (resolved.session, resolved.clear) == (None, True)
    assert await signed_in(doors, tokens.refresh)


async def test_a_socket_handshake_identifies_by_refresh_token_and_rotates_nothing(doors):
    tokens = await start(doors)
    doors.clock.advance(timedelta(minutes=11))
    resolved = await doors.sessions.resolve(tokens.access, tokens.refresh, rotate=False)
    assert resolved.session is not None
    assert resolved.tokens is None
    assert await successor(doors, tokens.refresh)


async def test_a_socket_handshake_may_come_with_the_token_another_tab_just_rotated(doors):
    tokens = await start(doors)
    await successor(doors, tokens.refresh)
    assert await signed_in(doors, tokens.refresh, rotate=False)


async def test_s3_thirty_idle_minutes_end_a_session(doors):
    tokens = await start(doors)
    doors.clock.advance(timedelta(minutes=30))
    assert await doors.sessions.find(tokens.session.session_id) is None
    assert not await signed_in(doors, tokens.refresh)


async def test_s3_what_is_remembered_dies_on_time_too(doors):
    tokens = await start(doors)
    doors.clock.advance(timedelta(minutes=29, seconds=58))
    assert await doors.sessions.find(tokens.session.session_id)
    doors.clock.advance(2)
    assert await doors.sessions.find(tokens.session.session_id) is None


async def test_s3_activity_pushes_the_idle_end_back_but_never_past_twelve_hours(doors):
    tokens = await start(doors)
    session_id = tokens.session.session_id
    for _ in range(35):
        doors.clock.advance(timedelta(minutes=20))
        await doors.sessions.touch(session_id)
        assert await doors.sessions.find(session_id)
    doors.clock.advance(timedelta(minutes=20))
    assert await doors.sessions.find(session_id) is None


async def test_s3_touching_a_session_that_is_over_does_not_wake_it(doors):
    tokens = await start(doors)
    await doors.sessions.find(tokens.session.session_id)
    doors.clock.advance(timedelta(minutes=31))
    await doors.sessions.touch(tokens.session.session_id)
    assert await doors.sessions.find(tokens.session.session_id) is None


async def test_touch_writes_at_most_once_a_minute(doors):
    tokens = await start(doors)
    writes = count_writes(doors)
    for _ in range(11):
        await doors.sessions.touch(tokens.session.session_id)
        doors.clock.advance(6.1)
    assert len(writes) == 2


async def test_g5_with_a_full_disk_whoever_is_signed_in_reads_on(doors, monkeypatch):
    tokens = await start(doors)
    session_id = tokens.session.session_id

    def full():
        raise OperationalError("UPDATE", {}, Exception("database or disk is full"))

    monkeypatch.setattr(doors.db, "write", full)
    await doors.sessions.touch(session_id)
    assert await doors.sessions.find(session_id)
    doors.clock.advance(timedelta(minutes=31))
    assert await doors.sessions.find(session_id) is None


async def test_rotation_counts_as_activity(doors):
    tokens = await start(doors)
    doors.clock.advance(timedelta(minutes=29))
    await successor(doors, tokens.refresh)
    doors.clock.advance(timedelta(minutes=29))
    assert await doors.sessions.find(tokens.session.session_id)


async def test_s5_every_start_has_an_id_of_its_own(doors):
    user_id = await doors.a_user()
    ids = {(await start(doors, user_id)).session.session_id for _ in range(3)}
    assert len(ids) == 3


async def test_s7_the_eleventh_session_ends_the_oldest(any_doors):
    user_id = await any_doors.a_user()
    opened = []
    for _ in range(11):
        opened.append(await start(any_doors, user_id))
        any_doors.clock.advance(1)
    alive = [await signed_in(any_doors, t.refresh) for t in opened]
    assert alive == [False] + [True] * 10
    assert (f"session:{opened[0].session.session_id}:ended", "too_many") in any_doors.heard


async def test_s7_another_users_sessions_do_not_count(doors):
    mine = await start(doors)
    other = await doors.a_user("second@example.com", whmcs_client_id=102)
    for _ in range(10):
        await start(doors, other)
    assert await signed_in(doors, mine.refresh)


async def test_s7_a_disabled_account_has_no_live_session_within_five_seconds(doors):
    tokens = await start(doors)
    assert await doors.sessions.find(tokens.session.session_id)
    await doors.users.set_disabled(tokens.session.user_id, True)
    doors.clock.advance(5)
    assert await doors.sessions.find(tokens.session.session_id) is None
    assert not await signed_in(doors, tokens.refresh)
    assert (await doors.sessions.resolve(tokens.access, None, rotate=True)).session is None


async def test_s10_an_ended_session_is_over_at_once_in_every_process(tmp_path, clock, doors):
    tokens = await start(doors)
    neighbour = Doors(str(doors.db.url).replace("+aiosqlite", ""), clock, bus=doors.bus)
    assert await neighbour.sessions.find(tokens.session.session_id)
    await doors.sessions.end(tokens.session.session_id, "signed_out")
    assert await neighbour.sessions.find(tokens.session.session_id) is None
    assert (await neighbour.sessions.resolve(tokens.access, tokens.refresh, rotate=True)).clear
    await neighbour.close()


async def test_s3_a_process_that_missed_the_message_notices_within_five_seconds(clock, doors):
    tokens = await start(doors)
    deaf = Doors(str(doors.db.url).replace("+aiosqlite", ""), clock)
    assert await deaf.sessions.find(tokens.session.session_id)
    await doors.sessions.end(tokens.session.session_id, "signed_out")
    clock.advance(5)
    assert await deaf.sessions.find(tokens.session.session_id) is None
    await deaf.close()


async def test_s3_after_a_lost_bus_connection_nothing_is_answered_from_memory(clock, doors):
    tokens = await start(doors)
    deaf = Doors(str(doors.db.url).replace("+aiosqlite", ""), clock)
    assert await deaf.sessions.find(tokens.session.session_id)
    await doors.sessions.end(tokens.session.session_id, "signed_out")
    await deaf.bus.publish(RECONNECTED)
    assert await deaf.sessions.find(tokens.session.session_id) is None
    await deaf.close()


async def test_s10_an_end_during_a_look_up_is_not_forgotten_by_its_answer(doors):
    tokens = await start(doors)
    session_id = tokens.session.session_id
    users = doors.users
    original = users.get

    async def get_while_it_ends(user_id):
        users.get = original
        await doors.sessions.end(session_id, "signed_out")
        return await original(user_id)

    users.get = get_while_it_ends
    await doors.sessions.find(session_id)
    assert await doors.sessions.find(session_id) is None


async def test_find_asks_the_database_once_in_five_seconds(doors):
    tokens = await start(doors)
    reads = count_reads(doors)
    for _ in range(5):
        await doors.sessions.find(tokens.session.session_id)
    once = len(reads)
    doors.clock.advance(5)
    await doors.sessions.find(tokens.session.session_id)
    assert len(reads) == 2 * once > 0


async def test_s3_i4_without_a_database_nobody_is_let_in(doors):
    tokens = await start(doors)

    def refuse():
        raise ConnectionError("the database is gone")

    doors.db.read = refuse
    with pytest.raises(ConnectionError):
        await doors.sessions.find(tokens.session.session_id)
    with pytest.raises(ConnectionError):
        await doors.sessions.resolve(tokens.access, tokens.refresh, rotate=True)
    with pytest.raises(ConnectionError):
        await doors.sessions.resolve(None, tokens.refresh, rotate=True)


async def test_s5_ending_all_keeps_the_one_that_asked(doors):
    user_id = await doors.a_user()
    first, second, third = [await start(doors, user_id) for _ in range(3)]
    await doors.sessions.end_all(user_id, "password_changed", keep=second.session.session_id)
    assert [await signed_in(doors, t.refresh) for t in (first, second, third)] == [False, True, False]
    ended = {topic for topic, reason in doors.heard if reason == "password_changed"}
    assert ended == {f"session:{t.session.session_id}:ended" for t in (first, third)}


async def test_a3_start_and_end_are_audited_and_a_second_end_adds_nothing(doors):
    tokens = await start(doors)
    for _ in range(2):
        await doors.sessions.end(tokens.session.session_id, "signed_out")
    assert [r.session_id for r in await doors.audited("session.started")] == [tokens.session.session_id]
    assert [r.outcome for r in await doors.audited("session.ended")] == ["signed_out"]


async def test_ending_an_unknown_session_does_nothing(doors):
    await doors.sessions.end("0e6f3d1a-9a50-4a2f-9c86-0f5f3f2b7a11", "signed_out")
    assert await doors.audited("session.ended") == []


async def test_s1_no_token_and_nothing_it_could_be_made_from_alone_is_in_the_database(doors):
    tokens = await start(doors)
    dump = doors.db.sqlite_path.read_bytes() + doors.db.sqlite_path.with_suffix(".db-wal").read_bytes()
    assert tokens.session.session_id.encode() in dump
    assert tokens.refresh.rpartition(".")[2].encode() not in dump
    assert tokens.access.encode() not in dump


async def test_a_session_reference_says_nothing_to_another_portal(doors, clock, tmp_path):
    tokens = await start(doors)
    other = Sessions(
        db=doors.db,
        users=doors.users,
        access=type(doors.access)("another secret " * 3, "https://other.example", "https://other.example", clock),
        refresh=type(doors.refresh)("another refresh secret " * 2),
        bus=doors.bus,
        clock=clock,
        outbox=doors.outbox,
        audit=doors.audit,
    )
    assert (await other.resolve(tokens.access, tokens.refresh, rotate=True)).session is None
    other.close()


async def test_sessions_are_forgotten_thirty_days_after_their_last_moment(any_doors):
    user_id = await any_doors.a_user()
    for _ in range(3):
        await start(any_doors, user_id)
    any_doors.clock.advance(timedelta(days=30))
    young = await start(any_doors, user_id)
    assert await any_doors.sessions.prune() == 0
    any_doors.clock.advance(timedelta(hours=13))
    assert await any_doors.sessions.prune() == 3
    assert await nonce_of(any_doors, young.session.session_id)


async def row_of(doors: Doors, session_id: str) -> SessionRow:
    async with doors.db.read() as session:
        return await session.get(SessionRow, session_id)


async def nonce_of(doors: Doors, session_id: str) -> str:
    return (await row_of(doors, session_id)).nonce


def count_writes(doors: Doors) -> list[int]:
    return _count(doors, "write")


def count_reads(doors: Doors) -> list[int]:
    return _count(doors, "read")


def _count(doors: Doors, name: str) -> list[int]:
    calls, original = [], getattr(doors.db, name)

    def counted():
        calls.append(1)
        return original()

    setattr(doors.db, name, counted)
    return calls


async def test_s7_pages_that_list_sessions_hear_of_every_beginning_and_end(doors):
    heard = []
    user_id = await doors.a_user()
    doors.bus.subscribe(f"customer:{user_id}:", lambda topic, _: heard.append(topic))
    tokens = await doors.sessions.start(user_id, device_label="Firefox on Windows")
    await doors.sessions.start(user_id, device_label="Safari on iPhone")
    await doors.sessions.end(tokens.session.session_id, "by_owner")
    await doors.sessions.end_all(user_id, "by_owner")
    await doors.bus.settled()
    assert heard == [f"customer:{user_id}:security"] * 4
