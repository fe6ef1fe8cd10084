"""What an approved order asks for, how it is recognised, and which way it can go."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal_app.domain.catalog import Cycle, ItemClass, ProductLine
from portal_app.domain.fulfilment import (
    INTENTS,
    NEXT,
    TERMINAL,
    Code,
    NotFulfillable,
    State,
    billed_lines,
    is_set_up,
    marker,
    read_marker,
)
from tests.fakes.fulfilment_world import INTERNET, SIM, VPN, an_order

ORDER = "801000000000001AAA"


def with_line(number: int, **changes):
    order = an_order(1)
    lines = tuple(replace(line, **changes) if line.number == number else line for line in order.lines)
    return replace(order, lines=lines)


def test_f2_a_mark_is_made_of_the_order_alone_and_read_back():
    assert marker(ORDER, 2) == "portal:801000000000001AAA:2"
    assert read_marker(f"  {marker(ORDER, 12)} ") == (ORDER, 12)


@pytest.mark.parametrize(
    "text", ["", "example.com", "portal:x", "portal:x:y", "other:x:1", "portal:x:1:2", "portal:x:１"]
)
def test_f2_what_is_no_mark_is_none(text):
    assert read_marker(text) is None


def test_lines_are_billed_as_the_order_has_them():
    first, second = billed_lines(an_order(1, INTERNET))
    assert (first.number, first.whmcs_product_id, first.cycle, first.unit_price) == (1, 11, "monthly", Decimal(4500))
    assert (second.cycle, first.is_service, second.is_service) == ("onetime", True, False)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"whmcs_product_id": None}, Code.MAPPING_ERROR),
        ({"whmcs_product_id": 0}, Code.MAPPING_ERROR),
        ({"cycle": None}, Code.MAPPING_ERROR),
        ({"quantity": Decimal(2)}, Code.VALIDATION_ERROR),
        ({"unit_price": Decimal(-1)}, Code.VALIDATION_ERROR),
        ({"item_class": ItemClass.SERVICE}, Code.VALIDATION_ERROR),
    ],
)
def test_a_line_that_cannot_be_billed_is_named(changes, code):
    with pytest.raises(NotFulfillable) as refused:
        billed_lines(with_line(2, **changes))
    assert refused.value.code is code and refused.value.text


@pytest.mark.parametrize(
    "changes",
    [
        {"line": None},
        {"line": ProductLine.OTHER},
        {"lines": ()},
        {"is_scheduled": True},
        {"lines": (replace(an_order(1).lines[1], cycle=Cycle.ONETIME),)},
    ],
)
def test_an_order_that_is_none_of_ours_is_refused_as_a_whole(changes):
    with pytest.raises(NotFulfillable) as refused:
        billed_lines(replace(an_order(1), **changes))
    assert refused.value.code is Code.VALIDATION_ERROR


def test_every_state_has_a_way_to_an_end_and_an_end_has_none():
    reached, behind = set(TERMINAL), set(State) - TERMINAL
    while found := {state for state in behind if NEXT[state] & reached}:
        reached, behind = reached | found, behind - found
    assert behind == set() and all(NEXT[state] == frozenset() for state in TERMINAL)


def test_f1_an_intent_may_be_another_attempt_and_is_never_skipped():
    assert all(state in NEXT[state] for state in INTENTS)
    for done, intent in (
        (State.ADDED, State.ADD_INTENT),
        (State.SIM_WAIT, State.SIM_INTENT),
        (State.ACCEPTED, State.ACCEPT_INTENT),
        (State.INVOICED, State.INVOICE_INTENT),
    ):
        assert {state for state, ways in NEXT.items() if done in ways} <= {intent, done}


@pytest.mark.parametrize(("status", "over", "approved"), [(" Cancelled", True, False), ("APPROVED", False, True)])
def test_statuses_are_read_whatever_their_case(status, over, approved):
    order = replace(an_order(1), status=status, activation=" activating ")
    assert (order.is_over, order.is_approved, order.is_activating) == (over, approved, True)


@pytest.mark.parametrize(
    ("line", "since"), [(SIM, State.SIM_ACTIVE), (INTERNET, State.ACCEPTED), (VPN, State.ACCEPTED)]
)
def test_a_sim_is_set_up_once_it_is_active_and_everything_else_once_it_is_accepted(line, since):
    way = [State.ADDED, State.SIM_WAIT, State.SIM_ACTIVE, State.ACCEPT_INTENT, State.ACCEPTED, State.WRITEBACK]
    assert [state for state in way if is_set_up(state, line)] == way[way.index(since) :]
