"""The sign-in workflow: one answer for every reason to refuse, one try at a time, everything audited."""

import asyncio
import threading

import bcrypt
import pytest

from portal_app.errors import Busy, InvalidCredentials, InvalidInput, TooManyTries
from portal_app.security.passwords import Passwords
from portal_app.workflows.signing_in import device_label
from portal_app.workflows.slowing import PAUSE_S
from tests.fakes.doors import OWNER, PASSWORD, Doors
from tests.fakes.hasher import CountingHasher

IP = "203.0.113.66"


async def sign_in(doors: Doors, email: str = OWNER, password: str = PASSWORD, device: str | None = None, ip: str = IP):
    return await doors.signing_in.sign_in(email, password, device=device, ip=ip, user_agent="curl/8")


async def refused(doors: Doors, **given) -> Exception:
    with pytest.raises((InvalidCredentials, InvalidInput, TooManyTries, Busy)) as no:
        await sign_in(doors, **given)
    return no.value


@pytest.fixture
async def owner(doors):
    return await doors.a_user()


async def test_the_right_password_opens_a_session_of_its_owner(doors, owner):
    signed_in = await sign_in(doors)
    assert signed_in.tokens.session.user_id == owner
    assert (await doors.sessions.resolve(signed_in.tokens.access, None, rotate=True)).session is not None


async def test_row_11_the_address_may_be_written_in_any_case(doors, owner):
    assert (await sign_in(doors, email="  DEMO@Example.com ")).tokens.session.user_id == owner


@pytest.mark.parametrize("password", ["wrong", PASSWORD + " ", PASSWORD.lower(), "x" * 16_000, "lone \ud800"])
async def test_a_wrong_password_is_refused(doors, owner, password):
    assert isinstance(await refused(doors, password=password), InvalidCredentials)


@pytest.mark.parametrize(
    ("email", "password", "field"), [("", "x", "email"), ("nonsense", "x", "email"), (OWNER, "", "password")]
)
async def test_what_cannot_be_an_address_or_a_password_names_its_field(doors, owner, email, password, field):
    error = await refused(doors, email=email, password=password)
    assert isinstance(error, InvalidInput)
    assert error.field == field
    assert doors.hasher.calls == [("hash", 44)], "nothing was compared"


async def test_p5_unknown_disabled_and_wrong_cost_the_same_and_read_the_same(doors, owner):
    disabled = await doors.a_user("disabled@example.com", whmcs_client_id=102)
    await doors.users.set_disabled(disabled, True)
    work, answers = [], []
    for email, password in [
        (OWNER, "wrong"),
        ("nobody@example.com", "wrong"),
        ("disabled@example.com", PASSWORD),
    ]:
        doors.hasher.calls.clear()
        error = await refused(doors, email=email, password=password)
        work.append(list(doors.hasher.calls))
        answers.append((type(error), error.args))
    assert work == [[("check", 44)]] * 3
    assert len(set(answers)) == 1


async def test_p5_l4_accounts_that_do_not_exist_are_locked_alike(doors, owner):
    for email in (OWNER, "nobody@example.com"):
        for n in range(10):
            await refused(doors, email=email, password="wrong", ip=f"203.0.113.{n}")
    locked = [await refused(doors, email=e, ip="198.51.100.1") for e in (OWNER, "nobody@example.com")]
    assert [(type(e), e.retry_after) for e in locked] == [(TooManyTries, 60)] * 2


async def test_l4_the_right_password_inside_a_lock_is_refused_without_being_looked_at(doors, owner):
    for _ in range(10):
        await refused(doors, password="wrong")
    doors.hasher.calls.clear()
    assert isinstance(await refused(doors), TooManyTries)
    assert doors.hasher.calls == []
    doors.clock.advance(60)
    await sign_in(doors)


async def test_l2_the_owner_signs_in_on_a_known_device_while_strangers_are_locked_out(doors, owner):
    device = (await sign_in(doors)).device
    for _ in range(10):
        await refused(doors, password="wrong")
    assert isinstance(await refused(doors), TooManyTries)
    assert (await sign_in(doors, device=device)).device == device


async def test_l2_a_device_of_another_account_is_no_known_device(doors, owner):
    await doors.a_user("second@example.com", whmcs_client_id=102)
    device = (await sign_in(doors, email="second@example.com")).device
    for _ in range(10):
        await refused(doors, password="wrong", device=device)
    assert isinstance(await refused(doors, device=device), TooManyTries)
    assert isinstance(await refused(doors), TooManyTries), "it was counted as a stranger"


