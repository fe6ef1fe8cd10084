"""Showing again who one is, and what it allows: the second factor on and off, codes, a new password (S6, P9)."""

import asyncio
from datetime import timedelta

import pytest

from portal_app.errors import (
    Conflict,
    InvalidCode,
    InvalidCredentials,
    InvalidInput,
    NotFound,
    NotSignedIn,
    TooManyTries,
)
from portal_app.security.mfa import BEGUN
from portal_app.workflows.signing_in import FactorNeeded
from tests.fakes import factors
from tests.fakes.becoming_world import EMAIL, FIREFOX, IP, PASSWORD
from tests.fakes.factors import an_enrolled_user, code_at, code_of, signed_in, switch_on

NEW = "another lantern 59"


@pytest.fixture
async def session(becoming):
    """Of a user without a second factor."""
    await becoming.users.create(EMAIL, await becoming.passwords.hash(PASSWORD))
    return (await signed_in(becoming)).tokens.session


@pytest.fixture
async def owner(becoming):
    """A user with one."""
    return await an_enrolled_user(becoming)


async def session_of(world, owner):
    """Signed in by password and code, a step ago."""
    reference = (await factors.password(world)).reference
    done = await factors.confirm(world, reference, code_of(world, owner))
    world.clock.advance(30)
    return done.tokens.session


async def shows(world, session, *, password: str = "", code: str = "", ip: str = IP):
    confirming = world.factor_parts["confirming"]
    return await confirming.confirm(session, password=password, code=code, device=None, ip=ip, user_agent=FIREFOX)


async def change(world, session, current: str = PASSWORD, new: str = NEW):
    changing = world.factor_parts["password_change"]
    return await changing.change(session, current, new, device=None, ip=IP, user_agent=FIREFOX)


def settings(world):
    return world.factor_parts["factor_settings"]


async def live(world) -> int:
    return await world.scalar("SELECT count(*) FROM sessions WHERE revoked_at IS NULL")


async def mails(world) -> list[str]:
    await world.deliver()
    return world.sent()


async def test_s5_the_password_makes_a_session_that_was_just_proven_and_another_one(becoming, session):
    becoming.clock.advance(600)
    tokens = await shows(becoming, session, password=PASSWORD)
    assert tokens.session.session_id != session.session_id
    assert tokens.session.auth_time == becoming.clock.now()
    assert (tokens.session.user_id, tokens.session.amr) == (session.user_id, ("pwd",))


async def test_with_a_second_factor_a_code_is_asked_for_and_the_password_alone_is_not_enough(becoming, owner):
    session = await session_of(becoming, owner)
    with pytest.raises(InvalidCode):
        await shows(becoming, session, password=PASSWORD)
    tokens = await shows(becoming, session, code=code_of(becoming, owner))
    assert tokens.session.amr == ("pwd", "otp")
    with pytest.raises(InvalidCode):
        await shows(becoming, session, code=code_of(becoming, owner))


async def test_s6_wrong_passwords_count_like_failed_sign_ins(becoming, session):
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            await shows(becoming, session, password="wrong")
    with pytest.raises(TooManyTries):
        await shows(becoming, session, password=PASSWORD)
    with pytest.raises(TooManyTries):
        await factors.password(becoming)


async def test_p8_codes_have_one_count_wherever_they_are_asked_for(becoming, owner):
    session = await session_of(becoming, owner)
    reference = (await factors.password(becoming)).reference
    for ask in (shows(becoming, session, code="1"), settings(becoming).switch_off(session, "1")):
        with pytest.raises(InvalidCode):
            await ask
    for _ in range(3):
        with pytest.raises(InvalidCode):
            await factors.confirm(becoming, reference, "000000")
    for ask in (
        shows(becoming, session, code=code_of(becoming, owner)),
        settings(becoming).switch_off(session, code_of(becoming, owner)),
        settings(becoming).renew_codes(session, code_of(becoming, owner)),
        factors.confirm(becoming, reference, code_of(becoming, owner)),
    ):
        with pytest.raises(TooManyTries):
            await ask


async def test_p7_nothing_is_asked_for_before_the_first_good_code(becoming, session):
    begun = await settings(becoming).begin(session)
    with pytest.raises(InvalidCode):
        await settings(becoming).switch_on(session, "000000")
    assert not isinstance(await factors.password(becoming), FactorNeeded)
    await settings(becoming).switch_on(session, code_at(becoming, begun.secret))
    assert isinstance(await factors.password(becoming), FactorNeeded)


async def test_p7_the_code_that_switched_it_on_is_spent(becoming, session):
    enrolled = await switch_on(becoming, session)
    reference = (await factors.password(becoming)).reference
    with pytest.raises(InvalidCode):
        await factors.confirm(becoming, reference, code_of(becoming, enrolled))


