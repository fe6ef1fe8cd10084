"""A WHMCS client: who it is, and WHMCS's own figures about it."""

from datetime import timedelta

from portal_app.domain.customer import Customer
from portal_app.domain.profile import Profile
from portal_app.errors import NotFound, UpstreamRejected
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.client import BACKGROUND, Caller, WhmcsClient
from portal_app.integrations.whmcs.identities import find_client_with_email, users_with_email
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership, checked_id
from portal_app.integrations.whmcs.wire import WireClient, WireStats
from portal_app.storage.cache import Cache

PROFILE_TTL = timedelta(minutes=30)
PAGE_S = 14


class Clients:
    """What the portal asks about clients."""

    def __init__(self, client: WhmcsClient, cache: Cache, *, on_foreign: OnForeign | None = None) -> None:
        self._client, self._cache = client, cache
        self._ownership = Ownership(on_foreign)

    async def get_profile(self, customer: Customer) -> Profile:
        """The customer's name, at most 30 minutes old. Raises: NotFound, UpstreamError, Busy."""

        async def load() -> Profile:
            with deadline(PAGE_S, inherit=False):
                found = await self._details(customer.whmcs_client_id, Caller(customer.user_id))
            self._ownership.check(customer, found.id, "client", found.id)
            return Profile(found.firstname.strip(), found.lastname.strip(), found.companyname.strip())

        cached = await self._cache.fetch(
            customer,
            "profile",
            load,
            model=Profile,
            ttl=PROFILE_TTL,
            tags=("profile",),
        )
        return cached.value

    async def find_client_id_by_email(self, email: str) -> int | None:
        """For operators. The one client that the user with this login e-mail owns, else the client with this e-mail.

        None when there is none, and when the user owns several. Raises: UpstreamError, Busy.
        """
        users = await users_with_email(self._client, email, BACKGROUND)
        owned = {link.id for user in users for link in user.clients if link.is_owner}
        if owned or not email.strip():
            return owned.pop() if len(owned) == 1 else None
        found = await find_client_with_email(self._client, email, BACKGROUND)
        return None if found is None else found.id

    async def get_stats(self, whmcs_client_id: int) -> WireStats:
        """For operators and tests: the counts and sums WHMCS itself shows. Raises: NotFound, UpstreamError, Busy."""
        wanted = checked_id("client", whmcs_client_id)
        try:
            details = await self._client.get_clients_details(wanted, stats=True, caller=BACKGROUND)
        except UpstreamRejected as refused:
            raise _not_found(refused, wanted) from None
        if details.stats is None or details.client.id != wanted:
            raise NotFound("client", wanted)
        return details.stats

    async def _details(self, whmcs_client_id: int, caller: Caller) -> WireClient:
        wanted = checked_id("client", whmcs_client_id)
        try:
            return (await self._client.get_clients_details(wanted, caller=caller)).client
        except UpstreamRejected as refused:
            raise _not_found(refused, wanted) from None


def _not_found(refused: UpstreamRejected, whmcs_client_id: int) -> Exception:
    return NotFound("client", whmcs_client_id) if refused.code == "not_found" else refused
