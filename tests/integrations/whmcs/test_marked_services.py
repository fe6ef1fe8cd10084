"""Services with our marker, wherever it stands; a list with somebody else's in it is none."""

import pytest

from portal_app.domain.customer import Customer
from portal_app.errors import UpstreamReplyChanged
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.marked_services import MarkedService, MarkedServices
from tests.fakes.clock import FakeClock
from tests.fakes.whmcs import FakeWhmcs, a_wire_service

ORDER = "801000000000001AAA"
CUSTOMER = Customer("user-1", 7)


def in_field(value: str) -> dict:
    return {"customfield": [{"id": 4, "name": "Other", "value": "x"}, {"id": 5, "name": "Ref", "value": value}]}


@pytest.fixture
def whmcs() -> FakeWhmcs:
    return FakeWhmcs()


@pytest.fixture
def marked(whmcs) -> MarkedServices:
    return MarkedServices(whmcs.client(Upstream(WHMCS, FakeClock())))


async def test_markers_are_read_from_fields_and_domains_and_all_else_is_nobodys(marked, whmcs):
    whmcs.services += [
        a_wire_service(33, 7, orderid=9, status=" Active ", customfields=in_field(f"portal:{ORDER}:2")),
        a_wire_service(31, 7, orderid=9, domain=f"portal:{ORDER.lower()}:1", status="Pending"),
        a_wire_service(32, 7, domain="example.com", customfields=in_field("portal:nothing")),
        a_wire_service(34, 8, customfields=in_field(f"portal:{ORDER}:3")),
    ]
    assert await marked.list(CUSTOMER) == (
        MarkedService(ORDER.lower(), 1, 31, 9, "Pending"),
        MarkedService(ORDER, 2, 33, 9, "Active"),
    )


async def test_o2_a_list_with_somebody_elses_service_is_not_believed(marked, whmcs):
    whmcs.services.append(a_wire_service(33, 7, customfields=in_field(f"portal:{ORDER}:1")))
    whmcs._GetClientsProducts = lambda fields: FakeWhmcs._GetClientsProducts(whmcs, fields | {"clientid": "7"})  # type: ignore[method-assign]
    with pytest.raises(UpstreamReplyChanged):
        await marked.list(Customer("user-2", 8))
