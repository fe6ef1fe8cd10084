"""Moving: WHMCS first, Salesforce surely, the old availability gone with the old address, and nothing said twice."""

import asyncio
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from portal_app.errors import UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.upstream.deadline import remaining
from portal_app.storage.leases import LEASE
from portal_app.workflows.address import availability_lock
from tests.fakes.address_world import NEW, OLD, AddressWorld, a_change
from tests.fakes.becoming_world import Crash
from tests.fakes.salesforce import refusal as salesforce_refusal
from tests.fakes.whmcs import refusal

AT_NEW = "530-0001 4-5 Umeda Heights 101"
AT_OLD = "150-0001 1-2-3 Jingumae"


@pytest.fixture
async def world(migrated_file, tmp_path):
    database = tmp_path / "addresses.db"
    shutil.copy(migrated_file, database)
    made = AddressWorld(database)
    yield made
    await made.close()


@pytest.fixture
async def customer(world):
    return await world.a_customer()


async def outcomes(world: AddressWorld, event: str) -> list[str]:
    async with world.db.read() as session:
        found = await session.execute(text("SELECT outcome FROM audit_log WHERE event = :event"), {"event": event})
        return [row[0] for row in found]


async def test_a_move_is_in_whmcs_at_once_and_in_salesforce_right_after(world, customer):
    await world.book.change(customer, a_change())
    assert world.at_whmcs() == AT_NEW
    assert world.availability() == "Eligible", "not before the worker has come"
    await world.worker_goes_on()
    kept = world.contact()
    assert (kept["MailingPostalCode"], kept["MailingState"], kept["MailingCity"]) == (
        "530-0001",
        "大阪府",
        "大阪市北区",
    )
    assert (kept["MailingStreet"], kept["BuildingName__c"], kept["RoomNumber__c"]) == ("梅田4-5", "Heights", "101")
    assert world.availability() == "Not Requested"


async def test_the_new_address_is_what_everybody_reads_from_then_on(world, customer):
    await world.book.get(customer)
    await world.book.change(customer, a_change())
    assert (await world.book.get(customer)).key == a_change().roman.key


async def test_an_address_that_whmcs_keeps_in_another_spelling_ends_the_old_availability_all_the_same(world, customer):
    await world.book.change(customer, a_change())
    world.whmcs.clients[0]["address2"] = "HEIGHTS NO. 101"
    await world.worker_goes_on()
    assert world.availability() == "Not Requested"
    assert "MailingCity" not in world.contact(), "whether it is the same place is for a person to say"
    assert not await world.book.is_settling(customer)
    assert await outcomes(world, "address.contact") == ["failed"]


async def test_a_move_that_another_one_follows_calls_nobody(world, customer):
    await world.book.change(customer, a_change())
    world.clock.advance(1)
    await world.book.change(customer, a_change(block="7-8"))
    for _ in range(2):
        await world.worker_goes_on(by=20)
    assert (world.contact()["MailingStreet"], world.availability()) == ("梅田7-8", "Not Requested")
    assert await outcomes(world, "address.contact") == []


async def test_until_salesforce_knows_the_availability_belongs_to_another_address(world, customer):
    assert not await world.book.is_settling(customer)
    await world.book.change(customer, a_change())
    assert await world.book.is_settling(customer)
    await world.worker_goes_on()
    assert not await world.book.is_settling(customer)


async def test_a_change_is_remembered_beyond_its_end_and_one_that_was_not_made_is_none(world, customer):
    before = world.clock.now()
    assert not await world.book.changed_since(customer, before)
    await world.book.change(customer, a_change())
    assert await world.book.changed_since(customer, before)
    await world.worker_goes_on()
    assert await world.book.changed_since(customer, before)
    world.clock.advance(timedelta(minutes=5))
    assert not await world.book.changed_since(customer, world.clock.now())
    assert not await world.book.changed_since(replace(customer, user_id=customer.user_id[:-1]), before)


async def test_the_same_address_again_resets_nothing(world, customer):
    await world.book.change(customer, a_change(OLD))
    await world.worker_goes_on()
    assert world.availability() == "Eligible"
    assert world.contact()["MailingStreet"] == "神宮前1-2-3", "the Japanese spelling is news to Salesforce"


async def test_pages_are_told_at_once_and_again_when_it_is_settled(world, customer):
    settling = []

    async def page(topic: str, _: str) -> None:
        settling.append(await world.book.is_settling(customer))

    world.bus.subscribe(f"customer:{customer.user_id}:address", page)
    await world.book.change(customer, a_change())
    await world.bus.settled()
    assert "work:outbox" in world.heard, "the worker does not wait for its next round"
    await world.worker_goes_on()
    await world.bus.settled()
    assert settling == [True, False]
    assert f"customer:{customer.user_id}:checks" in world.heard


