"""Products with their prices, in the spellings of GetProducts."""

from decimal import Decimal

import pytest

from portal_app.domain.price_drift import BilledProduct
from portal_app.errors import UpstreamRejected, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.whmcs.products import Products
from tests.fakes.whmcs import a_wire_product, page_of_html, refusal, success

D = Decimal
SPELLINGS = [
    (a_wire_product(97, "1500.00"), BilledProduct(97, None, D("1500.00"))),
    (a_wire_product(97, "1500.00", paytype="onetime"), BilledProduct(97, D("1500.00"), None)),
    (a_wire_product(97, "1500.00", paytype="OneTime"), BilledProduct(97, D("1500.00"), None)),
    (a_wire_product(97, "0.00"), BilledProduct(97, None, D("0.00"))),
    (a_wire_product(97, "-1.00"), BilledProduct(97, None, None)),
    (a_wire_product(97, paytype="free"), BilledProduct(97, None, None)),
    (a_wire_product(97, pricing=[]), BilledProduct(97, None, None)),
    (a_wire_product(97, pricing={"USD": {"monthly": "15.00"}}), BilledProduct(97, None, None)),
    (a_wire_product(97, pid=97), BilledProduct(97, None, D("1500.00"))),
]


@pytest.mark.parametrize(("row", "expected"), SPELLINGS)
async def test_a_product_is_read_with_the_price_of_the_cycle_it_is_sold_in(whmcs, row, expected):
    whmcs.products = [row]
    assert await Products(whmcs.client()).list_billed() == (expected,)


@pytest.mark.parametrize("none", ["", [], {}, {"product": []}])
async def test_no_products_is_an_empty_list_however_it_is_spelled(whmcs, none):
    whmcs.will("GetProducts", success(totalresults=0, products=none))
    assert await Products(whmcs.client()).list_billed() == ()


async def test_a_price_that_is_no_amount_is_another_shape(whmcs):
    whmcs.products = [a_wire_product(97, "¥1,500")]
    with pytest.raises(UpstreamReplyChanged):
        await Products(whmcs.client()).list_billed()


async def test_a_refusal_inside_a_200_and_a_page_are_told_apart(whmcs):
    whmcs.will("GetProducts", refusal('Invalid Permissions: API action "getproducts" is not allowed'))
    with pytest.raises(UpstreamRejected):
        await Products(whmcs.client()).list_billed()
    whmcs.will("GetProducts", page_of_html(500))
    with pytest.raises(UpstreamUnavailable):
        await Products(whmcs.client()).list_billed()
