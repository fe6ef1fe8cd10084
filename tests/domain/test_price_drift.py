"""Whether WHMCS bills what the catalogue says."""

from decimal import Decimal

import pytest

from portal_app.domain.catalog import checked
from portal_app.domain.price_drift import BilledProduct, Drift, price_drift
from tests.fakes.catalog import ONCE, an_item

D = Decimal


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        (BilledProduct(7, None, D(1500)), None),
        (BilledProduct(7, None, D("1500.00")), None),
        (BilledProduct(7, D(1500), D(1600)), Drift("SIM-A", 7, "price_differs", D(1500), D(1600))),
        (BilledProduct(7, D(1500), None), Drift("SIM-A", 7, "not_sold_so", D(1500))),
        (BilledProduct(8, None, D(1500)), Drift("SIM-A", 7, "no_product", D(1500))),
    ],
)
def test_a_monthly_item_is_proven_against_the_monthly_price(product, expected):
    found = price_drift(checked([an_item("SIM-A", 1500, whmcs_product_id=7)]), [product])
    assert found == ((expected,) if expected else ())


def test_a_onetime_item_is_proven_against_the_onetime_price():
    catalog = checked([an_item("SIM-FEE", 1500, cycle=ONCE, whmcs_product_id=7)])
    assert price_drift(catalog, [BilledProduct(7, D(1500), None)]) == ()
    assert [drift.code for drift in price_drift(catalog, [BilledProduct(7, None, D(1500))])] == ["not_sold_so"]


def test_all_differences_are_told_in_order():
    catalog = checked([an_item(sku, whmcs_product_id=7) for sku in ("SIM-C", "SIM-A", "SIM-B")])
    assert [drift.sku for drift in price_drift(catalog, [])] == ["SIM-A", "SIM-B", "SIM-C"]