async def test_t1_the_second_half_ends_before_another_worker_may_begin_with_it(world, customer, monkeypatch):
    left: list[float] = []

    async def reset(_: object) -> None:
        left.append(remaining())

    monkeypatch.setattr(world.checks, "reset_availability", reset)
    await world.book.change(customer, a_change())
    await world.worker_goes_on()
    assert len(left) == 1 and left[0] < LEASE.total_seconds() - 20


@pytest.mark.parametrize("what", ["Query", "Update"])
async def test_f11_salesforce_away_is_no_error_and_is_told_when_it_is_back(world, customer, what):
    world.salesforce_away(what)
    await world.book.change(customer, a_change())
    await world.worker_goes_on()
    assert (world.at_whmcs(), "MailingCity" in world.contact()) == (AT_NEW, False)
    assert await world.book.is_settling(customer)
    world.salesforce_back()
    await world.worker_goes_on(by=20)
    assert (world.availability(), world.contact()["MailingCity"]) == ("Not Requested", "大阪市北区")
    assert not await world.book.is_settling(customer)


async def test_f1_a_lost_answer_is_looked_into_and_the_move_goes_on(world, customer):
    world.whmcs.will_lose("UpdateClient")
    with pytest.raises(UpstreamOutcomeUnknown):
        await world.book.change(customer, a_change())
    await world.worker_goes_on(by=50)
    assert world.availability() == "Eligible", "WHMCS may still be at it"
    assert await world.book.is_settling(customer)
    await world.worker_goes_on(by=11)
    assert (world.availability(), world.contact()["MailingCity"]) == ("Not Requested", "大阪市北区")
    assert len(world.whmcs.asked("UpdateClient")) == 1


async def test_f1_a_write_that_never_arrived_changes_nothing_anywhere(world, customer):
    world.whmcs.will("UpdateClient", httpx.ReadTimeout("no answer"))
    with pytest.raises(UpstreamOutcomeUnknown):
        await world.book.change(customer, a_change())
    await world.worker_goes_on(by=61)
    assert (world.at_whmcs(), world.availability()) == (AT_OLD, "Eligible")
    assert world.salesforce.count("Update") == 0
    assert not await world.book.is_settling(customer)


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (httpx.ConnectError("refused"), UpstreamUnavailable),
        (refusal("You did not enter your city"), UpstreamRejected),
    ],
)
async def test_what_was_surely_not_written_leaves_nothing_behind(world, customer, failure, raised):
    world.whmcs.will("UpdateClient", failure)
    with pytest.raises(raised):
        await world.book.change(customer, a_change())
    assert not await world.book.is_settling(customer)
    await world.worker_goes_on(by=61)
    assert (world.at_whmcs(), world.availability(), world.salesforce.count("Update")) == (AT_OLD, "Eligible", 0)


async def test_without_whmcs_nothing_is_begun(world, customer):
    world.whmcs.down = True
    with pytest.raises(UpstreamUnavailable):
        await world.book.change(customer, a_change())
    assert await world.outbox.depth() == 0


async def test_f1_a_crash_before_whmcs_was_told_changes_nothing_anywhere(world, customer):
    world.db.crash_after(1)  # the intent is kept, nothing after it
    with pytest.raises(Crash):
        await world.book.change(customer, a_change())
    world.starts_again()
    assert world.at_whmcs() == AT_OLD, "the intent comes before the call"
    await world.worker_goes_on(by=61)
    assert (world.at_whmcs(), world.availability(), await world.outbox.depth()) == (AT_OLD, "Eligible", 0)


async def test_f1_a_process_that_dies_after_the_write_leaves_the_rest_to_the_worker(world, customer):
    world.db.crash_before(2)  # the intent is kept and WHMCS told; that it is due is not
    with pytest.raises(Crash):
        await world.book.change(customer, a_change())
    world.starts_again()
    assert world.at_whmcs() == AT_NEW
    await world.worker_goes_on(by=61)
    assert (world.availability(), world.contact()["MailingCity"]) == ("Not Requested", "大阪市北区")


@pytest.mark.parametrize("lost", [(), ("UpdateClient",)], ids=["answered", "unanswered"])
@pytest.mark.parametrize("commits", range(1, 9))
@pytest.mark.parametrize("when", ["crash_before", "crash_after"])
async def test_f1_whatever_moment_the_process_dies_at_both_systems_agree_in_the_end(
    world, customer, when, commits, lost
):
    for action in lost:
        world.whmcs.will_lose(action)
    getattr(world.db, when)(commits)
    with suppress(Crash, UpstreamOutcomeUnknown):
        await world.book.change(customer, a_change())
        await world.worker_goes_on(by=61)
    world.starts_again()
    for _ in range(4):
        await world.worker_goes_on(by=100)
    moved = world.at_whmcs() == AT_NEW
    assert world.availability() == ("Not Requested" if moved else "Eligible")
    assert world.contact().get("MailingCity") == ("大阪市北区" if moved else None)
    assert (await world.outbox.depth(), await world.book.is_settling(customer)) == (0, False)


