"""Every service of a customer that an order of ours has made, as its marker says; for reconciliation."""

from collections.abc import Callable
from dataclasses import dataclass

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import read_marker
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.order_services import OrderServices
from portal_app.integrations.whmcs.ownership import Ownership
from portal_app.integrations.whmcs.wire import WireService


@dataclass(frozen=True, slots=True)
class MarkedService:
    """A service with its status in WHMCS's words. WHMCS may have put the order's id into lower case."""

    salesforce_order_id: str
    line_number: int
    whmcs_service_id: int
    whmcs_order_id: int
    status: str


class MarkedServices:
    """What the reconciler asks of services: behind everybody who waits at a screen."""

    def __init__(self, client: WhmcsClient, *, on_foreign: Callable[[Customer, str, int], None] | None = None) -> None:
        self._services = OrderServices(client, Ownership(on_foreign))

    async def list(self, customer: Customer) -> tuple[MarkedService, ...]:
        """All pages, by service id. Raises: UpstreamError, Busy; a part of a list is never taken for all of it."""
        rows = sorted(await self._services.read(customer), key=lambda row: row.id)
        return tuple(found for row in rows for found in _marks(row))


def _marks(row: WireService) -> list[MarkedService]:
    texts = [field.value for field in row.customfields] + [row.domain]
    marks = dict.fromkeys(mark for text in texts if (mark := read_marker(text)) is not None)
    return [MarkedService(order_id, number, row.id, row.orderid or 0, row.status.strip()) for order_id, number in marks]
