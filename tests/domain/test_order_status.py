"""Every pair of statuses in a customer's words, and the steps of an order."""

from datetime import date

import pytest

from portal_app.domain.order_status import (
    ACTIVATIONS,
    IDENTITY_NOT_VERIFIED,
    PAYMENT_METHOD_MISSING,
    STATUSES,
    STEPS,
    OrderView,
    Shown,
    order_view,
    steps,
)

TODAY = date(2026, 4, 15)
UNTHOUGHT = OrderView(Shown.IN_PROGRESS, known=False)
# Activation:             ""             Not Started    Scheduled      Activating     Activated      Failed
TABLE = {
    "Draft": ["draft", "draft", "?", "?", "?", "delayed"],
    "Pending Review": ["under_review", "under_review", "?", "?", "?", "delayed"],
    "Approved": ["setting_up", "setting_up", "scheduled", "setting_up", "active", "delayed"],
    "Processed": ["?", "?", "scheduled", "setting_up", "active", "delayed"],
    "Activated": ["active", "active", "?", "?", "active", "delayed"],
    "Cancelled": ["cancelled"] * 6,
    "Rejected": ["cancelled"] * 6,
}
PAIRS = [(status, inner, TABLE[status][place]) for status in STATUSES for place, inner in enumerate(ACTIVATIONS)]


@pytest.mark.parametrize(("status", "activation", "word"), PAIRS)
def test_every_pair_has_its_word_or_the_honest_one(status, activation, word):
    assert order_view(status, activation) == (UNTHOUGHT if word == "?" else OrderView(Shown(word)))


def test_the_table_knows_every_pair_there_is():
    assert len(PAIRS) == len(STATUSES) * len(ACTIVATIONS) and all(
        len(row) == len(ACTIVATIONS) for row in TABLE.values()
    )


@pytest.mark.parametrize(
    ("status", "activation"), [("On Hold", ""), ("Approved", "Paused"), ("", ""), ("x", "Activated")]
)
def test_a_status_nobody_knows_reads_as_in_progress(status, activation):
    assert order_view(status, activation) == UNTHOUGHT


@pytest.mark.parametrize("code", [PAYMENT_METHOD_MISSING, IDENTITY_NOT_VERIFIED])
@pytest.mark.parametrize("activation", ["", "Not Started", "Activating", "Failed"])
def test_what_waits_for_the_customer_says_so(code, activation):
    assert order_view("Pending Review", activation, error_code=code).shown is Shown.ACTION_NEEDED
    assert order_view("Cancelled", activation, error_code=code).shown is Shown.CANCELLED


def test_another_error_is_a_delay_and_an_old_error_nothing():
    assert order_view("Approved", "Failed", error_code="WHMCS_ERROR").shown is Shown.DELAYED
    assert order_view("Approved", "Activated", error_code=PAYMENT_METHOD_MISSING).shown is Shown.ACTIVE


@pytest.mark.parametrize(("starts_on", "shown"), [(14, "setting_up"), (15, "setting_up"), (16, "scheduled")])
def test_an_order_whose_day_is_ahead_is_scheduled(starts_on, shown):
    assert order_view("Approved", "Activating", starts_on=date(2026, 4, starts_on), today=TODAY).shown == shown


def test_a_day_ahead_does_not_skip_the_review():
    view = order_view("Pending Review", "Not Started", starts_on=date(2026, 5, 1), today=TODAY)
    assert view.shown is Shown.UNDER_REVIEW


def test_case_and_space_do_not_matter():
    assert order_view(" approved ", "ACTIVATED").shown is Shown.ACTIVE


@pytest.mark.parametrize(
    ("shown", "approved", "billed", "states"),
    [
        ("draft", False, False, "now ahead ahead ahead ahead ahead"),
        ("under_review", False, False, "done now ahead ahead ahead ahead"),
        ("action_needed", False, False, "done waiting ahead ahead ahead ahead"),
        ("setting_up", True, False, "done done done now ahead ahead"),
        ("setting_up", True, True, "done done done done now ahead"),
        ("scheduled", True, True, "done done done done now ahead"),
        ("delayed", True, False, "done done done delayed ahead ahead"),
        ("action_needed", True, False, "done done done waiting ahead ahead"),
        ("cancelled", False, False, "done stopped stopped stopped stopped stopped"),
        ("cancelled", True, False, "done done done stopped stopped stopped"),
        ("active", True, True, "done done done done done done"),
        ("active", False, False, "done done done done done done"),
    ],
)
def test_the_steps_show_where_an_order_stands(shown, approved, billed, states):
    found = steps(OrderView(Shown(shown)), approved=approved, billed=billed)
    assert [step.name for step in found] == list(STEPS)
    assert [step.state for step in found] == states.split()


def test_each_word_is_a_pair_of_keys():
    assert (Shown.DELAYED.words, Shown.DELAYED.next_words) == ("order.status.delayed", "order.next.delayed")
