"""Events: what they say, who they are, and what becomes of those that cannot be read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.integrations.salesforce.pubsub.decoding import Decoder, Quarantined, Received, Undecodable, understood
from portal_app.integrations.salesforce.pubsub.events import (
    AccountChanged,
    CaseChanged,
    ChangeType,
    FulfilmentRequested,
    NotOurEvent,
    RecordChanged,
    Role,
    read_platform_event,
)
from portal_app.integrations.salesforce.pubsub.schemas import Schemas, read_schema
from portal_app.integrations.salesforce.pubsub.wire import WireEvent
from sandbox.pubsub.schemas import every_schema
from tests.integrations.salesforce.pubsub.listening import (
    ACCOUNT_ID,
    CASE_ID,
    ORDER_ID,
    ORDER_SCHEMA,
    an_order_event,
    packed,
)

ACCOUNT_SCHEMA = every_schema()["AccountChangeEvent"]
ACCOUNT_FIELDS = [one["name"] for one in json.loads(ACCOUNT_SCHEMA)["fields"]]


def a_change(event_id: str = "", **header: Any) -> WireEvent:
    """An update of one account's phone."""
    values: dict[str, Any] = dict.fromkeys(ACCOUNT_FIELDS)
    changed = f"0x{1 << ACCOUNT_FIELDS.index('Phone'):08X}"
    values["ChangeEventHeader"] = {
        "entityName": "Account",
        "recordIds": [ACCOUNT_ID],
        "changeType": "UPDATE",
        "changeOrigin": "com/salesforce/api/rest/59.0;client=portal",
        "transactionKey": "key",
        "sequenceNumber": 1,
        "commitTimestamp": 1_700_000_000_000,
        "commitNumber": 7,
        "commitUser": "005",
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [changed],
    } | header
    return WireEvent(event_id, "A", packed(values, ACCOUNT_SCHEMA), b"\x01")


def changed_by(wire: WireEvent) -> tuple[str, RecordChanged]:
    event_id, event = understood(read_schema(ACCOUNT_SCHEMA), wire, Role.CHANGES)
    assert isinstance(event, RecordChanged)
    return event_id, event


@pytest.mark.parametrize(
    "fields",
    [
        {"OrderId__c": ORDER_ID, "IdemKey__c": "k", "CorrelationId__c": "c", "RequestedBy__c": "r", "Version__c": 2.0},
        {
            "Order_Id__c": ORDER_ID,
            "Idempotency_Key__c": "k",
            "Correlation_Id__c": "c",
            "Requested_By__c": "r",
            "Version__c": 2,
        },
        {
            "Order_Id__c": ORDER_ID[:15],
            "Idem_Key__c": "k",
            "CorrelationId__c": "c",
            "RequestedBy__c": "r",
            "Version__c": 2,
        },
    ],
)
def test_a_fulfilment_request_is_read_in_every_spelling(fields):
    assert read_platform_event(Role.FULFILMENT, fields) == FulfilmentRequested(ORDER_ID, "k", "c", "r", 2)


def test_what_is_optional_may_be_missing():
    assert read_platform_event(Role.FULFILMENT, {"OrderId__c": ORDER_ID}) == FulfilmentRequested(ORDER_ID)
    assert read_platform_event(Role.CASE, {"Case_Id__c": CASE_ID, "Account_Id__c": None}) == CaseChanged(CASE_ID)


def test_an_account_event_names_what_was_decided_and_not_the_values():
    fields = {"AccountId__c": ACCOUNT_ID, "Status__c": "Eligible", "Other__c": None, "CreatedById": "005"}
    assert read_platform_event(Role.ACCOUNT, fields) == AccountChanged(ACCOUNT_ID, frozenset({"Status__c"}))


@pytest.mark.parametrize(
    ("role", "fields", "reason"),
    [
        (Role.FULFILMENT, {"OrderId__c": None}, "no_orderid"),
        (Role.FULFILMENT, {"OrderId__c": ACCOUNT_ID}, "no_orderid"),
        (Role.FULFILMENT, {"OrderId__c": "801' OR '1"}, "no_orderid"),
        (Role.ACCOUNT, {}, "no_accountid"),
        (Role.CASE, {"Case_Id__c": ORDER_ID}, "no_caseid"),
        (Role.CHANGES, {"OrderId__c": ORDER_ID}, "no_change_event"),
    ],
)
def test_an_event_without_the_record_it_is_about_is_none_of_ours(role, fields, reason):
    with pytest.raises(NotOurEvent) as refused:
        read_platform_event(role, fields)
    assert refused.value.reason == reason


