"""The code after the password (P7-P9): bound to one login, five tries, each code once; nothing goes round it."""

import asyncio

import pytest

from portal_app.errors import Busy, InvalidCode, InvalidCredentials, InvalidInput, TooManyTries
from portal_app.workflows.signing_in import FactorNeeded, SignedIn
from tests.fakes.becoming_world import EMAIL, IP, PASSWORD
from tests.fakes.factors import an_enrolled_user, code_of, confirm, password, signed_in, switch_on

OTHER = "other@example.com"


@pytest.fixture
async def owner(becoming):
    """A user with a second factor; `secret` and `codes` as the browser was told them."""
    return await an_enrolled_user(becoming)


async def wrong(world, reference: str, code: str, **where: str) -> str:
    with pytest.raises((InvalidCode, InvalidInput, TooManyTries, Busy)) as why:
        await confirm(world, reference, code, **where)
    return getattr(why.value, "reason", type(why.value).__name__)


async def test_p8_the_right_password_alone_opens_nothing(becoming, owner):
    before = await becoming.scalar("SELECT count(*) FROM sessions")
    assert isinstance(await password(becoming), FactorNeeded)
    assert await becoming.scalar("SELECT count(*) FROM sessions") == before


async def test_s5_password_and_code_open_a_session_of_its_own_that_says_how(becoming, owner):
    needed = await password(becoming)
    done = await confirm(becoming, needed.reference, code_of(becoming, owner))
    assert isinstance(done, SignedIn)
    assert done.tokens.session.amr == ("pwd", "otp")
    assert done.tokens.session.user_id == owner.user_id
    assert done.device, "and the device is known from now on"


async def test_p7_row_93_a_code_works_once(becoming, owner):
    code = code_of(becoming, owner)
    await confirm(becoming, (await password(becoming)).reference, code)
    assert await wrong(becoming, (await password(becoming)).reference, code) == "mfa.wrong"
    becoming.clock.advance(30)
    assert await confirm(becoming, (await password(becoming)).reference, code_of(becoming, owner))


async def test_p7_an_older_code_inside_the_window_is_worth_nothing_after_a_newer_one(becoming, owner):
    old = code_of(becoming, owner)
    becoming.clock.advance(30)
    await confirm(becoming, (await password(becoming)).reference, code_of(becoming, owner))
    assert await wrong(becoming, (await password(becoming)).reference, old) == "mfa.wrong"


async def test_p7_two_logins_with_one_code_at_one_instant_let_one_in(becoming, owner):
    references = [(await password(becoming)).reference for _ in range(4)]
    code = code_of(becoming, owner)
    tried = await asyncio.gather(*(confirm(becoming, one, code) for one in references), return_exceptions=True)
    assert sum(isinstance(one, SignedIn) for one in tried) == 1
    assert sum(isinstance(one, InvalidCode) for one in tried) == 3


async def test_p8_one_login_sent_twice_at_one_instant_opens_one_session(becoming, owner):
    reference, before = (await password(becoming)).reference, await becoming.scalar("SELECT count(*) FROM sessions")
    code = code_of(becoming, owner)
    tried = await asyncio.gather(*(confirm(becoming, reference, code) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, SignedIn) for one in tried) == 1
    assert await becoming.scalar("SELECT count(*) FROM sessions") == before + 1


async def test_p8_five_tries_and_the_login_starts_over(becoming, owner):
    reference = (await password(becoming)).reference
    assert [await wrong(becoming, reference, "000000") for _ in range(5)] == ["mfa.wrong"] * 4 + ["mfa.over"]
    becoming.clock.advance(299)
    assert await wrong(becoming, reference, code_of(becoming, owner)) == "mfa.over"


async def test_p8_five_minutes_and_the_login_starts_over(becoming, owner):
    reference = (await password(becoming)).reference
    becoming.clock.advance(300)
    assert await wrong(becoming, reference, code_of(becoming, owner)) == "mfa.over"


async def test_p8_new_logins_give_no_more_tries_than_the_user_has(becoming, owner):
    refused = []
    for n in range(3):
        reference = (await password(becoming)).reference
        refused += [await wrong(becoming, reference, "000000", ip=f"198.51.100.{n}") for _ in range(3)]
    assert refused[5:] == ["TooManyTries"] * 4
    reference = (await password(becoming)).reference
    assert await wrong(becoming, reference, code_of(becoming, owner)) == "TooManyTries", "a right one is not looked at"


async def test_p8_l5a_an_address_that_tries_often_waits_and_is_not_shut_out(becoming, owner):
    for n in range(10):
        await wrong(becoming, f"nothing-{n}", "000000")
    assert becoming.pauses == []
    assert await confirm(becoming, (await password(becoming)).reference, code_of(becoming, owner))
    assert len(becoming.pauses) == 1


async def test_p8_a_code_opens_only_the_login_of_its_own_user(becoming, owner):
    other = await an_enrolled_user(becoming, OTHER)
    reference = (await password(becoming, OTHER)).reference
    assert await wrong(becoming, reference, code_of(becoming, owner)) == "mfa.wrong"
    done = await confirm(becoming, reference, code_of(becoming, other))
    assert done.tokens.session.user_id == other.user_id


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "' OR 1=1 --", "x" * 10_000, "lone \ud800"])
async def test_row_93_what_is_no_code_is_refused_like_a_wrong_one(becoming, owner, code):
    assert await wrong(becoming, (await password(becoming)).reference, code) == "mfa.wrong"


async def test_a_code_may_be_typed_in_two_groups(becoming, owner):
    code = code_of(becoming, owner)
    assert await confirm(becoming, (await password(becoming)).reference, f" {code[:3]} {code[3:]} ")


