"""A customer's address. WHMCS owns it; everything else holds copies."""

from dataclasses import dataclass
from datetime import timedelta

from portal_app.domain.address import Address
from portal_app.domain.customer import Customer
from portal_app.domain.postal import read_postal_code
from portal_app.errors import NotFound, UpstreamRejected
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.client import Caller, WhmcsClient
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership, checked_id
from portal_app.integrations.whmcs.wire import WireClient
from portal_app.storage.cache import Cache

TTL = timedelta(minutes=30)
TAG = "profile"
"""Shared with the profile: both are copies of the same record."""
PAGE_S = 14
WRITE_S = 30
JAPAN = "JP"


@dataclass(frozen=True, slots=True)
class _Held:
    """None, too, is an answer that is kept."""

    address: Address | None


class Addresses:
    """What the portal asks about addresses."""

    def __init__(self, client: WhmcsClient, cache: Cache, *, on_foreign: OnForeign | None = None) -> None:
        self._client, self._cache = client, cache
        self._ownership = Ownership(on_foreign)

    async def get(self, customer: Customer, *, anew: bool = False) -> Address | None:
        """The address as WHMCS holds it, at most 30 minutes old, or `anew` from WHMCS.

        None when a part is missing without which nothing can be delivered, or when it is not in Japan.
        Raises: NotFound, UpstreamError, Busy.
        """

        async def load() -> _Held:
            with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
                return _Held(_address(await self._read(customer)))

        cached = await self._cache.fetch(customer, "address", load, model=_Held, ttl=TTL, tags=(TAG,), anew=anew)
        return cached.value.address

    async def update(self, customer: Customer, address: Address) -> None:
        """Replace the address as a whole; nothing else of the client changes. May be repeated.

        Raises: NotFound, UpstreamOutcomeUnknown (read what is there), UpstreamRejected, UpstreamUnavailable, Busy.
        """
        wanted = checked_id("client", customer.whmcs_client_id)
        changes = {
            "postcode": address.postal_code,
            "state": address.prefecture,
            "city": address.city,
            "address1": address.address1,
            "address2": address.address2,  # sent empty, it blanks the old one
            "country": address.country,
        }
        try:
            with deadline(WRITE_S):
                await self._client.update_client(wanted, changes, caller=Caller(customer.user_id))
        except UpstreamRejected as refused:
            raise (NotFound("client", wanted) if refused.code == "not_found" else refused) from None
        finally:
            await self._cache.clear(customer, TAG)

    async def _read(self, customer: Customer) -> WireClient:
        wanted = checked_id("client", customer.whmcs_client_id)
        try:
            found = (await self._client.get_clients_details(wanted, caller=Caller(customer.user_id))).client
        except UpstreamRejected as refused:
            raise (NotFound("client", wanted) if refused.code == "not_found" else refused) from None
        self._ownership.check(customer, found.id, "client", found.id)
        return found


def _address(client: WireClient) -> Address | None:
    code, country = client.postcode.strip(), client.country.strip().upper() or JAPAN
    address = Address(
        postal_code=read_postal_code(code) or code,
        prefecture=client.state.strip(),
        city=client.city.strip(),
        address1=client.address1.strip(),
        address2=client.address2.strip(),
        country=country,
    )
    complete = address.postal_code and address.prefecture and address.city and address.address1
    return address if complete and country == JAPAN else None