def test_a_change_says_what_changed_when_and_by_whom():
    _, event = changed_by(a_change())
    assert (event.entity, event.record_ids, event.change_type) == ("Account", (ACCOUNT_ID,), ChangeType.UPDATE)
    assert (event.changed, event.nulled, event.diffed) == ({"Phone"}, frozenset(), frozenset())
    assert event.from_portal and event.committed_at.isoformat() == "2023-11-14T22:13:20+00:00" and not event.gap


def test_a_change_by_somebody_else_is_not_taken_for_ours():
    for origin in ("", "com/salesforce/api/rest/59.0;client=portal2", "client=portal.example"):
        assert not changed_by(a_change(changeOrigin=origin))[1].from_portal


def test_a_wildcard_puts_every_record_in_doubt():
    assert changed_by(a_change(recordIds=["001*"]))[1].record_ids == ()


def test_a_gap_says_so():
    assert changed_by(a_change(changeType="GAP_OVERFLOW", changedFields=[]))[1].gap


def test_e1_a_change_is_known_by_transaction_place_and_records_never_by_its_replay_id():
    first, _ = changed_by(a_change())
    assert changed_by(WireEvent("an id", "A", a_change().payload, b"\x09"))[0] == first
    others = [
        a_change(transactionKey="other"),
        a_change(sequenceNumber=2),
        a_change(recordIds=[ACCOUNT_ID, ACCOUNT_ID]),
    ]
    assert first not in {changed_by(one)[0] for one in others}
    assert len(changed_by(a_change(transactionKey="k" * 500))[0]) <= 200


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (a_change(changedFields=["0xFFFFFFFFFFFFFFFFFFFF"]), "bitmap"),
        (a_change(commitTimestamp=2**62), "change_header"),
        (a_change(entityName=""), "change_header"),
        (WireEvent("", "A", a_change().payload + b"\x00", b""), "avro"),
        (WireEvent("", "A", b"\xff" * 40, b""), "avro"),
        (WireEvent("", "A", b"", b""), "avro"),
    ],
)
def test_e6_what_cannot_be_read_says_why(wire, reason):
    with pytest.raises(Undecodable) as refused:
        changed_by(wire)
    assert refused.value.reason == reason


@given(st.binary(max_size=400))
def test_e6_no_bytes_whatever_get_past_the_decoder_as_another_error(payload):
    for text, role in ((ACCOUNT_SCHEMA, Role.CHANGES), (ORDER_SCHEMA, Role.FULFILMENT)):
        try:
            understood(read_schema(text), WireEvent("", "A", payload, b""), role)
        except (Undecodable, NotOurEvent):
            continue


def a_decoder(schema: str = ORDER_SCHEMA) -> Decoder:
    async def fetch(schema_id: str) -> str:
        return schema

    return Decoder("/event/X__e", Role.FULFILMENT, Schemas(fetch))


async def test_e6_an_undecodable_event_is_kept_byte_for_byte():
    found = await a_decoder().read(an_order_event(3, payload=b"\xff\xff"))
    assert found == Quarantined("event-3", "avro", b"\x03", "/event/X__e", "S", b"\xff\xff")
    assert "\\xff" not in repr(found)


@pytest.mark.parametrize(
    "schema", ["no json", "[]", '{"type":"record"}', '{"name":"X","fields":[{"name":1}]}', "[" * 9999]
)
async def test_e6_a_schema_nobody_understands_puts_its_events_in_quarantine(schema):
    found = await a_decoder(schema).read(an_order_event())
    assert isinstance(found, Quarantined) and found.reason == "schema_not_avro"


async def test_e1_an_event_is_known_by_its_own_id_and_without_one_by_its_bytes():
    decoder = a_decoder()
    first, second = [await decoder.read(an_order_event(n, event_id="same")) for n in (1, 2)]
    assert isinstance(first, Received) and first.event_id == second.event_id == "same"
    nameless = [await decoder.read(an_order_event(n, event_id="")) for n in (1, 2)]
    assert nameless[0].event_id == nameless[1].event_id != first.event_id
    endless = await decoder.read(an_order_event(event_id="x" * 5000))
    assert len(endless.event_id) <= 200