async def test_p9_row_94_a_recovery_code_opens_once_and_the_owner_is_told(becoming, owner):
    code = owner.codes[4].lower().replace("-", " ")
    done = await confirm(becoming, (await password(becoming)).reference, code)
    assert done.tokens.session.amr == ("pwd", "recovery")
    assert (await becoming.second_factors.standing(owner.user_id)).codes_left == 9
    await becoming.deliver()
    assert becoming.mails[-1]["template"] == "recovery_code_used"
    assert becoming.mails[-1]["values"] == {"device": "Firefox on Linux"}
    assert await wrong(becoming, (await password(becoming)).reference, code) == "mfa.wrong"


async def test_p9_one_recovery_code_at_two_logins_at_one_instant_lets_one_in(becoming, owner):
    references = [(await password(becoming)).reference for _ in range(3)]
    tried = await asyncio.gather(
        *(confirm(becoming, one, owner.codes[0]) for one in references), return_exceptions=True
    )
    assert sum(isinstance(one, SignedIn) for one in tried) == 1


async def test_p6_a_reset_password_goes_round_no_code_and_ends_the_logins_that_wait(becoming, owner):
    waiting = (await password(becoming)).reference
    await becoming.recovery.forgot(EMAIL, locale="en", ip=IP)
    await becoming.deliver()
    await becoming.recovery.reset(becoming.token("reset_password"), "short 88", ip=IP)
    assert await wrong(becoming, waiting, code_of(becoming, owner)) == "mfa.over"
    assert isinstance(await password(becoming, known="short 88"), FactorNeeded)
    assert (await becoming.second_factors.standing(owner.user_id)).enabled


async def test_p8_a_disabled_user_is_refused_between_password_and_code(becoming, owner):
    reference = (await password(becoming)).reference
    await becoming.users.set_disabled(owner.user_id, True)
    assert await wrong(becoming, reference, code_of(becoming, owner)) == "mfa.over"


async def test_i4_no_door_opens_a_session_for_such_a_user_without_the_factor(becoming, owner):
    user = await becoming.users.get(owner.user_id)
    for proof in ({}, {"verified": user.password_hash}, {"amr": ("whmcs",)}):
        with pytest.raises(Busy):
            await becoming.sessions.start(owner.user_id, device_label="x", **proof)


async def test_s6_a_sign_in_that_is_under_way_does_not_go_round_a_factor_switched_on_meanwhile(becoming, monkeypatch):
    user_id = await becoming.users.create(EMAIL, await becoming.passwords.hash(PASSWORD))
    session = (await signed_in(becoming)).tokens.session
    enabled = becoming.second_factors.enabled

    async def overtaken(asked: str) -> bool:
        before = await enabled(asked)
        monkeypatch.setattr(becoming.second_factors, "enabled", enabled)
        await switch_on(becoming, session)
        return before

    monkeypatch.setattr(becoming.second_factors, "enabled", overtaken)
    with pytest.raises(Busy):
        await password(becoming)
    assert await becoming.scalar("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 1
    assert (await becoming.second_factors.standing(user_id)).enabled


async def test_p5_until_the_password_is_right_a_second_factor_changes_nothing(becoming, owner):
    """The same questions to the database and the same hashes: whether there is a factor is not even asked."""
    await becoming.users.create(OTHER, await becoming.passwords.hash(PASSWORD))
    asked: list[str] = []

    async def enabled(user_id: str) -> bool:
        asked.append(user_id)
        return False

    becoming.second_factors.enabled = enabled
    costs = []
    for email in (EMAIL, OTHER, "nobody@example.com"):
        becoming.hasher.calls.clear()
        with pytest.raises(InvalidCredentials):
            await password(becoming, email, known="wrong")
        costs.append(list(becoming.hasher.calls))
    assert costs[0] == costs[1] == costs[2]
    assert asked == []


async def test_a3_every_try_is_audited_with_its_factor(becoming, owner):
    reference = (await password(becoming)).reference
    await wrong(becoming, reference, "000000")
    await confirm(becoming, reference, code_of(becoming, owner))
    found = await becoming.rows("SELECT outcome, detail FROM audit_log WHERE event = 'sign_in' ORDER BY seq")
    assert [(outcome, detail) for outcome, detail in found][-3:] == [
        ("code_asked", '{"factor": "password"}'),
        ("wrong_code", '{"factor": "code"}'),
        ("ok", '{"factor": "totp"}'),
    ]


async def test_l2_failures_are_forgotten_only_once_the_code_was_right_too(becoming, owner):
    for _ in range(9):
        with pytest.raises(InvalidCredentials):
            await password(becoming, known="wrong")
    assert isinstance(await password(becoming), FactorNeeded)
    with pytest.raises(InvalidCredentials):
        await password(becoming, known="wrong")
    with pytest.raises(TooManyTries):
        await password(becoming)


async def test_a_language_chosen_before_signing_in_becomes_the_accounts_own(becoming, owner):
    done = await confirm(becoming, (await password(becoming)).reference, code_of(becoming, owner), locale="ja")
    assert done.tokens.session.locale == "ja"


async def test_an_old_hash_is_made_anew_when_the_password_was_right(becoming, owner, monkeypatch):
    async def made_anew(_: str) -> str:
        return "p1$made anew"

    monkeypatch.setattr(becoming.passwords, "_outdated", lambda _: True)
    monkeypatch.setattr(becoming.passwords, "hash", made_anew)
    reference = (await password(becoming)).reference
    assert (await becoming.users.get(owner.user_id)).password_hash == "p1$made anew"
    assert await confirm(becoming, reference, code_of(becoming, owner)), "and the login waits under the new one"
