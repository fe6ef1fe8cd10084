"""The telephone number of a SIM, written to its service: by it the portal and staff know the line."""

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected
from portal_app.integrations.whmcs.client import BACKGROUND, WhmcsClient
from portal_app.integrations.whmcs.mapping import is_phone_field
from portal_app.integrations.whmcs.order_services import OrderServices
from portal_app.integrations.whmcs.ownership import checked_id
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.integrations.whmcs.wire import WireCustomField

NO_FIELD, NOT_KEPT = "no_phone_field", "field_not_kept"


class ServiceNumbers:
    """Writing it, as often as one likes."""

    def __init__(self, client: WhmcsClient, services: OrderServices) -> None:
        self._client, self._services = client, services

    async def note(self, customer: Customer, whmcs_service_id: int, number: str) -> None:
        """Writes the number unless it is there, and reads it back.

        Raises: NotFound for a service that is not the customer's, UpstreamRejected("no_phone_field") where its product
        has no such field, UpstreamOutcomeUnknown when WHMCS did not answer or keep it; UpstreamError, Busy.
        """
        wanted = checked_id("service", whmcs_service_id)
        field = await self._field(customer, wanted)
        if field.id is None:
            raise UpstreamRejected(SYSTEM, "GetClientsProducts", NO_FIELD)
        if field.value.strip() == number:
            return
        await self._client.update_client_product(wanted, custom_fields={field.id: number}, caller=BACKGROUND)
        if (await self._field(customer, wanted)).value.strip() != number:
            raise UpstreamOutcomeUnknown(SYSTEM, "UpdateClientProduct", NOT_KEPT)

    async def _field(self, customer: Customer, whmcs_service_id: int) -> WireCustomField:
        rows = await self._services.read(customer, whmcs_service_id)
        if not rows:
            raise NotFound("service", whmcs_service_id)
        return next((field for field in rows[0].customfields if is_phone_field(field.name)), WireCustomField())
