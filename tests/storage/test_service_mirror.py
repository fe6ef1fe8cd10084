"""The copy of the services."""

from datetime import date

import pytest

from portal_app.domain.services import ServiceStatus
from portal_app.storage.mirrors import Drift, ServiceMirrorStore
from tests.storage.builders import a_service


@pytest.fixture
def mirror(db, clock) -> ServiceMirrorStore:
    return ServiceMirrorStore(db, clock)


async def test_a_service_comes_back_as_it_was(mirror, customer):
    service = a_service(5, registered_on=None, next_due_on=None, label="")
    await mirror.upsert(service)
    assert await mirror.list(customer) == [service]
    assert await mirror.get(customer, 5) == service


async def test_replacing_tells_what_differed(mirror):
    await mirror.replace_all(7, [a_service(1), a_service(2)])
    drift = await mirror.replace_all(7, [a_service(1, status=ServiceStatus.SUSPENDED), a_service(3)])
    assert drift == Drift(added=1, changed=1, removed=1)
    assert await mirror.ids_of(7) == {1, 3}


async def test_o1_another_customers_services_are_not_there(mirror, other_customer):
    await mirror.replace_all(7, [a_service(1)])
    assert await mirror.list(other_customer) == []
    assert await mirror.get(other_customer, 1) is None


async def test_running_services_come_first_then_those_billed_next(mirror, customer):
    await mirror.replace_all(
        7,
        [
            a_service(1, status=ServiceStatus.CANCELLED),
            a_service(2, status=ServiceStatus.PENDING),
            a_service(3, next_due_on=None),
            a_service(4, next_due_on=date(2026, 3, 1)),
            a_service(5, next_due_on=date(2026, 2, 1)),
            a_service(6, status=ServiceStatus.SUSPENDED),
        ],
    )
    assert [s.whmcs_service_id for s in await mirror.list(customer)] == [5, 4, 3, 6, 2, 1]


async def test_removing_needs_the_right_client(mirror, customer):
    await mirror.upsert_many([a_service(1)])
    assert not await mirror.remove(1, 8)
    assert await mirror.remove(1, 7)
    assert await mirror.list(customer) == []
