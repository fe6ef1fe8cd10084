"""Which gateway an order names. WHMCS refuses an order without one."""

from portal_app.domain.customer import Customer
from portal_app.errors import UpstreamRejected
from portal_app.integrations.whmcs.client import BACKGROUND, WhmcsClient
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.pay_methods import last_day
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.storage.clock import Clock

NO_GATEWAY = "no_gateway"


class OrderGateway:
    """`fixed`: the one of the settings, "" to follow what the customer pays by."""

    def __init__(self, client: WhmcsClient, gateways: Gateways, clock: Clock, fixed: str = "") -> None:
        self._client, self._gateways, self._clock, self._fixed = client, gateways, clock, fixed.strip()

    async def choose(self, customer: Customer) -> str:
        """The fixed one; else that of the customer's first payment method that has not expired, as long as it may still
        be paid by; else WHMCS's first.

        Raises: UpstreamRejected("no_gateway") where none is switched on, UpstreamError, Busy.
        """
        if self._fixed:
            return self._fixed
        modules = await self._gateways.modules(BACKGROUND)
        if not modules:
            raise UpstreamRejected(SYSTEM, "GetPaymentMethods", NO_GATEWAY)
        stored = (await self._client.get_pay_methods(customer.whmcs_client_id, caller=BACKGROUND)).paymethods
        today = self._clock.today_in_japan()
        usable = (row for row in stored if (last := last_day(row.expiry_date)) is None or today <= last)
        first = next(usable, None)
        wanted = first.gateway_name.strip().casefold() if first else ""
        return next((module for module in modules if module.casefold() == wanted), modules[0])
