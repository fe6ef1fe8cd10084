"""A customer's services: read from the mirror, asked of WHMCS when the copy is older than five minutes."""

from datetime import timedelta
from decimal import Decimal

from portal_app.domain.customer import Customer
from portal_app.domain.services import Service, ServiceCopy, ServiceList
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.client import BACKGROUND, Caller, WhmcsClient
from portal_app.integrations.whmcs.mapping import service_of
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership, checked_id
from portal_app.integrations.whmcs.paging import read_all
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.marks import FreshnessMarks, Refresh
from portal_app.storage.mirrors import Drift, ServiceMirrorStore

KIND = "services"
TTL = timedelta(minutes=5)
ONE_TTL = timedelta(minutes=10)
ONE_STALE = timedelta(minutes=30)
PAGE_S = 14
REFRESH_S = 30
CONSUMPTION_TAX = Decimal(10)


class Services:
    """What the portal asks about services. `tax_percent` is added to WHMCS's net amounts; 0 where they include tax."""

    def __init__(
        self,
        client: WhmcsClient,
        mirror: ServiceMirrorStore,
        marks: FreshnessMarks,
        cache: Cache,
        clock: Clock,
        *,
        tax_percent: Decimal = CONSUMPTION_TAX,
        on_foreign: OnForeign | None = None,
    ) -> None:
        self._client, self._mirror, self._marks = client, mirror, marks
        self._cache, self._clock = cache, clock
        self._tax_percent = tax_percent
        self._ownership = Ownership(on_foreign)

    async def list_services(self, customer: Customer, *, wait: bool = False) -> ServiceList:
        """All of this customer's services, running first. A stale copy is shown while it is refreshed, unless `wait`.

        Raises: UpstreamError or Busy only when there is no copy to show.
        """
        fresh = await self._marks.ensure(KIND, customer, self._refresh_of(customer), ttl=TTL, wait=wait)
        return ServiceList(tuple(await self._mirror.list(customer)), fresh.as_of, fresh.stale)

    async def get_service(self, customer: Customer, whmcs_service_id: int) -> ServiceCopy:
        """One service, at most ten minutes old; while WHMCS is down the last copy there is, with `stale` set.

        Raises: NotFound for an unknown one and somebody else's alike; UpstreamError, Busy without any copy.
        """
        wanted = checked_id("service", whmcs_service_id)
        try:
            cached = await self._cache.fetch(
                customer,
                f"service:{wanted}",
                lambda: self._load(customer, wanted),
                model=Service,
                ttl=ONE_TTL,
                stale_if_error=ONE_STALE,
                tags=(KIND,),
            )
        except (UpstreamError, Busy):
            self._marks.hint_later(KIND, customer)
            return await self._of_list(customer, wanted)
        if cached.stale:
            self._marks.hint_later(KIND, customer)
        return ServiceCopy(cached.value, cached.as_of, cached.stale)

    async def begin(self, customer: Customer) -> None:
        """Starts what `list_services` may have to wait for, so that a page can wait for something else first."""
        await self._marks.begin(KIND, customer, self._refresh_of(customer), ttl=TTL)

    async def find_owner(self, whmcs_service_id: int) -> int | None:
        """The client who had this service when it was last copied. For hooks only. Asks WHMCS nothing."""
        return await self._mirror.find_owner(whmcs_service_id)

    async def find_owner_of_order(self, whmcs_order_id: int) -> int | None:
        """The client who ordered. For hooks only: these name no client. Raises: UpstreamError, Busy."""
        rows = (await self._client.get_orders(None, whmcs_order_id, caller=BACKGROUND)).items
        return next((row.userid for row in rows if row.id == whmcs_order_id), None)

    async def refresh(self, customer: Customer) -> None:
        """Makes the next read ask WHMCS."""
        await self._marks.clear(KIND, customer.whmcs_client_id)
        await self._cache.clear(customer, KIND)

    async def sync_client(self, whmcs_client_id: int) -> None:
        """Copy one client's services now, for hooks and reconciliation. Raises: NotFound, UpstreamError, Busy."""
        wanted = checked_id("client", whmcs_client_id)
        await self._marks.clear(KIND, wanted)  # a refresh under way began with older data: it must run again
        generation = await self._marks.generation(KIND, wanted)
        await self._copy(wanted, Customer("", wanted), BACKGROUND)
        if not await self._marks.touch_fresh(KIND, wanted, TTL, generation=generation):
            await self._marks.clear(KIND, wanted)  # somebody read later than we did, and we may have written later

    async def _load(self, customer: Customer, whmcs_service_id: int) -> Service:
        client_id = checked_id("client", customer.whmcs_client_id)
        with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
            rows = await self._client.get_clients_products(
                client_id, start=0, limit=1, whmcs_service_id=whmcs_service_id, caller=Caller(customer.user_id)
            )
        for row in rows.items:
            self._ownership.check(customer, row.clientid, "service", row.id)
        found = next((row for row in rows.items if row.id == whmcs_service_id), None)
        if found is None:
            # WHMCS finds another client's under no other name than none at all; whose it is we may know (O1).
            owner = await self._mirror.find_owner(whmcs_service_id)
            if owner not in (None, client_id):
                self._ownership.check(customer, owner, "service", whmcs_service_id)
            raise NotFound("service", whmcs_service_id)
        return service_of(found, client_id, self._tax_percent)

    async def _of_list(self, customer: Customer, whmcs_service_id: int) -> ServiceCopy:
        """From the copy of all of them, which is kept longer. Raises as `list_services`, and NotFound."""
        copy = await self.list_services(customer)
        found = next((one for one in copy.items if one.whmcs_service_id == whmcs_service_id), None)
        if found is None:
            raise NotFound("service", whmcs_service_id)
        return ServiceCopy(found, copy.as_of, stale=True)

    def _refresh_of(self, customer: Customer) -> Refresh:
        async def refresh() -> None:
            with deadline(REFRESH_S, inherit=False):  # shared by all who ask: it must not end with the first of them
                drift = await self._copy(customer.whmcs_client_id, customer, Caller(customer.user_id))
            if drift.total:
                await self._cache.clear(customer, KIND)  # a kept service must not contradict the list

        return refresh

    async def _copy(self, whmcs_client_id: int, customer: Customer, caller: Caller) -> Drift:
        services = await self._read(whmcs_client_id, customer, caller)
        return await self._mirror.replace_all(whmcs_client_id, services)

    async def _read(self, whmcs_client_id: int, customer: Customer, caller: Caller) -> list[Service]:
        wanted = checked_id("client", whmcs_client_id)
        rows = await read_all(
            "GetClientsProducts",
            lambda start, limit: self._client.get_clients_products(wanted, start=start, limit=limit, caller=caller),
        )
        for row in rows:
            self._ownership.check(customer, row.clientid, "service", row.id)
        return [service_of(row, wanted, self._tax_percent) for row in rows]
