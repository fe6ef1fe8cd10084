"""The services an order has made, recognised by our marker: read whole, and never anybody else's (F3, F4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import read_marker
from portal_app.errors import NotFound, UpstreamReplyChanged
from portal_app.integrations.whmcs.client import BACKGROUND, WhmcsClient
from portal_app.integrations.whmcs.ownership import Ownership, checked_id
from portal_app.integrations.whmcs.paging import read_all
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.integrations.whmcs.wire import WireService

FOREIGN = "foreign_row"
GONE = ("cancelled", "terminated", "fraud")


@dataclass(frozen=True, slots=True)
class FoundService:
    """A service with our marker, of whatever status, in WHMCS's words. `whmcs_order_id` 0: it names none."""

    whmcs_service_id: int
    whmcs_order_id: int
    whmcs_product_id: int
    status: str


class OrderServices:
    """A client's services, as a search for what an order left there needs them."""

    def __init__(self, client: WhmcsClient, ownership: Ownership) -> None:
        self._client, self._ownership = client, ownership

    async def find(self, customer: Customer, salesforce_order_id: str) -> Mapping[int, tuple[FoundService, ...]]:
        """By line number, those with the marker of that line, oldest first. Raises: UpstreamError, Busy."""
        found: dict[int, tuple[FoundService, ...]] = {}
        for row in sorted(await self.read(customer), key=lambda row: row.id):
            for number in sorted(_lines(row, salesforce_order_id)):
                found[number] = (*found.get(number, ()), _found(row))
        return found

    async def find_unmarked(
        self, customer: Customer, whmcs_product_ids: Collection[int], since: date
    ) -> tuple[int, ...]:
        """Services of these products without any marker, registered since that day. Raises: UpstreamError, Busy."""
        return tuple(
            row.id
            for row in await self.read(customer)
            if row.pid in whmcs_product_ids
            and not any(read_marker(text) for text in (row.domain, *(field.value for field in row.customfields)))
            and (row.regdate is None or row.regdate >= since)
            and row.status.strip().casefold() not in GONE
        )

    async def read(self, customer: Customer, whmcs_service_id: int | None = None) -> list[WireService]:
        """All of the customer's services, or the one asked for, if it is there.

        Raises: UpstreamReplyChanged when WHMCS answers with somebody else's: then ours may be missing, and what is not
        found must not count as not there.
        """
        wanted = checked_id("client", customer.whmcs_client_id)
        rows = await read_all(
            "GetClientsProducts",
            lambda start, limit: self._client.get_clients_products(
                wanted, start=start, limit=limit, whmcs_service_id=whmcs_service_id, caller=BACKGROUND
            ),
        )
        own(self._ownership, customer, "service", "GetClientsProducts", [(row.clientid, row.id) for row in rows])
        return [row for row in rows if whmcs_service_id in (None, row.id)]


def own(
    ownership: Ownership, customer: Customer, kind: str, operation: str, rows: list[tuple[int | None, int]]
) -> None:
    """Checks (owner, id) of every row of a list that was asked for as this customer's. Raises: UpstreamReplyChanged."""
    try:
        for owner, whmcs_id in rows:
            ownership.check(customer, owner, kind, whmcs_id)
    except NotFound:
        raise UpstreamReplyChanged(SYSTEM, operation, FOREIGN) from None


def _lines(row: WireService, salesforce_order_id: str) -> set[int]:
    """Line numbers of this order that a service is marked with: in any custom field, or in its domain."""
    marks = [read_marker(field.value) for field in row.customfields]
    domain = read_marker(row.domain)
    # WHMCS may keep a domain in lower case; Salesforce's ids of 18 characters differ in more than case.
    if domain is not None and domain[0].casefold() == salesforce_order_id.casefold():
        marks.append((salesforce_order_id, domain[1]))
    return {mark[1] for mark in marks if mark is not None and mark[0] == salesforce_order_id}


def _found(row: WireService) -> FoundService:
    return FoundService(row.id, row.orderid or 0, row.pid or 0, row.status.strip())
