"""Services in WHMCS that carry our marker, compared with our rows and with Salesforce's orders (E8).

Nothing in WHMCS is ever changed or deleted here: two of one line are for a person (F4).
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import State
from portal_app.integrations.salesforce.approved_orders import ACTIVATED, ApprovedOrders
from portal_app.integrations.salesforce.ids import recased
from portal_app.integrations.whmcs.marked_services import MarkedService, MarkedServices
from portal_app.storage.fulfilment_lists import FulfilmentLists
from portal_app.storage.fulfilments import FulfilmentRecord, Fulfilments
from portal_app.storage.mirrors import Drift
from portal_app.storage.users import Users
from portal_app.workflows.findings import Findings, Stopping, go_on

BATCH: Final = 200
GONE: Final = frozenset({"cancelled", "terminated", "fraud"})
BEGUN: Final = frozenset({"activating", "scheduled"})


class ReconcileServices:
    """One look at all services of a customer for all of the customer's orders."""

    def __init__(
        self,
        approved_orders: ApprovedOrders,
        fulfilments: Fulfilments,
        lists: FulfilmentLists,
        requested: Callable[[str], Awaitable[None]],
        marked_services: MarkedServices,
        users: Users,
    ) -> None:
        self._approved, self._fulfilments, self._lists = approved_orders, fulfilments, lists
        self._requested, self._marked, self._users = requested, marked_services, users

    async def of_ended(self, run: Findings, since: datetime, stopping: Stopping) -> None:
        """Of the customers whose orders ended since then, each once."""
        mine: dict[str, set[str]] = defaultdict(set)
        async for page in self._lists.ended(since):
            for row in page:
                if row.user_id:
                    mine[row.user_id].add(row.salesforce_order_id)
        for user_id in sorted(mine):
            go_on(stopping)
            customer = await self._users.find_customer(user_id)
            if customer is None:
                for order_id in sorted(mine[user_id]):
                    run.leave("customer_not_mapped", salesforce_order_id=order_id)
            else:
                await self._customer(run, customer, mine[user_id])

    async def of_everybody(self, run: Findings, stopping: Stopping) -> None:
        """Of every linked customer, in order of user id."""
        after = ""
        while customers := await self._users.all_customers(after, BATCH):
            for customer in customers:
                go_on(stopping)
                await self._customer(run, customer)
            after = customers[-1].user_id

    async def _customer(self, run: Findings, customer: Customer, order_ids: Collection[str] = ()) -> None:
        with run.one_client(customer.whmcs_client_id):
            marked: dict[str, list[MarkedService]] = defaultdict(list)
            for service in await self._marked.list(customer):
                marked[recased(service.salesforce_order_id) or service.salesforce_order_id].append(service)
            rows = await self._fulfilments.known([*marked, *order_ids])
            for order_id in sorted(marked.keys() | rows.keys()):
                run.compared += 1
                with run.one("service_without_order", salesforce_order_id=order_id):
                    await self._compare(run, customer, order_id, marked.get(order_id, []), rows.get(order_id))

    async def _compare(
        self,
        run: Findings,
        customer: Customer,
        order_id: str,
        services: list[MarkedService],
        row: FulfilmentRecord | None,
    ) -> None:
        for whmcs_service_id in _twice(services):
            run.leave("service_twice", salesforce_order_id=order_id, whmcs_service_id=whmcs_service_id)
        if row is None:
            await self._without_row(run, order_id, services)
        elif row.whmcs_client_id not in (0, customer.whmcs_client_id):
            run.leave("order_of_another_client", salesforce_order_id=order_id)
        elif row.state is State.COMPLETED:
            for whmcs_service_id in _missing(row, services):
                run.leave("service_without_marker", salesforce_order_id=order_id, whmcs_service_id=whmcs_service_id)
        elif row.state is State.CANCELLED:
            _leave_live(run, order_id, services)

    async def _without_row(self, run: Findings, order_id: str, services: list[MarkedService]) -> None:
        """An older backup, a row long forgotten, or somebody's own hand."""
        order = await self._approved.read(order_id)
        if order is None:
            run.leave("service_without_order", salesforce_order_id=order_id)
        elif order.is_over:
            _leave_live(run, order_id, services)
        elif order.is_approved and order.activation.casefold() in BEGUN:
            await self._requested(order_id)
            run.found(Drift(added=1))
        elif order.activation != ACTIVATED:
            run.leave("service_without_row", salesforce_order_id=order_id)


def _live(services: Iterable[MarkedService]) -> list[MarkedService]:
    return [one for one in services if one.status.casefold() not in GONE]


def _leave_live(run: Findings, order_id: str, services: list[MarkedService]) -> None:
    for one in _live(services):
        run.leave("service_of_cancelled_order", salesforce_order_id=order_id, whmcs_service_id=one.whmcs_service_id)


def _twice(services: list[MarkedService]) -> list[int]:
    """All but the first of each line."""
    seen: set[int] = set()
    found = []
    for one in _live(services):
        if one.line_number in seen:
            found.append(one.whmcs_service_id)
        seen.add(one.line_number)
    return found


def _missing(row: FulfilmentRecord, services: list[MarkedService]) -> list[int]:
    there = {(one.line_number, one.whmcs_service_id) for one in services}
    return [held for number, held in sorted(row.whmcs_service_ids.items()) if (number, held) not in there]
