"""How much of an invoice is for which service."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.billed import billed_by_service
from portal_app.domain.billing import InvoiceLine

HIKARI, SIM = 31, 32


def line(amount: int, service: int = 0, *, taxed: bool = True) -> InvoiceLine:
    return InvoiceLine("line", Decimal(amount), taxed, service)


def test_the_lines_of_a_service_are_added_with_their_share_of_the_tax():
    lines = [line(4000, HIKARI), line(1000, HIKARI), line(2000, SIM)]
    assert billed_by_service(lines, Decimal(7700)) == {HIKARI: Decimal(5500), SIM: Decimal(2200)}


def test_what_is_about_no_service_takes_its_tax_along():
    assert billed_by_service([line(1000, SIM), line(9000)], Decimal(11000)) == {SIM: Decimal(1100)}


def test_an_odd_yen_goes_to_the_largest():
    lines = [line(333, HIKARI), line(332, SIM)]
    assert billed_by_service(lines, Decimal(731)) == {HIKARI: Decimal(367), SIM: Decimal(364)}


def test_amounts_that_include_tax_get_none_added():
    assert billed_by_service([line(1100, SIM), line(2200, HIKARI)], Decimal(3300)) == {
        SIM: Decimal(1100),
        HIKARI: Decimal(2200),
    }


def test_what_is_not_taxed_shares_no_tax():
    lines = [line(1000, SIM), line(1000, HIKARI, taxed=False)]
    assert billed_by_service(lines, Decimal(2100)) == {SIM: Decimal(1100), HIKARI: Decimal(1000)}


def test_a_discount_is_part_of_its_service():
    assert billed_by_service([line(1000, SIM), line(-500, SIM)], Decimal(550)) == {SIM: Decimal(550)}


@given(
    st.lists(st.tuples(st.integers(1, 99999), st.sampled_from([HIKARI, SIM])), min_size=1, max_size=8),
    st.integers(0, 12000),
)
def test_all_shares_together_are_the_whole_invoice(rows, tax):
    lines = [line(amount, service) for amount, service in rows]
    whole = sum(amount for amount, _ in rows) + tax
    assert sum(billed_by_service(lines, Decimal(whole)).values()) == whole
