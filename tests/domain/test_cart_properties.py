"""Whatever is clicked in whatever order: a cart and a catalogue keep their promises."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given, settings

from portal_app.domain.cart import (
    Cart,
    CartRefused,
    add,
    charges,
    choose_day,
    choose_installation,
    choose_plan,
    lines,
    remove,
)
from portal_app.domain.catalog import Cycle, ItemClass, checked
from portal_app.domain.pricing import instalments, totals
from tests.fakes.catalog import INTERNET, a_cart, a_catalog, an_item, items

CATALOG = a_catalog()
SKUS = [*(item.sku for item in items()), "NOTHING", ""]
MOVES = {
    "plan": choose_plan,
    "add": add,
    "remove": remove,
    "installation": choose_installation,
    "weekend": lambda cart, catalog, sku: choose_day(cart, catalog, weekend=True),
    "weekday": lambda cart, catalog, sku: choose_day(cart, catalog, weekend=False),
}
CLICKS = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(SKUS)), max_size=25)


def clicked(clicks: list[tuple[str, str]]) -> Cart:
    cart = a_cart(INTERNET)
    for move, sku in clicks:
        try:
            cart = MOVES[move](cart, CATALOG, sku)
        except CartRefused:
            continue
    return cart


@settings(max_examples=300, deadline=None)
@given(CLICKS)
def test_a_cart_never_holds_half_a_pair_a_double_or_what_is_not_for_sale(clicks):
    cart = clicked(clicks)
    held = lines(cart, CATALOG)
    skus = [line.item.sku for line in held]
    assert len(skus) == len(set(skus)) and all(line.item.orderable and line.quantity == 1 for line in held)
    for line in held:
        partner = CATALOG.partner(line.item)
        assert partner is None or partner.sku in skus
    assert [line.item.item_class for line in held].count(ItemClass.SERVICE) == 1
    assert all(line.item.line is cart.line for line in held)
    fees = [line for line in held if line.item.item_class is ItemClass.ACTIVATION]
    assert len(fees) == (0 if cart.line is INTERNET else 1) and all(line.automatic for line in fees)
    weekend = [line for line in held if line.item.is_weekend_fee]
    visit = [line for line in held if line.item.needs_visit]
    assert len(weekend) <= 1 and (not weekend or visit)


@settings(max_examples=200, deadline=None)
@given(CLICKS)
def test_a_cart_is_worth_the_sum_of_its_lines_and_its_key_depends_on_nothing_else(clicks):
    cart = clicked(clicks)
    held = lines(cart, CATALOG)
    found = totals(charges(held))
    monthly = sum(line.item.unit_price for line in held if line.item.cycle is Cycle.MONTHLY)
    once = sum(line.item.unit_price for line in held if line.item.cycle is Cycle.ONETIME)
    assert (found.monthly.net, found.once.net, found.first_bill.net) == (monthly, once, monthly + once)
    assert 0 <= found.first_bill.tax - found.monthly.tax - found.once.tax <= 1
    again = clicked(clicks)
    assert again == cart and again.key() == cart.key()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**7), st.sampled_from([1, 12, 24]))
def test_instalments_of_any_sum_come_to_it(total, months):
    plan = instalments(an_item("SIM-A", total).unit_price, months)
    assert sum(plan.payments()) == total and 0 <= plan.last - plan.regular < months


NAMES = ["SIM-A", "SIM-B", "SIM-C", "SIM-D"]
PIECES = st.lists(
    st.builds(
        lambda sku, partner, paired, cycle, mapped: replace(
            an_item(sku, item_class=ItemClass.ADD_ON, cycle=cycle),
            partner_id=f"product:{partner}" if partner else "",
            is_paired=paired,
            whmcs_product_id=1 if mapped else None,
        ),
        st.sampled_from(NAMES),
        st.sampled_from([*NAMES, ""]),
        st.booleans(),
        st.sampled_from(list(Cycle)),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_in_any_catalogue_what_is_left_is_sound_and_what_is_hidden_is_told(pieces):
    catalog = checked(pieces)
    for item in catalog.items:
        partner = catalog.partner(item)
        assert item.is_paired == (partner is not None) == bool(item.partner_id)
        assert partner is None or (catalog.partner(partner) == item and partner.cycle is not item.cycle)
    left, told = {item.sku for item in catalog.items}, {problem.sku for problem in catalog.problems}
    assert left | told == {item.sku for item in pieces} and not left & told
    assert checked(catalog.items).items == catalog.items
