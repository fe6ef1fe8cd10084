"""I7: the process may die at any commit; a new one on the same database brings every sign-up to the same end."""

import contextlib
from datetime import timedelta

import pytest

from portal_app.storage.signups import LeaseLost
from tests.fakes.becoming_world import EMAIL, STRANGER, Crash

COMMITS = range(1, 9)


async def killed(world, token: str) -> None:
    with contextlib.suppress(Crash):
        await world.confirm(token)


async def one_account(world) -> None:
    """The person has one client, one mapping, one user and one mail of each kind."""
    assert len(world.whmcs.clients) == 1
    assert await world.scalar("SELECT count(*) FROM id_mappings") == 1
    assert await world.scalar("SELECT count(*) FROM users") == 1
    assert world.sent().count("welcome") == 1 and world.sent().count("verify_email") == 1
    assert world.account()["WH_Account__c"] == f"#{world.whmcs.clients[0]['id']} - Hanako Yamada"


@pytest.mark.parametrize("how", ["crash_after", "crash_before"])
@pytest.mark.parametrize("commits", COMMITS)
async def test_i7_f1_a_crash_at_any_commit_of_the_way_converges_to_one_account(becoming, commits, how):
    token = await becoming.sign_up()
    getattr(becoming.db, how)(commits)
    await killed(becoming, token)
    world = await becoming.again()
    try:
        if await world.states() == ["AWAITING_EMAIL"]:
            world.clock.advance(91)
            await world.confirm(token)
        await world.until_settled()
        assert await world.states() == ["COMPLETED"]
        await one_account(world)
    finally:
        await world.close()


@pytest.mark.parametrize("how", ["crash_after", "crash_before"])
@pytest.mark.parametrize("commits", range(1, 7))
async def test_i7_a_crash_on_the_way_of_staff_converges_too_with_one_case(becoming, commits, how):
    becoming.salesforce.records["Contact"][0].update(Email=None)
    token = await becoming.sign_up(**STRANGER)
    await becoming.confirm(token)
    becoming.salesforce.decide("Approved")
    becoming.clock.advance(15)
    getattr(becoming.db, how)(commits)
    with contextlib.suppress(Crash):
        await becoming.signing_up.advance_due()
    world = await becoming.again()
    try:
        await world.until_settled()
        assert await world.states() == ["COMPLETED"]
        await one_account(world)
        assert len(world.salesforce.records["Case"]) == 1
        assert world.sent().count("signup_waiting") == 1
    finally:
        await world.close()


@pytest.mark.parametrize("commits", range(1, 6))
async def test_i7_a_crash_while_taking_a_client_back_converges_with_nobody_let_in(becoming, monkeypatch, commits):
    token, add = await becoming.sign_up(), becoming.registration.add

    async def added(details):
        whmcs_client_id = await add(details)
        await becoming.users.create(EMAIL, "hash")
        becoming.db.crash_after(commits)
        return whmcs_client_id

    monkeypatch.setattr(becoming.registration, "add", added)
    await killed(becoming, token)
    world = await becoming.again()
    try:
        await world.until_settled()
        assert await world.state() == "REFUSED local_conflict"
        assert [client["status"] for client in world.whmcs.clients] == ["Inactive"]
        assert world.sent().count("signup_failed") == 1
    finally:
        await world.close()


async def test_f13_after_a_crash_at_the_intent_the_number_is_looked_at_again(becoming, monkeypatch):
    async def crash(_):
        raise Crash

    token = await becoming.sign_up()
    with monkeypatch.context() as patch:
        patch.setattr(becoming.signing_up._steps.moves, "failed", crash)  # the process that sent it is gone
        patch.setattr(becoming.registration, "add", crash)
        await killed(becoming, token)
    becoming.account().update(WH_Account__c="#77 - Somebody Else")
    await becoming.until_settled()
    assert await becoming.state() == "REFUSED number_unusable"
    assert becoming.whmcs.asked("AddClient") == []


async def test_k9_a_zombie_worker_with_an_old_fence_writes_nothing(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    await becoming.confirm(token)
    becoming.clock.advance(timedelta(minutes=1))
    [zombie] = await becoming.signups.claim_due(5)
    becoming.clock.advance(91)
    becoming.whmcs.down = False
    await becoming.signing_up.advance_due()
    assert await becoming.states() == ["COMPLETED"]
    with pytest.raises(LeaseLost):
        await becoming.signups.step(zombie, "NEEDS_REVIEW", error_code="late")
    assert await becoming.signing_up._steps.run(zombie) == "COMPLETED"
    assert len(becoming.whmcs.clients) == 1
    assert await becoming.states() == ["COMPLETED"]


async def test_k9_a_zombie_that_comes_back_with_whmcss_answer_leaves_the_end_to_the_new_holder(becoming, monkeypatch):
    token, add = await becoming.sign_up(), becoming.registration.add

    async def frozen(details):
        whmcs_client_id = await add(details)
        monkeypatch.setattr(becoming.registration, "add", add)
        becoming.clock.advance(91)  # the machine stood still; the lease ran out
        await becoming.signing_up.advance_due()
        return whmcs_client_id

    monkeypatch.setattr(becoming.registration, "add", frozen)
    assert (await becoming.confirm(token)).outcome == "done"
    await becoming.deliver()
    await one_account(becoming)


async def test_a_row_that_surprises_keeps_no_other_from_its_turn(becoming, monkeypatch):
    becoming.an_account("C-2002")
    becoming.whmcs.down = True
    for email, number in ((EMAIL, "C-1001"), ("b@example.com", "C-2002")):
        becoming.whmcs.down = False
        token = await becoming.sign_up(email=email, customer_number=number)
        becoming.whmcs.down = True
        await becoming.confirm(token)
    becoming.whmcs.down, find = False, becoming.registration.find_by_email

    async def surprising(email: str, **how):
        if email == EMAIL:
            raise ZeroDivisionError
        return await find(email, **how)

    monkeypatch.setattr(becoming.registration, "find_by_email", surprising)
    await becoming.works_on(timedelta(minutes=2))
    assert sorted(await becoming.states()) == ["ADD_INTENT", "COMPLETED"]
    monkeypatch.undo()
    await becoming.until_settled()
    assert await becoming.states() == ["COMPLETED", "COMPLETED"]


async def test_f12_a_surprise_that_lasts_is_left_to_a_person(becoming, monkeypatch):
    async def surprising(email: str, **how):
        raise ZeroDivisionError

    token = await becoming.sign_up()
    monkeypatch.setattr(becoming.registration, "find_by_email", surprising)
    assert (await becoming.confirm(token)).outcome == "finishing"
    for _ in range(80):
        await becoming.works_on(timedelta(hours=2))
    assert await becoming.state() == "NEEDS_REVIEW unexpected"
