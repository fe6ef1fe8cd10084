"""Yen: tax, instalments and totals, as tables."""

from decimal import Decimal

import pytest

from portal_app.domain.pricing import ZERO, Amount, Charge, TaxRule, instalments, schedule, tax_in, totals, whole_yen

D = Decimal


@pytest.mark.parametrize(
    ("gross", "tax"), [(1999, 181), (1100, 100), (1, 0), (10, 0), (11, 1), (0, 0), (22000, 2000), (3300, 300)]
)
def test_the_tax_in_a_gross_price_is_rounded_down(gross, tax):
    assert tax_in(D(gross)) == tax


@pytest.mark.parametrize(
    ("net", "tax", "gross"), [(4800, 480, 5280), (916, 91, 1007), (1833, 183, 2016), (9, 0, 9), (0, 0, 0), (1, 0, 1)]
)
def test_a_net_price_is_shown_with_its_tax(net, tax, gross):
    amount = TaxRule().amount(D(net))
    assert (amount.net, amount.tax, amount.gross) == (net, tax, gross)


def test_a_price_list_that_is_gross_already_is_only_split():
    amount = TaxRule(included=True).amount(D(1999))
    assert (amount.net, amount.tax, amount.gross) == (1818, 181, 1999)


def test_what_is_exempt_has_no_tax_and_another_rate_another():
    assert TaxRule(D(0)).amount(D(500)) == Amount(D(500), D(0))
    assert TaxRule(D(8)).amount(D(199)).tax == 15
    assert TaxRule(half_up=True).amount(D(916)).tax == 92


@pytest.mark.parametrize("bad", ["0.5", "1000.01", "NaN", "Infinity"])
def test_parts_of_a_yen_are_refused(bad):
    with pytest.raises(ValueError, match="smaller part"):
        whole_yen(D(bad))
    with pytest.raises(ValueError, match="smaller part"):
        TaxRule().amount(D(bad))


@pytest.mark.parametrize("text", ["1234.00", "1234", "1234.0"])
def test_whole_yen_are_never_written_with_places(text):
    assert str(whole_yen(D(text))) == "1234" and str(TaxRule().amount(D(text)).gross) == "1357"


INSTALMENTS = [
    (22000, 24, 916, 932),
    (22000, 12, 1833, 1837),
    (11660, 24, 485, 505),
    (11660, 12, 971, 979),
    (3300, 12, 275, 275),
    (3300, 24, 137, 149),
    (5, 12, 0, 5),
    (0, 24, 0, 0),
    (700, 1, 700, 700),
]


@pytest.mark.parametrize(("total", "months", "regular", "last"), INSTALMENTS)
def test_instalments_come_to_the_total_and_the_last_one_takes_the_rest(total, months, regular, last):
    plan = instalments(D(total), months)
    assert (plan.regular, plan.last, plan.total) == (regular, last, total)
    assert len(plan.payments()) == months and sum(plan.payments()) == total


@pytest.mark.parametrize(("total", "months"), [(1000, 0), (1000, -12), (-1, 12), ("0.5", 12)])
def test_there_are_no_instalments_of_nonsense(total, months):
    with pytest.raises(ValueError):
        instalments(D(total), months)


def test_totals_tell_apart_what_is_paid_once_monthly_and_later():
    charges = [
        Charge(D(4800), monthly=True),
        Charge(D(1833), monthly=True, ends_after=12),
        Charge(D(450), monthly=True),
        Charge(D(1000), monthly=False),
        Charge(D(3000), monthly=False),
    ]
    found = totals(charges)
    assert found.once == Amount(D(4000), D(400)) and found.monthly == Amount(D(7083), D(708))
    assert found.later == Amount(D(5250), D(525)) and found.first_bill == Amount(D(11083), D(1108))


def test_tax_is_cut_once_a_bill_and_not_once_a_line():
    lines = [Charge(D(9), monthly=True), Charge(D(9), monthly=True)]
    alone = TaxRule().amount(D(9))
    assert (alone + alone).tax == 0 and totals(lines).monthly.tax == 1


def test_quantities_count_and_nothing_costs_nothing():
    assert totals([Charge(D(300), monthly=True, quantity=3)]).monthly.net == 900
    assert totals([]).first_bill == ZERO


@pytest.mark.parametrize(
    ("monthly", "months", "single", "regular", "last"),
    [
        (916, 24, 22000, 916, 932),
        (1833, 12, 22000, 1833, 1837),
        (916, 24, None, 916, 916),
        (900, 24, 22000, 900, 900),
        (0, 12, None, 0, 0),
    ],
)
def test_a_monthly_line_that_ends_comes_to_the_single_payment_where_both_agree(monthly, months, single, regular, last):
    found = schedule(D(monthly), months, None if single is None else D(single))
    assert (found.months, found.regular, found.last) == (months, regular, last)


def test_a_line_that_ends_at_once_or_costs_parts_of_a_yen_has_no_schedule():
    for monthly, months in ((D(100), 0), (D("9.5"), 12)):
        with pytest.raises(ValueError):
            schedule(monthly, months, D(22000))
