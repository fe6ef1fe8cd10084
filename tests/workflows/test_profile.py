"""Changing one's own data: WHMCS first, the contact surely, nothing twice, and the pages hear of it."""

import shutil

import httpx
import pytest
from sqlalchemy import text

from portal_app.errors import UpstreamOutcomeUnknown, UpstreamUnavailable
from tests.fakes.becoming_world import Crash
from tests.fakes.profile_world import NEW, ProfileWorld
from tests.fakes.salesforce import refusal as salesforce_refusal

AT_BOTH = (NEW, "1990-05-17")
BEFORE = ("090-1234-5678", "1985-04-12")


@pytest.fixture
async def world(migrated_file, tmp_path):
    database = tmp_path / "profiles.db"
    shutil.copy(migrated_file, database)
    made = ProfileWorld(database)
    yield made
    await made.close()


@pytest.fixture
async def customer(world):
    return await world.a_customer()


async def outcomes(world: ProfileWorld, event: str) -> list[str]:
    async with world.db.read() as session:
        found = await session.execute(text("SELECT outcome FROM audit_log WHERE event = :event"), {"event": event})
        return [row[0] for row in found]


async def test_a_change_is_in_whmcs_at_once_and_at_the_contact_right_after(world, customer):
    await world.profiles.change(customer, world.a_form())
    assert world.whmcs_phone() == NEW
    assert world.contact_has() == BEFORE, "not before the worker has come"
    await world.worker_goes_on()
    assert world.contact_has() == AT_BOTH
    assert await outcomes(world, "profile.changed") == ["ok"]


async def test_the_profile_is_the_billing_accounts_with_the_sign_in_address_and_a_language(world, customer):
    await world.users.set_locale(customer.user_id, "ja")
    world.whmcs.clients[0]["email"] = "billing@example.com"
    held = await world.profiles.get(customer)
    assert (held.last_name, held.customer_number) == ("Yamada", "C-100007")
    assert (held.email, held.language) == ("hanako@example.com", "ja")
    assert await world.profiles.complete(customer)


async def test_the_language_is_that_of_whmcs_and_of_our_mails(world, customer):
    await world.profiles.change(customer, world.a_form(language="ja"))
    assert world.whmcs.clients[0]["language"] == "japanese"
    assert (await world.users.get(customer.user_id)).locale == "ja"


async def test_what_is_so_already_is_written_nowhere(world, customer):
    await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on()
    await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on()
    assert len(world.whmcs.asked("UpdateClient")) == 1
    assert world.salesforce.count("Update") == 1


async def test_what_does_not_concern_salesforce_asks_nothing_of_it(world, customer):
    same = {"phone": "090-1234-5678", "birth_date": "1985-04-12"}
    await world.profiles.change(customer, world.a_form(**same, company="Harbour KK"))
    assert not await world.profiles.is_settling(customer)
    await world.worker_goes_on()
    assert world.whmcs.clients[0]["companyname"] == "Harbour KK"
    assert world.salesforce.count("Update") == 0


async def test_w5_while_salesforce_is_down_it_waits_and_is_made_good_later(world, customer):
    world.salesforce_away()
    await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on()
    assert (world.whmcs_phone(), world.contact_has()) == (NEW, BEFORE)
    assert await world.profiles.is_settling(customer)
    world.salesforce_back()
    await world.worker_goes_on(by=600)
    assert world.contact_has() == AT_BOTH
    assert not await world.profiles.is_settling(customer)


async def test_two_changes_reach_the_contact_in_their_order(world, customer):
    world.salesforce_away()
    await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on()
    await world.profiles.change(customer, world.a_form(phone="090-3333-4444"))
    world.salesforce_back()
    for _ in range(4):
        await world.worker_goes_on(by=600)
    assert world.contact_has() == ("+819033334444", "1990-05-17")
    assert not await world.profiles.is_settling(customer)


async def test_f1_a_lost_answer_is_found_out_by_reading(world, customer):
    world.whmcs.will_lose("UpdateClient")
    with pytest.raises(UpstreamOutcomeUnknown):
        await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on(by=61)
    assert (world.whmcs_phone(), world.contact_has()) == (NEW, AT_BOTH)


async def test_f1_a_change_that_never_arrived_is_not_told_to_salesforce(world, customer):
    world.whmcs.will("UpdateClient", httpx.ReadTimeout("lost before it was done"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on(by=61)
    assert world.contact_has() == BEFORE
    assert not await world.profiles.is_settling(customer)


async def test_what_whmcs_surely_did_not_take_leaves_nothing_behind(world, customer):
    world.whmcs.will("UpdateClient", httpx.ConnectError("refused"))
    with pytest.raises(UpstreamUnavailable):
        await world.profiles.change(customer, world.a_form())
    assert not await world.profiles.is_settling(customer)
    assert await outcomes(world, "profile.changed") == ["failed"]


@pytest.mark.parametrize("commit", [1, 2, 3])
async def test_g1_a_crash_at_any_commit_loses_no_half(world, customer, commit):
    world.db.crash_after(commit)
    with pytest.raises(Crash):
        await world.profiles.change(customer, world.a_form())
    world.starts_again()
    await world.worker_goes_on(by=61)
    at_whmcs = world.whmcs_phone() == NEW
    assert world.contact_has() == (AT_BOTH if at_whmcs else BEFORE)


async def test_what_salesforce_refuses_is_left_to_a_person_and_not_to_the_customer(world, customer):
    world.salesforce.will("Update", salesforce_refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
    await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on()
    assert await outcomes(world, "profile.contact") == ["failed"]
    assert not await world.profiles.is_settling(customer)


async def test_pages_are_told_at_once_and_again_when_it_is_settled(world, customer):
    settling = []

    async def page(topic: str, _: str) -> None:
        settling.append(await world.profiles.is_settling(customer))

    world.bus.subscribe(f"customer:{customer.user_id}:profile", page)
    await world.profiles.change(customer, world.a_form())
    await world.worker_goes_on()
    assert settling == [True, False]


async def test_c1_nothing_personal_stands_in_the_audit_log_or_the_open(world, customer):
    await world.profiles.change(customer, world.a_form(company="Harbour KK"))
    async with world.db.read() as session:
        rows = await session.execute(text("SELECT detail FROM audit_log"))
        sealed = await session.execute(text("SELECT payload_sealed, dedupe_key FROM outbox"))
        open_text = str(rows.all()) + str(sealed.all())
    assert not [word for word in (NEW, "1990", "Harbour") if word in open_text]
