"""Whether WHMCS bills what the catalogue says: each item against the product it is mapped to.

Orders are made from the catalogue and billed by WHMCS, so a difference is money somebody gets wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from portal_app.domain.catalog import Catalog, Cycle, Item


@dataclass(frozen=True, slots=True)
class BilledProduct:
    """One WHMCS product. Net yen for each cycle, None where it is not sold so."""

    whmcs_product_id: int
    onetime: Decimal | None
    monthly: Decimal | None


@dataclass(frozen=True, slots=True)
class Drift:
    """One item WHMCS sees otherwise. `theirs` is None where WHMCS has no price, or no such product."""

    sku: str
    whmcs_product_id: int
    code: Literal["no_product", "not_sold_so", "price_differs"]
    ours: Decimal
    theirs: Decimal | None = None


def price_drift(catalog: Catalog, products: Iterable[BilledProduct]) -> tuple[Drift, ...]:
    """What differs, in order of SKU; empty when all is proven."""
    by_id = {product.whmcs_product_id: product for product in products}
    found = (_compare(item, by_id) for item in catalog.items)
    return tuple(sorted((drift for drift in found if drift), key=lambda drift: drift.sku))


def _compare(item: Item, by_id: dict[int, BilledProduct]) -> Drift | None:
    product_id = item.whmcs_product_id or 0
    product = by_id.get(product_id)
    if product is None:
        return Drift(item.sku, product_id, "no_product", item.unit_price)
    theirs = product.monthly if item.cycle is Cycle.MONTHLY else product.onetime
    if theirs is None:
        return Drift(item.sku, product_id, "not_sold_so", item.unit_price)
    if theirs != item.unit_price:
        return Drift(item.sku, product_id, "price_differs", item.unit_price, theirs)
    return None
