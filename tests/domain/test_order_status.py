"""Every pair of statuses in a customer's words, and the steps of an order."""

from datetime import UTC, date, datetime
from itertools import product

import pytest

from portal_app.domain.fulfilment import Code, Hold, Progress, State
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
        ("scheduled", True, True, "done done done done later ahead"),
        ("scheduled", True, False, "done done done later ahead ahead"),
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


@pytest.mark.parametrize(
    ("shown", "states"),
    [
        ("setting_up", "done done done done done now"),
        ("delayed", "done done done done done delayed"),
        ("cancelled", "done done done done done stopped"),
    ],
)
def test_what_is_set_up_stays_done(shown, states):
    found = steps(OrderView(Shown(shown)), approved=True, billed=True, set_up=True)
    assert [step.state for step in found] == states.split()


def test_nothing_counts_as_set_up_before_it_is_billed_nor_billed_before_it_is_approved():
    up = steps(OrderView(Shown.SETTING_UP), approved=True, billed=False, set_up=True)
    assert [step.state for step in up] == ["done", "done", "done", "now", "ahead", "ahead"]
    billed = steps(OrderView(Shown.UNDER_REVIEW), approved=False, billed=True)
    assert [step.state for step in billed] == ["done", "now", "ahead", "ahead", "ahead", "ahead"]


# The portal's own record

ON_ITS_WAY = [state for state in State if state not in (State.COMPLETED, State.CANCEL_INTENT, State.CANCELLED)]
COPIES = [("Approved", inner, code) for inner, code in product(ACTIVATIONS[:4], [""])] + [
    ("Approved", "Failed", code.value) for code in Code
]


def record(state, hold=Hold.NONE, code=""):
    return Progress(state, hold, code, billed=False, set_up=False, updated_at=datetime(2026, 4, 15, tzinfo=UTC))


@pytest.mark.parametrize(("status", "activation", "code"), COPIES)
@pytest.mark.parametrize("state", ON_ITS_WAY)
def test_once_begun_an_order_is_being_set_up_whatever_an_older_copy_says(state, status, activation, code):
    for hold in (Hold.NONE, Hold.RETRY):
        view = order_view(status, activation, error_code=code, progress=record(state, hold, "WHMCS_ERROR"))
        assert view == OrderView(Shown.SCHEDULED if state is State.SCHEDULED else Shown.SETTING_UP)


@pytest.mark.parametrize("hold", [Hold.PAUSED, Hold.REVIEW])
@pytest.mark.parametrize("code", Code)
def test_why_an_order_waits_is_told_only_where_the_customer_can_do_something(code, hold):
    view = order_view("Approved", "Activating", progress=record(State.VALIDATED, hold, code))
    customers_turn = code in ("PAYMENT_METHOD_MISSING", "IDENTITY_NOT_VERIFIED") and hold is Hold.PAUSED
    assert view == (OrderView(Shown.ACTION_NEEDED, code=code) if customers_turn else OrderView(Shown.DELAYED))


def test_a_document_that_was_sent_is_staffs_turn_and_a_missing_payment_method_is_not():
    for code, shown in (
        (IDENTITY_NOT_VERIFIED, Shown.UNDER_REVIEW),
        (PAYMENT_METHOD_MISSING, Shown.ACTION_NEEDED),
        ("SIM_ERROR", Shown.DELAYED),
    ):
        progress = record(State.ADDED, Hold.PAUSED, code)
        assert order_view("Approved", "Failed", progress=progress, document_with_staff=True).shown is shown
    old = order_view("Approved", "Failed", error_code=IDENTITY_NOT_VERIFIED, document_with_staff=True)
    assert old == OrderView(Shown.UNDER_REVIEW, code=IDENTITY_NOT_VERIFIED)


def test_the_newer_reason_counts():
    view = order_view(
        "Approved",
        "Failed",
        error_code=PAYMENT_METHOD_MISSING,
        progress=record(State.ADDED, Hold.PAUSED, IDENTITY_NOT_VERIFIED),
    )
    assert view == OrderView(Shown.ACTION_NEEDED, code=IDENTITY_NOT_VERIFIED)


@pytest.mark.parametrize(("status", "activation", "word"), PAIRS)
def test_what_is_completed_is_active_unless_it_was_cancelled(status, activation, word):
    view = order_view(status, activation, progress=record(State.COMPLETED))
    early = status in ("Cancelled", "Rejected")
    assert view.shown is (Shown.CANCELLED if early else Shown.ACTIVE)
    assert view.known is (word != "?")


@pytest.mark.parametrize("hold", Hold)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("ended", [("Cancelled", "Activating"), ("Rejected", "Failed"), ("Approved", "Activated")])
def test_what_has_ended_in_salesforce_has_ended(ended, state, hold):
    code = PAYMENT_METHOD_MISSING if hold else ""
    assert order_view(*ended, progress=record(state, hold, code)) == order_view(*ended)


@pytest.mark.parametrize("hold", Hold)
def test_a_hint_about_an_order_nobody_approved_changes_nothing(hold):
    progress = record(State.RECEIVED, hold, "VALIDATION_ERROR" if hold else "")
    assert order_view("Pending Review", "Not Started", progress=progress).shown is Shown.UNDER_REVIEW


def test_what_is_being_undone_is_cancelled_before_salesforce_is_read_again():
    for state in (State.CANCEL_INTENT, State.CANCELLED):
        assert order_view("Approved", "Activating", progress=record(state)).shown is Shown.CANCELLED


@pytest.mark.parametrize(("starts_on", "shown"), [(15, "setting_up"), (16, "scheduled")])
def test_a_day_ahead_counts_until_something_was_sent(starts_on, shown):
    day = {"starts_on": date(2026, 4, starts_on), "today": TODAY}
    for state in (State.RECEIVED, State.VALIDATED):
        assert order_view("Approved", "Activating", progress=record(state), **day).shown == shown
    assert order_view("Approved", "Scheduled", progress=record(State.ADDED), **day).shown is Shown.SETTING_UP


RANK = {Shown.UNDER_REVIEW: 0, Shown.SCHEDULED: 1, Shown.SETTING_UP: 2, Shown.ACTIVE: 3}
WAY = [State.RECEIVED, State.VALIDATED, State.SCHEDULED, State.ADD_INTENT, State.ADDED, State.SIM_WAIT, State.WRITEBACK]
TOLD = [("Pending Review", "Not Started"), ("Approved", "Activating"), ("Approved", "Scheduled")]


@pytest.mark.parametrize("late", range(len(TOLD)))
def test_however_late_salesforces_copy_is_the_way_never_leads_back(late):
    """The record goes its way; the copy stays at some earlier word until the end."""
    day = {"starts_on": date(2026, 4, 16), "today": TODAY}
    shown = [order_view(*TOLD[late], progress=record(state), **day).shown for state in [*WAY, State.COMPLETED]]
    shown.append(order_view("Approved", "Activated", progress=record(State.COMPLETED), **day).shown)
    assert [RANK[word] for word in shown] == sorted(RANK[word] for word in shown)
    assert shown[-2:] == [Shown.ACTIVE, Shown.ACTIVE]


def test_each_word_is_a_pair_of_keys():
    assert (Shown.DELAYED.words, Shown.DELAYED.next_words) == ("order.status.delayed", "order.next.delayed")
