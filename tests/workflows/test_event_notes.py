"""What is kept of an event: enough to act on, and no value of it (E5)."""

import json

import pytest

from portal_app.integrations.salesforce.pubsub.events import (
    AccountChanged,
    CaseChanged,
    ChangeType,
    FulfilmentRequested,
)
from portal_app.workflows.event_notes import MOST_IDS, MOST_NAMES, arrival, read_note
from tests.fakes.events import ACCOUNT_ID, CASE_ID, ORDER_ID, ORDERS, changed, received


@pytest.mark.parametrize(
    "event",
    [
        FulfilmentRequested(ORDER_ID, correlation_id="c-1"),
        AccountChanged(ACCOUNT_ID, frozenset({"Internet_Eligibility__c"})),
        CaseChanged(CASE_ID, ACCOUNT_ID),
        CaseChanged(CASE_ID),
        changed("Order", ORDER_ID, from_portal=True, transaction_key="", sequence_number=0),
        changed("Order", change_type=ChangeType.GAP_OVERFLOW, transaction_key="", sequence_number=0),
    ],
)
def test_an_event_comes_back_as_it_was(event):
    assert read_note(arrival(received(event=event)).body) == (ORDERS.name, event)


def test_i5_who_asked_and_with_which_key_is_not_kept():
    event = FulfilmentRequested(ORDER_ID, idempotency_key="key-1", requested_by="Hanako Sato", version=3)
    kept = arrival(received(event=event))
    assert (kept.event_id, kept.event_type) == ("e1", "FulfilmentRequested")
    assert set(json.loads(kept.body)) == {"event", "topic", "order", "correlation"}
    assert b"Hanako" not in kept.body and b"key-1" not in kept.body


def test_names_of_every_list_are_kept_as_one():
    names = {"changed": frozenset("a"), "nulled": frozenset("b"), "diffed": frozenset("c")}
    _, event = read_note(arrival(received(event=changed("Account", ACCOUNT_ID, **names))).body)
    assert event.changed == {"a", "b", "c"}


def test_more_than_can_be_named_is_everything():
    names = frozenset(f"F{n}__c" for n in range(MOST_NAMES + 1))
    many = changed("Order", *[ORDER_ID] * (MOST_IDS + 1), changed=names)
    _, event = read_note(arrival(received(event=many)).body)
    assert (event.record_ids, event.changed) == ((), frozenset())


def test_a_type_of_odd_letters_is_told_without_them():
    assert arrival(received(event=changed("Odd\x00\ud800"))).event_type == "RecordChanged.Odd"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"event": "Other", "topic": "t"}', b'{"event": "CaseChanged"}'])
def test_what_nobody_wrote_is_no_note(body):
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_note(body)
