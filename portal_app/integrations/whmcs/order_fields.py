"""Which custom fields a product has. Every product has its own ids, and no action lists the hidden ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.order_wire import WireProductFields
from portal_app.storage.clock import Clock

KEPT = timedelta(hours=1)
KEPT_WITHOUT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Known:
    ids: Mapping[str, int]
    until: datetime


def field_key(name: str) -> str:
    """A field's name as it is compared. WHMCS lets staff write `name|what people read`."""
    return name.partition("|")[0].strip().casefold()


class ProductFields:
    """Names to ids, per product, kept for an hour in this process."""

    def __init__(self, client: WhmcsClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._known: dict[int, _Known] = {}

    async def ids_of(self, whmcs_product_id: int, *, wanted: str) -> Mapping[str, int]:
        """The product's fields by `field_key`, without `wanted` where it cannot be learned.

        Learned from services of the product, whoever has them, since these show the hidden fields too; where there are
        none yet, from what its order form shows. Kept for a minute where `wanted` is not among them: a field that
        staff add counts soon. Raises: UpstreamError, Busy.
        """
        known = self._known.get(whmcs_product_id)
        if known is not None and self._clock.now() < known.until:
            return known.ids
        ids = _ids(whmcs_product_id, (await self._client.get_fields_of_services(whmcs_product_id)).items)
        if field_key(wanted) not in ids:
            ids |= _ids(whmcs_product_id, (await self._client.get_fields_of_products(whmcs_product_id)).items)
        kept = KEPT if field_key(wanted) in ids else KEPT_WITHOUT
        self._known[whmcs_product_id] = _Known(ids, self._clock.now() + kept)
        return ids


def _ids(whmcs_product_id: int, rows: tuple[WireProductFields, ...]) -> dict[str, int]:
    """Of this product only: a filter WHMCS does not know is ignored without a word."""
    return {
        field_key(field.name): field.id
        for row in reversed(rows)
        if row.pid == whmcs_product_id
        for field in reversed(row.customfields)
        if field.id is not None and field.name
    }
