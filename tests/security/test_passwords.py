"""Passwords: what is stored, what verifies, what may be set, and how much work is allowed at once."""

import asyncio
import threading

import bcrypt
import pytest

from portal_app.errors import Busy, InvalidInput
from portal_app.security.passwords import Passwords, Verdict
from tests.fakes.hasher import CountingHasher

PEPPER = "a pepper of the tests, long enough to be one"
GOOD = "Kumquat-Rhubarb-77"


@pytest.fixture
def passwords():
    made = Passwords(PEPPER, rounds=4)
    yield made
    made.close()


async def test_p2_a_password_verifies_against_its_own_hash_only(passwords):
    stored = await passwords.hash(GOOD)
    assert stored.startswith("p1$")
    assert await passwords.verify(GOOD, stored) == Verdict(ok=True)
    assert await passwords.verify(GOOD + " ", stored) == Verdict(ok=False)


async def test_p2_row_20_passwords_that_differ_only_after_72_bytes_are_different(passwords):
    stored = await passwords.hash("x" * 71 + "a" + "tail one")
    assert not (await passwords.verify("x" * 71 + "a" + "tail two", stored)).ok
    assert (await passwords.verify("x" * 71 + "a" + "tail one", stored)).ok


async def test_p2_row_22_composed_and_combining_forms_are_one_password(passwords):
    stored = await passwords.hash("caf\u00e9 au lait 3")
    assert (await passwords.verify("cafe\u0301 au lait 3", stored)).ok


@pytest.mark.parametrize("odd", ["null\x00inside", "emoji \U0001f9c0 cheese", "lone \ud800 surrogate", "x" * 100_000])
async def test_p2_rows_21_23_27_28_odd_passwords_hash_and_verify_without_an_error(passwords, odd):
    assert (await passwords.verify(odd, await passwords.hash(odd))).ok
    assert not (await passwords.verify(odd + "!", await passwords.hash(odd))).ok


async def test_p2_a_hash_made_with_another_pepper_never_verifies(passwords):
    other = Passwords("another pepper, also long enough to be one", rounds=4)
    stored = await other.hash(GOOD)
    assert await passwords.verify(GOOD, stored) == Verdict(ok=False)
    other.close()


async def test_p2_a_plain_bcrypt_hash_verifies_and_asks_for_an_upgrade(passwords):
    plain = bcrypt.hashpw(GOOD.encode(), bcrypt.gensalt(4)).decode()
    assert await passwords.verify(GOOD, plain) == Verdict(ok=True, needs_upgrade=True)
    assert await passwords.verify("wrong", plain) == Verdict(ok=False)


async def test_p2_an_old_hash_of_a_long_password_verifies_by_its_first_72_bytes(passwords):
    plain = bcrypt.hashpw(b"z" * 72, bcrypt.gensalt(4)).decode()
    assert (await passwords.verify("z" * 90, plain)).needs_upgrade


async def test_p2_a_hash_of_another_cost_asks_for_an_upgrade(passwords):
    dearer = Passwords(PEPPER, rounds=5)
    assert await passwords.verify(GOOD, await dearer.hash(GOOD)) == Verdict(ok=True, needs_upgrade=True)
    dearer.close()


@pytest.mark.parametrize("broken", ["p1$", "p1$zz$", "garbage", "", "$2b$", "$2b$04$short"])
async def test_i4_a_stored_hash_that_cannot_be_read_is_a_wrong_password(passwords, broken):
    assert await passwords.verify(GOOD, broken) == Verdict(ok=False)


async def test_p5_an_unknown_account_costs_the_same_bcrypt_work(passwords):
    hasher = CountingHasher()
    counted = Passwords(PEPPER, rounds=12, hasher=hasher)
    stored = await counted.hash(GOOD)
    hasher.calls.clear()
    await counted.verify("wrong", stored)
    for_known = list(hasher.calls)
    hasher.calls.clear()
    assert await counted.verify("wrong", None) == Verdict(ok=False)
    assert hasher.calls == for_known == [("check", 44)]
    counted.close()