async def test_l2_a_device_that_failed_ten_times_gets_a_new_cookie_at_the_next_success(doors, owner):
    device = (await sign_in(doors)).device
    for _ in range(10):
        await refused(doors, password="wrong", device=device)
    doors.clock.advance(15 * 60)
    assert (await sign_in(doors, device=device)).device != device


async def test_l1_parallel_guesses_do_not_outrun_the_count(doors, owner):
    tries = [asyncio.create_task(refused(doors, password=f"guess {n}", ip=f"203.0.113.{n}")) for n in range(6)]
    more = []
    for _ in range(4):
        more += [type(e) for e in await asyncio.gather(*tries)]
        tries = [asyncio.create_task(refused(doors, password="guess", ip=f"198.51.100.{n}")) for n in range(6)]
    more += [type(e) for e in await asyncio.gather(*tries)]
    assert more.count(InvalidCredentials) == 10
    assert more.count(TooManyTries) == 20


async def test_p3_a_crowd_at_one_account_is_told_to_come_back_and_others_are_served(doors, owner):
    gate = threading.Event()
    doors.passwords = Passwords(doors.settings.PORTAL_PEPPER, 4, CountingHasher(gate))
    doors.wire()

    async def attempt(email: str) -> type[Exception]:
        with pytest.raises((Busy, InvalidCredentials)) as no:
            await doors.signing_in.sign_in(email, "wrong", device=None, ip=IP, user_agent="")
        return no.type

    crowd = [asyncio.create_task(attempt(OWNER)) for _ in range(8)]
    await asyncio.sleep(0)
    other = asyncio.create_task(attempt("second@example.com"))
    asyncio.get_running_loop().call_later(0.05, gate.set)
    outcomes = await asyncio.gather(*crowd)
    assert outcomes.count(Busy) == 2
    assert await other is InvalidCredentials
    assert len(doors.signing_in._check._lanes) == 0


async def test_l5a_many_tries_from_one_address_wait_but_are_not_refused_for_it(doors, owner):
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    doors.wire(pause)
    for n in range(60):
        await refused(doors, email=f"nobody{n}@example.com", password="")
    assert pauses == []
    assert (await sign_in(doors)).tokens
    assert (await sign_in(doors, ip="198.51.100.7")).tokens
    assert pauses == [PAUSE_S]


async def test_a_language_chosen_before_signing_in_becomes_the_accounts_own(doors, owner):
    signed_in = await doors.signing_in.sign_in(OWNER, PASSWORD, device=None, ip=IP, user_agent="", locale="ja")
    assert signed_in.tokens.session.locale == "ja"
    assert (await doors.users.get(owner)).locale == "ja"


async def test_p2_an_old_hash_is_made_anew_at_the_next_success(doors, owner, tmp_path):
    real = Passwords(doors.settings.PORTAL_PEPPER, 4)
    doors.passwords = real
    doors.wire()
    await doors.users.set_password_hash(owner, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode())
    await sign_in(doors)
    stored = (await doors.users.get(owner)).password_hash
    assert stored.startswith("p1$")
    await sign_in(doors)
    assert (await doors.users.get(owner)).password_hash == stored
    real.close()


async def test_a3_every_try_is_audited_with_its_factor_and_no_address(doors, owner):
    await sign_in(doors)
    await refused(doors, password="wrong")
    await refused(doors, email="nobody@example.com")
    rows = await doors.audited("sign_in")
    assert [(r.outcome, r.user_id) for r in rows] == [("ok", owner), ("refused", owner), ("refused", None)]
    assert {r.detail for r in rows} == {'{"factor": "password"}'}
    assert all(len(r.client_hash) == 64 for r in rows)
    assert not any("example.com" in str(vars(r)) or IP in str(vars(r)) for r in rows)


async def test_a3_a_lockout_is_audited(doors, owner):
    for _ in range(11):
        await refused(doors, password="wrong")
    assert [r.outcome for r in await doors.audited("sign_in")] == ["refused"] * 10 + ["locked"]


async def test_the_language_chosen_before_signing_in_is_kept_for_the_account(doors, owner):
    await doors.signing_in.sign_in(OWNER, PASSWORD, device=None, ip=IP, user_agent="", locale="ja")
    assert (await doors.users.get(owner)).locale == "ja"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/130 Safari/537 Edg/130", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130) Gecko Firefox/130", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18) AppleWebKit Version/18 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/130 Mobile Safari", "Chrome on Android"),
        ("<script>alert(1)</script>", "Browser"),
        ("", "Browser"),
    ],
)
def test_a_device_is_called_by_browser_and_system(user_agent, label):
    assert device_label(user_agent) == label
