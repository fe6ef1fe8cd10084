"""What WHMCS bills by: its products with their net prices in yen."""

from decimal import Decimal
from typing import Final

from portal_app.domain.price_drift import BilledProduct
from portal_app.integrations.whmcs.client import BACKGROUND, WhmcsClient
from portal_app.integrations.whmcs.wire import WireProduct

YEN: Final = "JPY"


class Products:
    """What the portal asks about products; for proving the catalogue, not for showing."""

    def __init__(self, client: WhmcsClient) -> None:
        self._client = client

    async def list_billed(self) -> tuple[BilledProduct, ...]:
        """Every product, hidden ones too, in WHMCS's order. Raises: UpstreamError, Busy."""
        rows = await self._client.get_products(caller=BACKGROUND)
        return tuple(_billed(row) for row in rows.items)


def _billed(row: WireProduct) -> BilledProduct:
    price = _price(row)
    kind = row.paytype.strip().lower()
    return BilledProduct(
        row.pid,
        onetime=price if kind == "onetime" else None,
        monthly=price if kind == "recurring" else None,
    )


def _price(row: WireProduct) -> Decimal | None:
    """WHMCS keeps the price of a one-time product where others have the monthly one."""
    yen = row.pricing.get(YEN)
    return yen.monthly if yen is not None and yen.monthly >= 0 else None