async def test_p5_i4_no_password_whatever_matches_an_account_that_does_not_exist():
    class YesMan(CountingHasher):
        def check(self, secret: bytes, hashed: str) -> bool:
            return True

    passwords = Passwords(PEPPER, rounds=4, hasher=YesMan())
    assert (await passwords.verify(GOOD, await passwords.hash(GOOD))).ok
    assert await passwords.verify(GOOD, None) == Verdict(ok=False)
    assert await passwords.verify(GOOD, "p1$00000000$of another pepper") == Verdict(ok=False)
    passwords.close()


async def test_p5_the_dummy_has_the_configured_cost_and_is_a_hash_bcrypt_accepts():
    passwords = Passwords(PEPPER, rounds=6)
    assert passwords._dummy.startswith("$2b$06$")
    assert bcrypt.checkpw(b"anything", passwords._dummy.encode()) is False
    passwords.close()


async def test_p3_two_run_twenty_wait_and_the_next_is_told_to_come_back():
    gate = threading.Event()
    passwords = Passwords(PEPPER, rounds=4, hasher=CountingHasher(gate))
    tries = [asyncio.create_task(passwords.verify(GOOD, None)) for _ in range(22)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as busy:
        await passwords.verify(GOOD, None)
    assert busy.value.retry_after > 0
    gate.set()
    assert len(await asyncio.gather(*tries)) == 22
    assert not (await passwords.verify(GOOD, None)).ok, "there is room again"
    passwords.close()


async def test_p3_a_caller_who_leaves_does_not_free_the_thread_it_uses():
    gate = threading.Event()
    hasher = CountingHasher(gate)
    passwords = Passwords(PEPPER, rounds=4, hasher=hasher)
    running = [asyncio.create_task(passwords.verify(GOOD, None)) for _ in range(2)]
    await asyncio.to_thread(lambda: [hasher.started.acquire(timeout=10) for _ in range(2)])
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    waiting = [asyncio.create_task(passwords.verify(GOOD, None)) for _ in range(20)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await passwords.verify(GOOD, None)
    gate.set()
    await asyncio.gather(*waiting)
    passwords.close()


async def test_p3_the_event_loop_goes_on_while_a_password_is_hashed():
    gate = threading.Event()
    passwords = Passwords(PEPPER, rounds=4, hasher=CountingHasher(gate))
    task = asyncio.create_task(passwords.verify(GOOD, None))
    await asyncio.sleep(0)
    assert not task.done()
    gate.set()
    await task
    passwords.close()


@pytest.mark.parametrize(
    "accepted", [GOOD, "twelve chars", "日本語のとても長い合言葉です", "\U0001f9c0" * 6 + "wheels", "x7" * 5 + "Q!"]
)
def test_p1_any_twelve_code_points_without_a_pattern_are_accepted(passwords, accepted):
    passwords.check_new(accepted, "owner@example.com")


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        ("", "password.too_short"),
        ("Kumquat-77x", "password.too_short"),
        ("Kq7!" * 64 + "x", "password.too_long"),
        ("Kumquat\x00Rhubarb", "password.unusable_character"),
        ("Kumquat\ud800Rhubarb", "password.unusable_character"),
        (" " * 14, "password.too_common"),
        ("aaaaaaaaaaaaaaaa", "password.too_common"),
        ("passwordpassword", "password.too_common"),
        ("P@ssw0rd123456", "password.too_common"),
        ("Sunshine2025!!", "password.too_common"),
        ("qwertyuiop123", "password.too_common"),
        ("123456789012", "password.too_common"),
        ("CustomerPortal1!", "password.too_common"),
        ("owner@example.com", "password.is_email"),
        ("OWNER@example.com", "password.is_email"),
    ],
)
def test_p4_rows_16_to_27_a_weak_or_unusable_password_is_refused_with_its_reason(passwords, refused, reason):
    with pytest.raises(InvalidInput) as no:
        passwords.check_new(refused, "owner@example.com")
    assert (no.value.field, no.value.reason) == ("password", reason)


def test_p1_the_longest_password_is_256_code_points_however_many_bytes(passwords):
    passwords.check_new("鍵とくじら" * 51 + "x", "")
    with pytest.raises(InvalidInput):
        passwords.check_new("鍵とくじら" * 51 + "xy", "")


def test_p1_with_a_second_factor_eight_are_enough(passwords):
    passwords.check_new("Kumq7!xz", minimum=8)
    with pytest.raises(InvalidInput):
        passwords.check_new("Kumq7!x", minimum=8)
