"""Which of a customer's payment methods an order could be paid with."""

from datetime import date, timedelta

import pytest

from portal_app.domain.pay_methods import PayMethod, first_usable

TODAY = date(2026, 11, 30)
OLD = PayMethod(1, "card", "Visa 1111", date(2026, 10, 31))
LAST_DAY = PayMethod(2, "card", "JCB 2222", TODAY)
BANK = PayMethod(3, "bank", "みずほ銀行")


def test_a_card_is_good_to_the_end_of_its_last_day():
    assert LAST_DAY.usable(TODAY)
    assert not LAST_DAY.usable(date(2026, 12, 1))


def test_what_says_no_day_does_not_expire():
    assert BANK.usable(date(2099, 1, 1))


@pytest.mark.parametrize(
    ("methods", "chosen"),
    [
        ((), None),
        ((OLD,), None),
        ((OLD, BANK, LAST_DAY), BANK),
        ((BANK, PayMethod(4, "card", "Visa 4242", date(2027, 1, 31), is_default=True)), 4),
        ((PayMethod(5, "card", "Visa 5555", date(2025, 1, 31), is_default=True), LAST_DAY), LAST_DAY),
    ],
)
def test_the_default_is_taken_where_it_can_be_used_else_the_first_that_can(methods, chosen):
    found = first_usable(methods, TODAY)
    assert found == chosen or (found is not None and found.whmcs_id == chosen)


def test_r1_its_repr_says_nothing_of_the_card():
    assert "4242" not in repr(PayMethod(4, "card", "Visa 4242"))


@pytest.mark.parametrize(("days", "expiring"), [(-1, False), (0, True), (60, True), (61, False)])
def test_a_card_is_told_of_sixty_days_before_its_last(days, expiring):
    assert PayMethod(1, "card", "", TODAY + timedelta(days=days)).expiring(TODAY) is expiring
    assert not BANK.expiring(TODAY)
