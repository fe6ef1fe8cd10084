"""What the portal sells: its price book in Salesforce, read whole and kept until somebody says it changed.

The one thing all customers share. Broken items are left out and told to the operator.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal_app.domain.catalog import Catalog, Item, Problem, checked
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, ConfigError, UpstreamError, UpstreamReplyChanged
from portal_app.integrations.salesforce.client import NOBODY, Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import PREFIXES, as_18
from portal_app.integrations.salesforce.product_rows import COLUMNS, OPERATION, read_item
from portal_app.integrations.salesforce.soql import Soql, soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row
from portal_app.integrations.upstream import deadline
from portal_app.storage.cache import Cache, Cached
from portal_app.storage.clock import Clock

TTL: Final = timedelta(hours=12)
"""Events clear it long before; this is for the event that never came."""
STALE_IF_ERROR: Final = timedelta(hours=24)
PAGE_S: Final = 14
TAG: Final = "catalog"
# The cache is by customer; what belongs to all has one of its own.
EVERYBODY: Final = Customer("-everybody-", 0)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CatalogCopy:
    """The catalogue with the time of the copy (UTC); `stale` when Salesforce did not answer."""

    catalog: Catalog
    as_of: datetime
    stale: bool = False


class PriceBook:
    """What the portal asks of its price book."""

    def __init__(
        self, client: SalesforceClient, fields: FieldMap, cache: Cache, clock: Clock, *, pricebook_id: str
    ) -> None:
        found = as_18(pricebook_id)
        if found is None or not found.startswith(PREFIXES["Pricebook2"]):
            raise ConfigError(["PORTAL_PRICEBOOK_ID: not the id of a price book"])
        self._client, self._cache, self._clock, self._pricebook_id = client, cache, clock, found
        self._price, self._product = fields.price, fields.product
        self._last: Cached[Catalog] | None = None

    async def get_catalog(self) -> CatalogCopy:
        """Everything that is sold, from the copy; for looking at, not for taking money.

        Without Salesforce the last copy, for a day. Raises: UpstreamError, Busy when there is none.
        """
        try:
            found = await self._fetch(anew=False)
        except (UpstreamError, Busy, TimeoutError):
            # Cleared while Salesforce is down: the copy this process saw last.
            last = self._last
            if last is None or self._clock.now() - last.as_of > STALE_IF_ERROR:
                raise
            found = Cached(last.value, last.as_of, stale=True)
        return CatalogCopy(found.value, found.as_of, found.stale)

    async def read_now(self, *, caller: Caller = NOBODY) -> Catalog:
        """The catalogue as Salesforce has it at this moment: what an order is made from.

        Raises: UpstreamError, Busy; never gives a copy.
        """
        return await self._load(caller)

    async def refresh(self) -> CatalogCopy:
        """Read it anew for everybody. Raises: UpstreamError, Busy when it cannot be and there is no copy."""
        found = await self._fetch(anew=True)
        return CatalogCopy(found.value, found.as_of, found.stale)

    async def clear(self) -> None:
        """Somebody changed a product or a price: the next who looks reads it anew."""
        await self._cache.clear(EVERYBODY, TAG)

    async def _fetch(self, *, anew: bool) -> Cached[Catalog]:
        found = await self._cache.fetch(
            EVERYBODY,
            "catalog",
            self._load_in_time,
            model=Catalog,
            ttl=TTL,
            stale_if_error=STALE_IF_ERROR,
            tags=(TAG,),
            anew=anew,
        )
        if not found.stale:
            self._last = found
        return found

    async def _load_in_time(self) -> Catalog:
        with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
            return await self._load(NOBODY)

    async def _load(self, caller: Caller) -> Catalog:
        rows = await self._client.query(self._statement(), operation=OPERATION, caller=caller)
        if not rows:
            # Nobody sells nothing: the book is another one, or hidden from the integration user.
            log.error("the price book is empty", extra={"system": SYSTEM, "operation": OPERATION})
            raise UpstreamReplyChanged(SYSTEM, OPERATION, "empty")
        catalog = self._read(rows)
        _tell(catalog.problems)
        return catalog

    def _read(self, rows: Iterable[Row]) -> Catalog:
        found = [read_item(row, self._price, self._product) for row in rows]
        items = [one for one in found if isinstance(one, Item)]
        return checked(items, [one for one in found if isinstance(one, Problem)])

    def _statement(self) -> Soql:
        price, product = self._price, self._product
        names = {ours: f"{product.kind}.{getattr(product, ours)}" for ours in (*COLUMNS, "is_active")}
        return soql(
            "SELECT {p.id:literal}, {p.unit_price:literal}, {p.product_id:literal}, "
            "{i[name]:literal}, {i[description]:literal}, {i[sku]:literal}, {i[category]:literal}, "
            "{i[in_catalog]:literal}, {i[may_be_ordered]:literal}, {i[item_class]:literal}, "
            "{i[billing_cycle]:literal}, {i[catalog_order]:literal}, {i[is_default]:literal}, "
            "{i[auto_add]:literal}, {i[bundled_addon]:literal}, {i[is_bundled_addon]:literal}, "
            "{i[internet_tier]:literal}, {i[internet_offering]:literal}, {i[sim_data_size]:literal}, "
            "{i[sim_plan_type]:literal}, {i[sim_family_discount]:literal}, {i[vpn_region]:literal}, "
            "{i[whmcs_product_id]:literal} "
            "FROM {p.kind:literal} WHERE {p.pricebook_id:literal} = {} AND {p.is_active:literal} = true "
            "AND {i[is_active]:literal} = true ORDER BY {p.id:literal}",
            self._pricebook_id,
            p=price,
            i=names,
        )


def _tell(problems: Iterable[Problem]) -> None:
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.code] = counts.get(problem.code, 0) + 1
    for code, count in sorted(counts.items()):
        log.warning("catalogue problem", extra={"system": SYSTEM, "code": code, "count": count})