async def test_a_check_that_is_being_asked_for_at_the_old_address_is_taken_back_after_it(world, customer):
    async with world.locks.hold(availability_lock(customer)):
        await world.book.change(customer, a_change())
        await world.worker_goes_on()
        assert await world.book.is_settling(customer)
        world.salesforce.records["Account"][0]["Internet_Eligibility_Status__c"] = "Pending"
    await world.worker_goes_on(by=20)
    assert world.availability() == "Not Requested"


async def test_an_availability_asked_for_before_the_move_goes_with_the_old_address(world, customer):
    account = world.salesforce.records["Account"][0]
    account["Internet_Eligibility_Status__c"] = "Pending"
    account["Internet_Eligibility_Request_Date_Time__c"] = (world.clock.now() - timedelta(hours=1)).isoformat()
    await world.book.change(customer, a_change())
    await world.worker_goes_on()
    assert world.availability() == "Not Requested"


async def test_two_moves_while_salesforce_is_away_arrive_in_their_order(world, customer):
    world.salesforce_away()
    await world.book.change(customer, a_change(building="ハイシ", building_roman="Heights"))
    await world.worker_goes_on()
    world.clock.advance(1)
    await world.book.change(customer, a_change(building="ハイツ", building_roman="Heights"))
    world.salesforce_back()
    await world.worker_goes_on()  # the second is due now, the first only when its pause is over
    for _ in range(12):
        await world.worker_goes_on(by=60)
    assert world.contact()["BuildingName__c"] == "ハイツ"
    assert world.availability() == "Not Requested"
    assert await world.outbox.depth() == 0


async def test_a_move_and_back_leaves_the_old_address_and_no_availability(world, customer):
    world.salesforce_away()
    await world.book.change(customer, a_change(NEW))
    world.clock.advance(1)
    await world.book.change(customer, a_change(OLD))
    world.salesforce_back()
    for _ in range(12):
        await world.worker_goes_on(by=60)
    assert (world.at_whmcs(), world.contact()["MailingStreet"]) == (AT_OLD, "神宮前1-2-3")
    assert world.availability() == "Not Requested", (
        "somebody lived elsewhere for a while: asked again rather than wrong"
    )


async def test_the_same_address_again_after_a_move_that_was_given_up_still_resets(world, customer):
    world.salesforce.keeps("Update", salesforce_refusal(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
    await world.book.change(customer, a_change())
    await world.worker_goes_on()
    assert await world.book.is_settling(customer), "given up, and the old availability does not count"
    world.salesforce_back()
    world.clock.advance(1)
    await world.book.change(customer, a_change())
    await world.worker_goes_on()
    assert world.availability() == "Not Requested"
    assert not await world.book.is_settling(customer)


async def test_an_account_without_the_customers_contact_is_left_to_staff_and_blocks_nothing(world, customer, caplog):
    world.salesforce.records["Contact"].clear()
    await world.book.change(customer, a_change())
    await world.worker_goes_on()
    assert world.availability() == "Not Requested"
    assert not await world.book.is_settling(customer)
    assert "address not written to a contact" in caplog.text


async def test_a_customer_without_an_account_moves_in_whmcs_alone(world):
    customer = await world.a_customer(account="")
    await world.book.change(customer, a_change())
    await world.worker_goes_on()
    assert world.at_whmcs() == AT_NEW
    assert (await world.outbox.depth(), world.salesforce.asked) == (0, [])


async def test_two_tabs_that_move_at_once_end_with_one_address_in_both_systems(world, customer):
    await asyncio.gather(
        world.book.change(customer, a_change(NEW, room="201")), world.book.change(customer, a_change(NEW, room="202"))
    )
    for _ in range(6):
        await world.worker_goes_on(by=60)
    assert world.contact()["RoomNumber__c"] == world.at_whmcs()[-3:]
    assert world.availability() == "Not Requested"


async def test_o1_r1_the_row_is_sealed_and_its_key_names_nobody(world, customer):
    await world.book.change(customer, a_change())

    async with world.db.read() as session:
        kept = str(list(await session.execute(text("SELECT * FROM outbox"))))
        noted = str(list(await session.execute(text("SELECT * FROM audit_log"))))
    for canary in ("Umeda", "梅田", "530-0001", "Heights"):
        assert canary not in kept + noted
    assert "address.changed" in noted
