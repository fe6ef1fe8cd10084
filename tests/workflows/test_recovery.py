"""A forgotten password: asked for without learning anything, set once by the mailed link, told to the owner."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from portal_app.errors import Busy, Conflict, InvalidCredentials, InvalidInput, TooManyTries
from tests.fakes.becoming_world import DAY, EMAIL, FIREFOX, IP, PASSWORD

NEW = "another lantern 59"


async def a_user(world, password: str = PASSWORD) -> str:
    return await world.users.create(EMAIL, await world.passwords.hash(password) if password else "", "ja")


async def forgot(world, email: str = EMAIL) -> str:
    await world.recovery.forgot(email, locale="en", ip=IP)
    await world.deliver()
    return world.token("reset_password")


async def refused(world, token: str, password: str = NEW) -> str:
    with pytest.raises(InvalidInput) as why:
        await world.recovery.reset(token, password, ip=IP)
    return f"{why.value.field} {why.value.reason}"


async def sign_in(world, password: str, ip: str = IP, device: str | None = None):
    return await world.signing_in.sign_in(EMAIL, password, device=device, ip=ip, user_agent=FIREFOX)


async def test_the_mailed_link_sets_a_new_password_and_signs_nobody_in(becoming):
    await a_user(becoming)
    assert await becoming.recovery.reset(await forgot(becoming), NEW, ip=IP) is None
    assert await becoming.scalar("SELECT count(*) FROM sessions") == 0
    assert await sign_in(becoming, NEW)
    with pytest.raises(InvalidCredentials):
        await sign_in(becoming, PASSWORD)


async def test_s6_a_sign_in_that_was_under_way_does_not_outlive_a_reset(becoming, monkeypatch):
    await a_user(becoming)
    token, verify = await forgot(becoming), becoming.passwords.verify

    async def overtaken(password: str, stored: str | None):
        verdict = await verify(password, stored)
        monkeypatch.setattr(becoming.passwords, "verify", verify)
        await becoming.recovery.reset(token, NEW, ip=IP)
        return replace(verdict, needs_upgrade=True)

    monkeypatch.setattr(becoming.passwords, "verify", overtaken)
    with pytest.raises(Busy):
        await sign_in(becoming, PASSWORD)
    assert await becoming.scalar("SELECT count(*) FROM sessions") == 0
    assert await sign_in(becoming, NEW), "and the old password was not written back"


async def test_p5_a_known_and_an_unknown_address_cost_the_same_work_and_read_the_same(becoming):
    async def work(email: str) -> int:
        before = becoming.db.commits
        assert await becoming.recovery.forgot(email, locale="en", ip=IP) is None
        return becoming.db.commits - before

    await a_user(becoming)
    assert await work(EMAIL) == await work("nobody@example.com")
    assert await becoming.scalar("SELECT count(*) FROM outbox") == 2
    assert becoming.hasher.calls == [("hash", 44)]
    await becoming.deliver()
    assert [mail["to"] for mail in becoming.mails] == [EMAIL]


async def test_p6_asking_changes_nothing(becoming):
    await a_user(becoming)
    session = (await sign_in(becoming, PASSWORD)).tokens.session
    await forgot(becoming)
    assert await sign_in(becoming, PASSWORD)
    assert await becoming.sessions.find(session.session_id)


async def test_p6_the_link_works_once_for_half_an_hour(becoming):
    await a_user(becoming)
    token = await forgot(becoming)
    await becoming.recovery.reset(token, NEW, ip=IP)
    assert await refused(becoming, token) == "token token.used"
    token = await forgot(becoming)
    becoming.clock.advance(timedelta(minutes=30))
    assert await refused(becoming, token) == "token token.expired"
    assert await refused(becoming, "A" * 43) == "token token.unknown"


async def test_p6_a_newer_link_takes_the_place_of_the_older(becoming):
    await a_user(becoming)
    first, second = await forgot(becoming), await forgot(becoming)
    assert await refused(becoming, first) == "token token.void"
    await becoming.recovery.reset(second, NEW, ip=IP)


async def test_p6_a_link_ends_with_the_password_it_was_made_for(becoming):
    user_id = await a_user(becoming)
    token = await forgot(becoming)
    await becoming.users.set_password_hash(user_id, await becoming.passwords.hash("changed elsewhere 1"))
    assert await refused(becoming, token) == "token token.void"


async def test_p6_a_verification_link_resets_no_password(becoming):
    token = await becoming.sign_up()
    await a_user(becoming)
    assert await refused(becoming, token) == "token token.unknown"


async def test_one_link_used_twice_at_once_sets_one_password(becoming):
    await a_user(becoming)
    token = await forgot(becoming)
    both = (becoming.recovery.reset(token, f"{NEW} {i}", ip=IP) for i in range(2))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvalidInput", "NoneType"]


async def test_a_weak_new_password_leaves_the_link_good(becoming):
    await a_user(becoming)
    token = await forgot(becoming)
    assert await refused(becoming, token, "short") == "password password.too_short"
    await becoming.recovery.reset(token, NEW, ip=IP)


async def test_s6_a_reset_ends_every_session_and_tells_the_owner(becoming):
    await a_user(becoming)
    sessions = [(await sign_in(becoming, PASSWORD)).tokens.session for _ in range(3)]
    ended: list[str] = []
    becoming.bus.subscribe("session:", lambda topic, _: ended.append(topic))
    await becoming.recovery.reset(await forgot(becoming), NEW, ip=IP)
    await asyncio.sleep(0)
    assert [await becoming.sessions.find(s.session_id) for s in sessions] == [None] * 3
    assert len(ended) == 3
    await becoming.deliver()
    assert (becoming.mails[-1]["template"], becoming.mails[-1]["to"]) == ("password_changed", EMAIL)
    assert {"password.reset_asked ok", "password.reset_used ok"} <= set(await becoming.audited())


async def test_s6_password_sessions_and_mail_change_together_or_not_at_all(becoming):
    user_id = await a_user(becoming)
    session = (await sign_in(becoming, PASSWORD)).tokens.session
    token = await forgot(becoming)
    becoming.db.crash_after(1)
    with pytest.raises(Exception):  # noqa: B017, the process dies right after its one commit
        await becoming.recovery.reset(token, NEW, ip=IP)
    world = await becoming.again()
    try:
        assert await world.sessions.find(session.session_id) is None
        assert (await world.passwords.verify(NEW, (await world.users.get(user_id)).password_hash)).ok
        await world.deliver()
        assert world.sent()[-1] == "password_changed"
    finally:
        await world.close()


async def test_p6_five_links_a_day_for_an_account_and_then_silence(becoming):
    await a_user(becoming)
    for _ in range(8):
        assert await becoming.recovery.forgot(EMAIL, locale="en", ip=IP) is None
    await becoming.deliver()
    assert becoming.sent() == ["reset_password"] * 5
    becoming.clock.advance(DAY + timedelta(seconds=1))
    await forgot(becoming)
    assert len(becoming.mails) == 6


async def test_l5_many_requests_for_one_address_are_dropped_without_a_word(becoming):
    for _ in range(15):
        assert await becoming.recovery.forgot("nobody@example.com", locale="en", ip=IP) is None
    assert await becoming.scalar("SELECT count(*) FROM outbox") == 10


async def test_l2_the_reset_link_works_while_the_account_is_locked_and_ends_the_lock(becoming):
    await a_user(becoming)
    for i in range(12):
        with pytest.raises((InvalidCredentials, TooManyTries)):
            await sign_in(becoming, f"wrong {i}", ip=f"198.51.100.{i}")
    with pytest.raises(TooManyTries):
        await sign_in(becoming, PASSWORD)
    await becoming.recovery.reset(await forgot(becoming), NEW, ip=IP)
    assert await sign_in(becoming, NEW)


async def test_a_disabled_user_gets_no_link_and_an_earlier_one_ends(becoming):
    user_id = await a_user(becoming)
    token = await forgot(becoming)
    await becoming.users.set_disabled(user_id, True)
    assert await refused(becoming, token) == "token token.void"
    sent = len(becoming.mails)
    await becoming.recovery.forgot(EMAIL, locale="en", ip=IP)
    await becoming.deliver()
    assert len(becoming.mails) == sent


async def test_a_linked_user_without_a_password_gets_one_by_the_link_too(becoming):
    await a_user(becoming, "")
    await becoming.recovery.reset(await forgot(becoming), NEW, ip=IP)
    assert await sign_in(becoming, NEW)


async def test_s5_the_first_password_is_set_once_and_by_a_new_session(becoming):
    user_id = await a_user(becoming, "")
    first = (await becoming.sessions.start(user_id, device_label="x", amr=("whmcs",))).session
    other = (await becoming.sessions.start(user_id, device_label="y", amr=("whmcs",))).session
    tokens = await becoming.recovery.set_first_password(first, NEW, user_agent=FIREFOX)
    assert tokens.session.amr == ("pwd",)
    assert [await becoming.sessions.find(s.session_id) for s in (first, other)] == [None, None]
    with pytest.raises(Conflict) as again:
        await becoming.recovery.set_first_password(first, "third lantern 60", user_agent=FIREFOX)
    assert again.value.reason == "password.already_set"
    assert "password.set ok" in await becoming.audited()
    await becoming.deliver()
    assert becoming.sent() == ["welcome"], "with it the linking is complete"


async def test_a_weak_first_password_changes_nothing(becoming):
    user_id = await a_user(becoming, "")
    session = (await becoming.sessions.start(user_id, device_label="x", amr=("whmcs",))).session
    with pytest.raises(InvalidInput):
        await becoming.recovery.set_first_password(session, EMAIL, user_agent=FIREFOX)
    assert await becoming.sessions.find(session.session_id)
    assert (await becoming.users.get(user_id)).password_hash == ""


async def test_two_first_passwords_at_once_one_wins(becoming):
    user_id = await a_user(becoming, "")
    session = (await becoming.sessions.start(user_id, device_label="x", amr=("whmcs",))).session
    both = (becoming.recovery.set_first_password(session, f"{NEW} {i}", user_agent=FIREFOX) for i in range(2))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert [isinstance(o, Exception) for o in outcomes].count(True) == 1


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x\r\nBcc: y@example.com"])
async def test_what_is_no_address_is_said_beside_the_field(becoming, email):
    for ask in (becoming.recovery.forgot, becoming.recovery.resend):
        with pytest.raises(InvalidInput) as refused_input:
            await ask(email, locale="en", ip=IP)
        assert refused_input.value.field == "email"


async def test_l5a_many_requests_from_one_address_wait_and_are_still_served(becoming):
    for i in range(65):
        await becoming.recovery.forgot(f"e{i}@example.com", locale="en", ip=IP)
    assert becoming.pauses == [2.0] * 5
    assert await becoming.scalar("SELECT count(*) FROM outbox") == 65