async def test_a_secret_begun_before_is_void_and_so_is_one_that_waited_long(becoming, session):
    first = await settings(becoming).begin(session)
    second = await settings(becoming).begin(session)
    with pytest.raises(InvalidCode):
        await settings(becoming).switch_on(session, code_at(becoming, first.secret))
    becoming.clock.advance(BEGUN + timedelta(seconds=1))
    later = (await signed_in(becoming)).tokens.session
    with pytest.raises(Conflict, match=r"mfa\.begin_again"):
        await settings(becoming).switch_on(later, code_at(becoming, second.secret))


async def test_a_code_before_anything_was_begun_switches_nothing_on(becoming, session):
    with pytest.raises(Conflict, match=r"mfa\.begin_again"):
        await settings(becoming).switch_on(session, "123456")


async def test_what_is_on_is_neither_begun_nor_switched_on_again(becoming, owner):
    session = await session_of(becoming, owner)
    for act in (settings(becoming).begin(session), settings(becoming).switch_on(session, code_of(becoming, owner))):
        with pytest.raises(Conflict, match=r"mfa\.already_on"):
            await act


async def test_s6_switching_it_on_ends_the_other_sessions_and_tells_the_owner(becoming, session):
    other = (await signed_in(becoming)).tokens.session
    enrolled = await switch_on(becoming, session)
    assert await becoming.sessions.find(other.session_id) is None
    assert (await becoming.sessions.find(session.session_id)).amr == ("pwd", "otp")
    assert (await mails(becoming))[-1] == "mfa_on"
    standing = await becoming.second_factors.standing(session.user_id)
    assert (standing.enabled, standing.codes_left, len(set(enrolled.codes))) == (True, 10, 10)


@pytest.mark.parametrize("by", ["totp", "recovery"])
async def test_p9_removing_it_needs_a_factor_and_ends_sessions_codes_and_all(becoming, owner, by):
    session = await session_of(becoming, owner)
    with pytest.raises(InvalidCode):
        await settings(becoming).switch_off(session, PASSWORD)
    await settings(becoming).switch_off(session, code_of(becoming, owner) if by == "totp" else owner.codes[0])
    assert await live(becoming) == 1
    assert await becoming.scalar("SELECT count(*) FROM recovery_codes") == 0
    assert not isinstance(await factors.password(becoming), FactorNeeded)
    assert (await mails(becoming))[-1] == "mfa_off"


async def test_p9_new_codes_need_a_factor_and_end_the_old_ones(becoming, owner):
    session = await session_of(becoming, owner)
    with pytest.raises(InvalidCode):
        await settings(becoming).renew_codes(session, "000000")
    new = await settings(becoming).renew_codes(session, code_of(becoming, owner))
    assert not set(new) & set(owner.codes)
    reference = (await factors.password(becoming)).reference
    with pytest.raises(InvalidCode):
        await factors.confirm(becoming, reference, owner.codes[0])
    assert await factors.confirm(becoming, reference, new[0])


async def test_p9_a_code_for_two_removals_at_one_instant_removes_once(becoming, owner):
    session = await session_of(becoming, owner)
    code = code_of(becoming, owner)
    tried = await asyncio.gather(
        *(settings(becoming).switch_off(session, code) for _ in range(3)), return_exceptions=True
    )
    assert sum(one is None for one in tried) == 1
    assert await becoming.scalar("SELECT count(*) FROM audit_log WHERE event = 'mfa_off' AND outcome = 'ok'") == 1


async def test_p1_eight_characters_are_enough_with_a_second_factor_and_twelve_without(becoming, session):
    with pytest.raises(InvalidInput, match=r"password\.too_short"):
        await change(becoming, session, new="short 88")
    enrolled = await switch_on(becoming, session)
    with pytest.raises(InvalidInput, match=r"password\.too_short_for_two"):
        await change(becoming, session, new="short 7")
    now_on = await becoming.sessions.find(session.session_id)
    tokens = await change(becoming, now_on, new="short 88")
    becoming.clock.advance(30)
    with pytest.raises(Conflict, match=r"mfa\.password_short"):
        await settings(becoming).switch_off(tokens.session, code_of(becoming, enrolled))
    tokens = await change(becoming, tokens.session, "short 88", NEW)
    becoming.clock.advance(300)
    await settings(becoming).switch_off(tokens.session, code_of(becoming, enrolled))


async def test_s5_s6_a_new_password_ends_the_other_sessions_and_gives_a_new_one(becoming, session):
    other = (await signed_in(becoming)).tokens.session
    tokens = await change(becoming, session)
    assert tokens.session.session_id not in (session.session_id, other.session_id)
    assert await becoming.sessions.find(other.session_id) is None
    with pytest.raises(InvalidCredentials):
        await factors.password(becoming)
    assert await factors.password(becoming, known=NEW)
    assert (await mails(becoming))[-1] == "password_changed"


