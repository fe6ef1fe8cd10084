"""A subscriber and the sandbox, over real sockets."""

import asyncio

from portal_app.integrations.salesforce.pubsub.decoding import Quarantined
from portal_app.integrations.salesforce.pubsub.events import AccountChanged, CaseChanged, FulfilmentRequested
from portal_app.integrations.salesforce.pubsub.subscriber import NotStored
from portal_app.integrations.salesforce.pubsub.wire import Preset, Timing
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS
from tests.integrations.salesforce.pubsub.listening import (
    ACCOUNT_ID,
    ACCOUNTS,
    CASES,
    CHANGES,
    ORDER_ID,
    ORDERS,
    PATIENCE_S,
    Notebook,
)

CASE = "Case_Status_Update__e"


def case_id(number: int) -> str:
    from sandbox.salesforce import ids

    return ids.make("500", number)


def publish(bus, *numbers: int) -> None:
    for number in numbers:
        bus.publish(CASE, {"Case_Id__c": case_id(number), "Account_Id__c": ACCOUNT_ID})


def said(*numbers: int) -> list[CaseChanged]:
    return [CaseChanged(case_id(number), ACCOUNT_ID) for number in numbers]


async def test_what_staff_do_arrives_typed(listen, bus, sandbox):
    orders, accounts = Notebook(), Notebook()
    await listen(ORDERS, orders)
    await listen(ACCOUNTS, accounts)
    bus.publish("Order_Fulfilment_Requested__e", {"OrderId__c": ORDER_ID, "IdemKey__c": "key", "Version__c": 1.0})
    changes = {"Internet_Eligibility_Status__c": "Eligible"}
    dml.update(sandbox.world.salesforce.records, OBJECTS["Account"], ACCOUNT_ID, changes)
    (asked,) = await orders.events(1)
    assert asked == FulfilmentRequested(ORDER_ID, "key", version=1)
    assert await accounts.events(1) == [AccountChanged(ACCOUNT_ID, frozenset(changes))]


async def test_a_changed_record_arrives_with_the_names_of_its_fields(listen, sandbox):
    sink, records = Notebook(), sandbox.world.salesforce.records
    await listen(CHANGES, sink)
    with records.asked_by("com/salesforce/api/rest/59.0;client=portal"):
        changes = {"ShippingCity": "Osaka", "ShippingStreet": "1-1"}
        dml.update(records, OBJECTS["Account"], ACCOUNT_ID, changes)
    dml.update(records, OBJECTS["Account"], ACCOUNT_ID, {"ShippingStreet": None, "Website": "https://example.com"})
    first, second = await sink.events(2)
    assert first.record_ids == (ACCOUNT_ID,) and first.from_portal and not second.from_portal
    assert {"ShippingAddress.Street", "Website", "LastModifiedDate"} <= second.changed | first.changed
    assert second.nulled == {"ShippingAddress.Street"}


async def test_e4_no_more_than_25_come_before_the_first_are_stored(listen, bus):
    sink = Notebook()
    sink.open.clear()
    await listen(CASES, sink)
    publish(bus, *range(1, 61))
    (listener,) = bus.listeners
    async with asyncio.timeout(PATIENCE_S):
        while listener.credit:
            await asyncio.sleep(0)
    assert listener.delivered == 25
    sink.open.set()
    assert await sink.events(60) == said(*range(1, 61))
    assert max(len(batch.items) for batch in sink.batches) <= 25


async def test_e2_after_a_cut_it_goes_on_behind_the_stored_cursor(listen, bus):
    sink = Notebook()
    await listen(CASES, sink)
    publish(bus, 1, 2)
    await sink.events(2)
    bus.end_streams()
    publish(bus, 3)
    assert await sink.events(3) == said(1, 2, 3)
    assert sum(len(batch.items) for batch in sink.batches) == 3


async def test_e2_a_keepalive_moves_the_cursor(listen, bus):
    bus.timing.keepalive_s = 0.05
    sink = Notebook()
    await listen(CASES, sink)
    await sink.until(lambda: sink.batches)
    assert sink.batches[0].items == ()
    bus.end_streams()
    publish(bus, 1)
    assert await sink.events(1) == said(1)


async def test_e2_an_event_that_was_not_stored_comes_again(listen, bus):
    sink = Notebook(Preset.EARLIEST)
    sink.failing = [RuntimeError("database away")]
    await listen(CASES, sink)
    publish(bus, 1)
    assert await sink.events(1) == said(1)


