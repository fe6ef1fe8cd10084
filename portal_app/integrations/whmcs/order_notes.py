"""What is noted at a service after it was ordered: the telephone number of a SIM, and the opportunity it came from."""

from collections.abc import Collection, Mapping
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected
from portal_app.integrations.whmcs.client import BACKGROUND, WhmcsClient
from portal_app.integrations.whmcs.mapping import is_phone_field
from portal_app.integrations.whmcs.order_fields import field_key
from portal_app.integrations.whmcs.order_services import OrderServices
from portal_app.integrations.whmcs.ownership import checked_id
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.integrations.whmcs.wire import WireCustomField, WireService

OPPORTUNITY_FIELD: Final = "OpportunityId"
NO_FIELD, NOT_KEPT = "no_phone_field", "field_not_kept"


class ServiceNotes:
    """Writing them, as often as one likes: what stands there already is not written again, and all is read back."""

    def __init__(self, client: WhmcsClient, services: OrderServices) -> None:
        self._client, self._services = client, services

    async def number(self, customer: Customer, whmcs_service_id: int, number: str) -> None:
        """By it the portal and staff know the line.

        Raises: NotFound for a service that is not the customer's, UpstreamRejected("no_phone_field") where its product
        has no such field, UpstreamOutcomeUnknown when WHMCS did not answer or keep it; UpstreamError, Busy.
        """
        wanted = checked_id("service", whmcs_service_id)
        rows = await self._services.read(customer, wanted)
        if not rows:
            raise NotFound("service", wanted)
        field = _phone_field(rows[0])
        if field is None or field.id is None:
            raise UpstreamRejected(SYSTEM, "GetClientsProducts", NO_FIELD)
        await self._write(customer, {wanted: field}, number)

    async def opportunity(
        self, customer: Customer, whmcs_service_ids: Collection[int], salesforce_opportunity_id: str
    ) -> None:
        """Of those whose product has the field: its id is not known before the first service of a product is there.

        Raises: UpstreamOutcomeUnknown when WHMCS did not answer or keep it; UpstreamError, Busy.
        """
        if not salesforce_opportunity_id:
            return
        rows = [row for row in await self._services.read(customer) if row.id in whmcs_service_ids]
        fields = {row.id: field for row in rows if (field := _field(row, OPPORTUNITY_FIELD)) is not None}
        await self._write(customer, fields, salesforce_opportunity_id)

    async def _write(self, customer: Customer, fields: Mapping[int, WireCustomField], value: str) -> None:
        """One value to one field each of several services."""
        wanted = {service_id: field.id for service_id, field in fields.items() if field.value.strip() != value}
        for service_id, field_id in wanted.items():
            if field_id is not None:
                await self._client.update_client_product(service_id, custom_fields={field_id: value}, caller=BACKGROUND)
        if wanted:
            await self._read_back(customer, wanted, value)

    async def _read_back(self, customer: Customer, wanted: Mapping[int, int | None], value: str) -> None:
        only = next(iter(wanted)) if len(wanted) == 1 else None
        kept = {
            (row.id, field.id)
            for row in await self._services.read(customer, only)
            for field in row.customfields
            if field.value.strip() == value
        }
        if set(wanted.items()) - kept:
            raise UpstreamOutcomeUnknown(SYSTEM, "UpdateClientProduct", NOT_KEPT)


def _phone_field(row: WireService) -> WireCustomField | None:
    return next((field for field in row.customfields if is_phone_field(field.name)), None)


def _field(row: WireService, name: str) -> WireCustomField | None:
    found = (field for field in row.customfields if field_key(field.name) == field_key(name))
    return next((field for field in found if field.id is not None), None)