async def test_a_new_password_needs_the_old_one_and_guesses_are_counted(becoming, session):
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            await change(becoming, session, current="wrong")
    with pytest.raises(TooManyTries):
        await change(becoming, session)
    assert await live(becoming) == 1


async def test_with_a_second_factor_a_new_password_keeps_it(becoming, owner):
    session = await session_of(becoming, owner)
    tokens = await change(becoming, session)
    assert tokens.session.amr == ("pwd", "otp")
    assert isinstance(await factors.password(becoming, known=NEW), FactorNeeded)


async def test_p8_a_login_that_waits_for_its_code_ends_with_the_password(becoming, owner):
    session = await session_of(becoming, owner)
    waiting = (await factors.password(becoming)).reference
    await change(becoming, session)
    with pytest.raises(InvalidInput, match=r"mfa\.over"):
        await factors.confirm(becoming, waiting, code_of(becoming, owner))


async def test_staff_switch_it_off_end_every_session_and_the_owner_is_told(becoming, owner):
    await session_of(becoming, owner)
    assert await settings(becoming).reset(f"  {EMAIL.upper()} ")
    assert await live(becoming) == 0
    assert not isinstance(await factors.password(becoming), FactorNeeded)
    assert "mfa_reset" in await mails(becoming)
    rows = await becoming.rows("SELECT user_id, detail FROM audit_log WHERE event = 'mfa_reset'")
    assert [tuple(row) for row in rows] == [(owner.user_id, '{"by": "staff", "was_on": true}')]
    assert not await settings(becoming).reset(EMAIL)
    with pytest.raises(NotFound):
        await settings(becoming).reset("nobody@example.com")


async def test_s6_a_session_that_ended_meanwhile_switches_nothing_and_sets_no_password(becoming, session):
    """Its request was under way when the owner ended it: a thief's authenticator would shut the owner out."""
    secret = (await settings(becoming).begin(session)).secret
    await becoming.sessions.end_all(session.user_id, "by_owner")
    with pytest.raises(NotSignedIn):
        await settings(becoming).switch_on(session, code_at(becoming, secret))
    with pytest.raises(NotSignedIn):
        await change(becoming, session)
    assert not await becoming.second_factors.enabled(session.user_id)
    assert await signed_in(becoming), "by the password it had"


async def test_p1_a_short_password_is_refused_when_the_factor_that_allowed_it_goes_at_that_moment(
    becoming, session, monkeypatch
):
    async def as_it_was(user_id: str) -> int:
        return 8

    monkeypatch.setattr(becoming.second_factors, "minimum_password", as_it_was)
    with pytest.raises(InvalidInput, match=r"password\.too_short"):
        await change(becoming, session, new="lantern5")
    assert await signed_in(becoming), "by the password it had"


async def test_s6_a_new_password_makes_nobody_more_recent_than_they_were(becoming, session):
    """Else somebody with the password and without the factor would never be asked for a code again."""
    becoming.clock.advance(240)
    assert (await change(becoming, session)).session.auth_time == session.auth_time


@pytest.mark.parametrize("act", [change, lambda world, session: shows(world, session, password=PASSWORD)])
async def test_s5_the_session_that_was_replaced_ends_by_itself_when_nobody_comes_to_end_it(becoming, session, act):
    """The answer was cut off, or the process died: what else ends it comes after the answer."""
    tokens = await act(becoming, session)
    becoming.clock.advance(31)
    await becoming.sessions.touch(session.session_id)
    assert await becoming.sessions.find(session.session_id) is None
    assert await becoming.sessions.find(tokens.session.session_id)


async def test_a_missing_current_password_is_said_of_that_field_and_counts_as_no_guess(becoming, session):
    with pytest.raises(InvalidInput) as why:
        await change(becoming, session, current="")
    assert (why.value.field, why.value.reason) == ("current_password", "sign_in.password_missing")


async def test_a3_too_many_codes_for_a_change_are_audited(becoming, owner):
    session = await session_of(becoming, owner)
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await settings(becoming).switch_off(session, "000000")
    with pytest.raises(TooManyTries):
        await settings(becoming).switch_off(session, code_of(becoming, owner))
    rows = await becoming.rows("SELECT event, outcome FROM audit_log ORDER BY seq DESC LIMIT 2")
    assert [tuple(row) for row in rows] == [("mfa_off", "locked"), ("mfa_off", "wrong_code")]


async def test_i5_no_secret_stands_in_audit_rows_or_outbox_keys(becoming, owner):
    session = await session_of(becoming, owner)
    new = await settings(becoming).renew_codes(session, code_of(becoming, owner))
    dump = str(await becoming.rows("SELECT * FROM audit_log")) + str(await becoming.rows("SELECT * FROM outbox"))
    assert not any(secret in dump for secret in (owner.secret, *owner.codes, *new, EMAIL, PASSWORD))
