"""A record with its children in one request: what is sent, and what each answer means."""

import json

import pytest
import requests

from portal_app.errors import UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.salesforce.composite import create_family
from portal_app.integrations.salesforce.ids import as_18
from tests.fakes.salesforce import Reply, expired, page_of_html, refusal
from tests.integrations.virtual_time import in_virtual_time

ORDER, LINES = as_18("801000000000001"), [as_18(f"802{number:012d}") for number in (1, 2)]
HALTED = [{"errorCode": "PROCESSING_HALTED", "message": "TextCanary"}]


def answered(*parts: tuple[int, object], names=("parent", "child0", "child1")) -> Reply:
    rows = [
        {"httpStatusCode": status, "referenceId": name, "body": body, "httpHeaders": {}}
        for (status, body), name in zip(parts, names, strict=True)
    ]
    return Reply(200, {"compositeResponse": rows})


def made(record_id: object) -> tuple[int, object]:
    return 201, {"id": record_id, "success": True, "errors": []}


def refused(code: str, status: int = 400) -> tuple[int, object]:
    return status, [{"errorCode": code, "message": "TextCanary", "fields": []}]


GOOD = answered(made(ORDER), made(LINES[0]), made(LINES[1]))


def ask(connected, children=2):
    values = [{"Quantity": number} for number in range(1, children + 1)]
    return create_family(connected.client, "Order", {"Status": "Draft"}, "OrderItem", "OrderId", values)


@in_virtual_time
async def test_f8a_parent_and_children_go_out_together_all_or_none(connected, salesforce):
    salesforce.will("Create", GOOD)
    assert await ask(connected) == (ORDER, tuple(LINES))
    (sent,) = salesforce.sent("Create")
    assert sent["allOrNone"] is True and salesforce.of("Create")[0].url.endswith("/services/data/v59.0/composite")
    urls = [(part["method"], part["url"], part["referenceId"]) for part in sent["compositeRequest"]]
    root = "/services/data/v59.0/sobjects"
    assert urls == [
        ("POST", f"{root}/Order", "parent"),
        ("POST", f"{root}/OrderItem", "child0"),
        ("POST", f"{root}/OrderItem", "child1"),
    ]
    assert sent["compositeRequest"][2]["body"] == {"Quantity": 2, "OrderId": "@{parent.id}"}


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("DUPLICATE_VALUE", "duplicate_value"),
        ("FIELD_INTEGRITY_EXCEPTION", "integrity"),
        ("REQUIRED_FIELD_MISSING", "required"),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "validation"),
        ("SOMETHING_NEW", "other"),
    ],
)
def test_the_guilty_part_is_named_and_the_halted_ones_are_innocent(connected, salesforce, place, theirs, ours):
    @in_virtual_time
    async def run():
        parts = [(400, HALTED)] * 3
        parts[place] = refused(theirs)
        salesforce.will("Create", answered(*parts))
        with pytest.raises(UpstreamRejected) as why:
            await ask(connected)
        assert why.value.code == ours and "TextCanary" not in str(why.value) and salesforce.count("Create") == 1

    run()


@in_virtual_time
async def test_a_locked_row_undid_everything_so_it_is_tried_again(connected, salesforce):
    locked = answered((400, HALTED), refused("UNABLE_TO_LOCK_ROW"), (400, HALTED))
    salesforce.will("Create", locked, GOOD)
    assert (await ask(connected))[0] == ORDER and salesforce.count("Create") == 2


@in_virtual_time
async def test_an_ended_session_is_renewed_and_the_request_sent_again(connected, salesforce):
    salesforce.will("Create", expired(), GOOD)
    assert (await ask(connected))[0] == ORDER and salesforce.count("Login") == 2


LOST = [
    requests.exceptions.ReadTimeout(),
    requests.exceptions.ConnectionError("cut"),
    page_of_html(502),
    Reply(200, {"compositeResponse": []}),
    Reply(200, {}),
    Reply(200, [1]),
    answered(made(ORDER), made(LINES[0]), (201, {"id": LINES[1], "success": False})),
    answered(made(ORDER), made(LINES[0]), (201, {"id": "x", "success": True})),
    answered(made(LINES[0]), made(LINES[0]), made(LINES[1])),
    answered(made(ORDER), made(LINES[0]), made(LINES[1]), names=("parent", "child1", "child0")),
    answered((400, HALTED), (400, HALTED), (400, HALTED)),
    answered(made(ORDER), refused("UNKNOWN_EXCEPTION", 500), (400, HALTED)),
]


@pytest.mark.parametrize("answer", LOST)
def test_f8a_a_lost_or_strange_answer_is_of_unknown_outcome_and_never_sent_again(connected, salesforce, answer):
    @in_virtual_time
    async def run():
        salesforce.will("Create", answer)
        with pytest.raises(UpstreamOutcomeUnknown):
            await ask(connected)
        assert salesforce.count("Create") == 1

    run()


@in_virtual_time
async def test_a_whole_request_that_is_refused_did_nothing(connected, salesforce):
    salesforce.keeps("Create", refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    with pytest.raises(UpstreamUnavailable):
        await ask(connected)


@pytest.mark.parametrize("children", [0, 25])
def test_a_family_has_its_limits(connected, salesforce, children):
    @in_virtual_time
    async def run():
        with pytest.raises(ValueError, match="24"):
            await ask(connected, children)
        assert salesforce.asked == []

    run()


@in_virtual_time
async def test_no_name_of_a_field_is_taken_from_outside(connected, salesforce):
    with pytest.raises(ValueError, match="field"):
        await create_family(connected.client, "Order", {"a b": 1}, "OrderItem", "OrderId", [{}])
    with pytest.raises(ValueError, match="object"):
        await create_family(connected.client, "../User", {}, "OrderItem", "OrderId", [{}])
    assert json.dumps(salesforce.sent("Create")) == "[]"
