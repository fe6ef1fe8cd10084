"""The copy of WHMCS's client products that list pages read."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import case, select

from portal_app.domain.customer import Customer
from portal_app.domain.services import BillingCycle, Service, ServiceStatus
from portal_app.storage.clock import Clock
from portal_app.storage.copies import Copies, Drift, Shape
from portal_app.storage.engine import Database
from portal_app.storage.tables.mirrors import ServiceMirror

C: Any = ServiceMirror.__table__.c  # type: ignore[attr-defined]

RUNNING_FIRST: Final = (ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED, ServiceStatus.PENDING)
_STATUSES = {status.value: status for status in ServiceStatus}
_CYCLES = {cycle.value: cycle for cycle in BillingCycle}


class ServiceMirrorStore:
    """Reads take the customer."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        shape = Shape(ServiceMirror, "whmcs_service_id", _to_row, _service)
        self._copies: Copies[Service] = Copies(db, clock, shape)

    async def replace_all(self, whmcs_client_id: int, services: Sequence[Service]) -> Drift:
        """Make the copy of one client exactly these. Raises ValueError for a service of another client."""
        return await self._copies.replace_all(whmcs_client_id, services)

    async def upsert(self, service: Service) -> Drift:
        """Add or change one."""
        return await self._copies.upsert_many([service])

    async def upsert_many(self, services: Iterable[Service]) -> Drift:
        """Add or change these, of whichever clients."""
        return await self._copies.upsert_many(services)

    async def remove(self, whmcs_service_id: int, whmcs_client_id: int) -> bool:
        """WHMCS has it no more, or not for this client."""
        return await self._copies.remove(whmcs_service_id, whmcs_client_id)

    async def ids_of(self, whmcs_client_id: int) -> set[int]:
        """Ids of every copied service of one client."""
        return await self._copies.ids_of(whmcs_client_id)

    async def get(self, customer: Customer, whmcs_service_id: int) -> Service | None:
        """This customer's service; None for an unknown one and somebody else's alike."""
        return await self._copies.find(
            C.whmcs_client_id == customer.whmcs_client_id, C.whmcs_service_id == whmcs_service_id
        )

    async def find_owner(self, whmcs_service_id: int) -> int | None:
        """The client id beside a service, whoever asks: never for a customer's question."""
        found = await self._copies.find(C.whmcs_service_id == whmcs_service_id)
        return None if found is None else found.whmcs_client_id

    async def list(self, customer: Customer) -> list[Service]:
        """All of them: running ones first, then by next due day."""
        rank = case({status.value: n for n, status in enumerate(RUNNING_FIRST)}, value=C.status, else_=9)
        statement = (
            select(*C)
            .where(C.whmcs_client_id == customer.whmcs_client_id)
            .order_by(rank, C.next_due_on.asc().nulls_last(), C.whmcs_service_id)
        )
        async with self._db.read() as session:
            return [_service(row) for row in await session.execute(statement)]


def _to_row(service: Service) -> dict[str, Any]:
    return {**asdict(service), "status": service.status.value, "cycle": service.cycle.value}


def _service(row: Any) -> Service:
    return Service(
        whmcs_service_id=row.whmcs_service_id,
        whmcs_client_id=row.whmcs_client_id,
        whmcs_product_id=row.whmcs_product_id,
        name=row.name,
        label=row.label,
        kind=row.kind,
        status=_STATUSES.get(row.status, ServiceStatus.OTHER),
        cycle=_CYCLES.get(row.cycle, BillingCycle.OTHER),
        amount=row.amount,
        registered_on=row.registered_on,
        next_due_on=row.next_due_on,
        gateway=row.gateway,
        whmcs_order_id=row.whmcs_order_id,
    )