async def test_e9_a_sink_that_somebody_else_has_taken_over_is_no_defect(listen, bus, caplog):
    sink = Notebook(Preset.EARLIEST)
    sink.failing = [NotStored("cursor_taken")]
    publish(bus, 1)
    subscriber = await listen(CASES, sink)
    assert await sink.events(1) == said(1)
    assert (subscriber.state.streams, len(sink.starts)) == (2, 2)
    assert [one.code for one in caplog.records if one.message == "event_stream_ended"] == ["cursor_taken"]
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


async def test_e3_after_a_move_of_the_org_everything_retained_is_read_again(listen, bus):
    sink = Notebook()
    await listen(CASES, sink)
    publish(bus, 1, 2)
    await sink.events(2)
    bus.log.move_org()
    bus.end_streams()
    publish(bus, 3)
    assert await sink.events(3) == said(1, 2, 3)
    assert (sink.lost, sink.starts[-1]) == (1, Preset.EARLIEST)


async def test_e4_a_line_that_went_dead_is_noticed_and_opened_again(listen, bus):
    sink = Notebook(Preset.EARLIEST)
    bus.troubles.silent = True
    subscriber = await listen(CASES, sink, Timing(silence_s=0.1, first_wait_s=0.01))
    publish(bus, 1)
    await sink.until(lambda: len(sink.starts) >= 2)
    assert subscriber.state.code == "silent"
    bus.troubles.heal()
    bus.wake()
    assert await sink.events(1) == said(1)


async def test_an_expired_session_costs_nothing_but_a_new_token(listen, bus, sandbox, tokens):
    sink = Notebook()
    await listen(CASES, sink)
    publish(bus, 1)
    await sink.events(1)
    sandbox.world.salesforce.sessions.expire()
    publish(bus, 2)
    assert await sink.events(2) == said(1, 2)
    assert tokens.made == 2


async def test_e6_an_undecodable_event_is_set_aside_and_the_next_one_read(listen, bus):
    sink = Notebook()
    await listen(CASES, sink)
    bus.troubles.add(kind="undecodable")
    publish(bus, 1, 2)
    await sink.until(lambda: len(sink.kept) == 2)
    bad, good = sink.kept.values()
    assert isinstance(bad, Quarantined) and (bad.reason, bad.payload) == ("avro", b"\xff" * 40)
    assert good.event == said(2)[0] and sink.position.replay_id == good.replay_id


async def test_e6_a_schema_that_cannot_be_had_just_now_sets_nothing_aside(listen, bus):
    sink = Notebook(Preset.EARLIEST)
    bus.troubles.add(kind="refuse", method="GetSchema", code="schema.api.unavailable")
    await listen(CASES, sink)
    publish(bus, 1)
    assert await sink.events(1) == said(1)


async def test_e6_a_schema_that_changes_in_mid_stream_is_fetched(listen, bus):
    sink = Notebook()
    subscriber = await listen(CASES, sink)
    publish(bus, 1)
    bus.change_schema(CASE, "Extra__c")
    publish(bus, 2)
    assert await sink.events(2) == said(1, 2)
    assert subscriber.state.streams == 1


async def test_e1_a_repeat_has_the_same_identity_in_both_kinds_of_events(listen, bus, sandbox):
    cases, changes = Notebook(), Notebook()
    await listen(CASES, cases)
    await listen(CHANGES, changes)
    bus.troubles.add(kind="duplicate", entity=CASE)
    bus.troubles.add(kind="duplicate", entity="AccountChangeEvent")
    publish(bus, 1)
    dml.update(sandbox.world.salesforce.records, OBJECTS["Account"], ACCOUNT_ID, {"Phone": "0312345678"})
    for sink in (cases, changes):
        await sink.until(lambda sink=sink: sum(len(batch.items) for batch in sink.batches) == 2)
        assert len(sink.kept) == 1


async def test_e4_a_stream_that_was_closed_for_want_of_credit_is_opened_again(listen, bus):
    bus.timing.starving_s = 0.05
    sink = Notebook()
    await listen(CASES, sink)
    sink.open.clear()
    publish(bus, *range(1, 31))
    async with asyncio.timeout(PATIENCE_S):
        while bus.listeners:
            await asyncio.sleep(0)
    sink.open.set()
    assert await sink.events(30) == said(*range(1, 31))


async def test_an_endpoint_that_comes_back_is_found_again(listen, bus):
    sink = Notebook()
    subscriber = await listen(CASES, sink)
    publish(bus, 1)
    await sink.events(1)
    await bus.server.set_up(False)
    publish(bus, 2)
    await bus.server.set_up(True)
    assert await sink.events(2) == said(1, 2)
    assert subscriber.state.status == "connected"
