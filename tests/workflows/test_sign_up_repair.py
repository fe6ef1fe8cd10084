"""What was left to a person goes on where it stopped, or ends; nothing else can be touched."""

from datetime import timedelta

import httpx
import pytest

from portal_app.errors import Busy, Conflict, NotFound
from tests.fakes.becoming_world import EMAIL, STRANGER


async def the_id(world) -> str:
    return await world.scalar("SELECT signup_id FROM signups")


async def given_up(world) -> str:
    """A sign-up that was tried for a day."""
    while not (await world.state()).startswith("NEEDS_REVIEW"):
        await world.works_on(timedelta(hours=1))
    return await the_id(world)


async def test_after_a_day_without_whmcs_a_person_lets_it_go_on(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    await becoming.confirm(token)
    signup_id = await given_up(becoming)
    becoming.whmcs.down = False
    await becoming.works_on(timedelta(hours=2))
    assert (await becoming.state()).startswith("NEEDS_REVIEW"), "it does not go on by itself"
    assert await becoming.signing_up.repair.resume(signup_id) == "COMPLETED"
    await becoming.deliver()
    assert becoming.sent()[-1] == "welcome"


async def test_f1_going_on_after_lost_answers_looks_first_and_adopts(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will_lose("AddClient")
    await becoming.confirm(token)
    becoming.whmcs.will("GetUsers", *[httpx.ReadTimeout("no answer")] * 40)
    signup_id = await given_up(becoming)
    becoming.whmcs.replies.clear()
    assert await becoming.signing_up.repair.resume(signup_id) == "COMPLETED"
    assert len(becoming.whmcs.asked("AddClient")) == 1


async def test_a_case_somebody_deleted_is_opened_anew(becoming):
    becoming.salesforce.records["Contact"][0].update(Email=None)
    await becoming.confirm(await becoming.sign_up(**STRANGER))
    becoming.salesforce.records["Case"].clear()
    await becoming.works_on(15)
    assert await becoming.signing_up.repair.resume(await the_id(becoming)) == "WAITING_FOR_STAFF"
    assert len(becoming.salesforce.records["Case"]) == 1


async def test_a_client_somebody_was_mapped_to_is_finished_once_that_is_undone(becoming, monkeypatch):
    token, add = await becoming.sign_up(), becoming.registration.add
    other = await becoming.users.create("owner@example.com", "hash")

    async def added(details):
        whmcs_client_id = await add(details)
        await becoming.users.link(other, whmcs_client_id)
        return whmcs_client_id

    monkeypatch.setattr(becoming.registration, "add", added)
    await becoming.confirm(token)
    signup_id = await the_id(becoming)
    assert await becoming.signing_up.repair.resume(signup_id) == "NEEDS_REVIEW"
    await becoming.users.link(other, 999)
    assert await becoming.signing_up.repair.resume(signup_id) == "COMPLETED"


async def test_a_person_may_end_it_and_the_customer_is_told_and_their_data_goes(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    await becoming.confirm(token)
    signup_id = await given_up(becoming)
    assert await becoming.signing_up.repair.refuse(signup_id) == "REFUSED"
    await becoming.deliver()
    assert (becoming.sent()[-1], becoming.mails[-1]["to"]) == ("signup_not_confirmed", EMAIL)
    assert (await becoming.signups.get(signup_id)).payload is None


async def test_ending_it_takes_the_client_back_that_was_made(becoming, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError

    token = await becoming.sign_up()
    monkeypatch.setattr(becoming.users, "create_linked", broken)
    await becoming.confirm(token)
    signup_id = await given_up(becoming)
    assert await becoming.signing_up.repair.refuse(signup_id) == "REFUSED"
    assert [client["status"] for client in becoming.whmcs.clients] == ["Inactive"]
    await becoming.deliver()
    assert becoming.sent()[-1] == "signup_failed"


async def test_ending_it_takes_the_client_back_that_nobody_knew_of(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will_lose("AddClient")
    await becoming.confirm(token)
    becoming.whmcs.will("GetUsers", *[httpx.ReadTimeout("no answer")] * 40)
    signup_id = await given_up(becoming)
    becoming.whmcs.replies.clear()
    assert await becoming.signing_up.repair.refuse(signup_id) == "REFUSED"
    assert [client["status"] for client in becoming.whmcs.clients] == ["Inactive"]


async def test_ending_it_leaves_a_client_that_became_another_users(becoming, monkeypatch):
    token, add = await becoming.sign_up(), becoming.registration.add
    other = await becoming.users.create("owner@example.com", "hash")

    async def added(details):
        whmcs_client_id = await add(details)
        await becoming.users.link(other, whmcs_client_id)
        return whmcs_client_id

    monkeypatch.setattr(becoming.registration, "add", added)
    await becoming.confirm(token)
    assert await becoming.signing_up.repair.refuse(await the_id(becoming)) == "REFUSED"
    assert [client["status"] for client in becoming.whmcs.clients] == ["Active"]


async def test_only_what_was_left_to_a_person_can_be_touched(becoming):
    await becoming.sign_up()
    repair, signup_id = becoming.signing_up.repair, await the_id(becoming)
    for act in (repair.resume, repair.refuse):
        with pytest.raises(Conflict):
            await act(signup_id)
        with pytest.raises(NotFound):
            await act("no such sign-up")


async def test_two_people_at_once_do_it_once(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    await becoming.confirm(token)
    signup_id = await given_up(becoming)
    await becoming.signups.take(signup_id)
    with pytest.raises(Busy):
        await becoming.signing_up.repair.resume(signup_id)
