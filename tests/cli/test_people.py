"""`signups`, `unlock` and `demo-users`."""

import asyncio
import io

import pytest

from portal_app import cli, settings, wiring
from portal_app.errors import TooManyTries
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.signups import NEEDS_REVIEW

USER = "3f0c1f0e-6c1b-4d52-9e0e-0d6b3f1f9a11"


async def a_sign_up_left_to_a_person() -> str:
    signup_id = "5c0d5d0e-0000-4000-8000-000000000001"
    async with wiring.opened(settings.load()):
        signups = wiring.signups()
        async with wiring.database().write() as tx:
            await signups.new_row(
                tx,
                signup_id=signup_id,
                user_id=USER,
                details_json="{}",
                password_hash="hash",
                locale="ja",
                email="canary@example.com",
                customer_number="C-1001",
                sf_account_id="001000000000001AAA",
            )
        record = await signups.take(signup_id)
        await signups.release(await signups.step(record, NEEDS_REVIEW, error_code="marker_missing"))
    return signup_id


async def test_a_sign_up_left_to_a_person_is_shown_without_the_person_and_can_be_ended(capsys, migrated):
    signup_id = await a_sign_up_left_to_a_person()
    assert await asyncio.to_thread(cli.main, ["signups"]) == 0
    said = capsys.readouterr().out
    assert "NEEDS_REVIEW            1" in said
    assert f"left to a person: {signup_id}  marker_missing  since" in said
    assert "canary" not in said
    assert await asyncio.to_thread(cli.main, ["signups", "--refuse", signup_id]) == 0
    said = capsys.readouterr().out
    assert f"{signup_id}: REFUSED" in said and "NEEDS_REVIEW" not in said


async def test_a_sign_up_that_was_not_left_to_anybody_is_not_touched(capsys, migrated):
    signup_id = await a_sign_up_left_to_a_person()
    await asyncio.to_thread(cli.main, ["signups", "--refuse", signup_id])
    capsys.readouterr()
    for move in ("--refuse", "--resume"):
        assert await asyncio.to_thread(cli.main, ["signups", move, signup_id]) == 1
        assert "signup.not_left_to_a_person" in capsys.readouterr().err
    assert await asyncio.to_thread(cli.main, ["signups", "--resume", "unknown"]) == 1
    assert "signup not found" in capsys.readouterr().err


def test_demo_users_are_refused_without_the_sandbox_and_outside_of_the_demo(capsys, migrated, monkeypatch):
    monkeypatch.setenv("WHMCS_BASE_URL", "https://billing.example.com")
    assert cli.main(["demo-users"]) == 1
    assert "demo users are made only" in capsys.readouterr().err
    monkeypatch.setenv("WHMCS_BASE_URL", migrated["WHMCS_BASE_URL"])
    monkeypatch.setenv("PORTAL_ENV", "dev")
    assert cli.main(["demo-users"]) == 1
    assert "demo users are made only" in capsys.readouterr().err


def test_demo_users_without_a_whmcs_is_not_done_and_says_why(capsys, migrated):
    assert cli.main(["demo-users"]) == 1
    assert "Not done: whmcs GetUsers" in capsys.readouterr().err


def test_unlock_forgets_the_failed_tries_of_the_address_that_is_typed(capsys, migrated, monkeypatch):
    bucket = KeyedIndex(migrated["PORTAL_INDEX_KEY"])

    async def fails_at_linking() -> None:
        async with wiring.opened(settings.load()):
            for _ in range(10):
                await wiring.lockout().failed(bucket.of("link|hanako@example.com"), None, "192.0.2.1")
            with pytest.raises(TooManyTries):
                await wiring.lockout().check(bucket.of("link|hanako@example.com"), None, "198.51.100.7")

    async def may_try_again() -> None:
        async with wiring.opened(settings.load()):
            await wiring.lockout().check(bucket.of("link|hanako@example.com"), None, "198.51.100.7")

    asyncio.run(fails_at_linking())
    monkeypatch.setattr("sys.stdin", io.StringIO(" Hanako@Example.com\n"))
    assert cli.main(["unlock"]) == 0
    asyncio.run(may_try_again())
    assert "hanako" not in capsys.readouterr().out.lower()


@pytest.mark.parametrize("typed", [False, True])
async def test_a_second_factor_is_reset_for_the_address_that_is_named_or_typed(capsys, migrated, monkeypatch, typed):
    async with wiring.opened(settings.load()):
        user_id = await wiring.users().create("hanako@example.com", "hash")
    monkeypatch.setattr("sys.stdin", io.StringIO(" hanako@example.com\n"))
    words = ["user", "reset-mfa"] + ([] if typed else ["hanako@example.com"])
    assert await asyncio.to_thread(cli.main, words) == 0
    assert "There was no second factor." in capsys.readouterr().out
    async with wiring.opened(settings.load()):
        assert [one.event for one in await wiring.audit().list_of(user_id)] == ["mfa_reset"]


async def test_a_second_factor_of_nobody_is_not_reset(capsys, migrated):
    assert await asyncio.to_thread(cli.main, ["user", "reset-mfa", "nobody@example.com"]) == 1
    assert "nobody@" not in capsys.readouterr().err
