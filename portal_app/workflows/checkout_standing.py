"""What is known about a customer at the moment of ordering: asked of both systems anew, all of it together."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from portal_app.domain.address import Address
from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.domain.checkout import Standing
from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility
from portal_app.domain.order_status import ENDED, Shown, order_view
from portal_app.domain.orders import Order
from portal_app.domain.pay_methods import PayMethod, first_usable
from portal_app.domain.services import Service, ServiceKind, ServiceStatus
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.salesforce.checks import AccountChecks, Checks
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.storage.clock import Clock
from portal_app.workflows.address import AddressBook
from portal_app.workflows.findings import code_of
from portal_app.workflows.service_book import ServiceBook

log = logging.getLogger(__name__)
T = TypeVar("T")

RUNNING: Final = frozenset({ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED})
NOT_OPEN: Final = ENDED | {Shown.DRAFT}


@dataclass(frozen=True, slots=True)
class Known:
    """The standing, and what of it a page shows. None: there is none, or it could not be asked; see the standing."""

    standing: Standing
    address: Address | None = field(default=None, repr=False)
    pay_method: PayMethod | None = None
    eligibility: Eligibility | None = None
    document: DocumentCheck | None = None


class CheckoutStanding:
    """A part that cannot be asked is unknown, so no yes; it never keeps the others from being asked (I4)."""

    def __init__(
        self,
        *,
        checks: Checks,
        services: ServiceBook,
        pay_methods: PayMethods,
        orders: Orders,
        addresses: AddressBook,
        clock: Clock,
        documents_for: frozenset[ProductLine],
        terms_version: str,
    ) -> None:
        self._checks, self._services, self._pay_methods = checks, services, pay_methods
        self._orders, self._addresses, self._clock = orders, addresses, clock
        self._documents_for, self._terms_version = documents_for, terms_version

    async def read(self, customer: Customer, cart: Cart) -> Known:
        """Everything that decides about this cart. Never raises for what a system does not answer."""
        if not (customer.whmcs_client_id and customer.salesforce_account_id):
            return self._of_nobody()
        today = self._clock.today_in_japan()
        address, methods, running, checked, orders = await asyncio.gather(
            _asked("address", self._address(customer)),
            _asked("pay_methods", self._pay_methods.list_methods(customer, anew=True)),
            _asked("services", self._services_of(customer, cart.line)),
            _asked("checks", self._checked(customer)),
            _asked("orders", self._open_orders(customer)),
        )
        pay_method = first_usable(methods, today) if methods is not None else None
        settling, checks = checked or (False, None)
        eligibility = Eligibility() if settling else checks.eligibility if checks else None
        document = checks.document if checks else None
        found = address[0] if address else None
        standing = Standing(
            linked=True,
            terms_version=self._terms_version,
            today=today,
            payment_method=None if methods is None else pay_method is not None,
            address_key=None if address is None else found.key if found else "",
            eligibility=eligibility,
            document=document.state if document else None,
            documents_for=self._documents_for,
            internet_here=None if running is None else _runs(running, "internet"),
            sim_active=None if running is None else _runs(running, "sim", {ServiceStatus.ACTIVE}),
            open_order=None if orders is None else any(order.line is cart.line for order in orders),
        )
        return Known(standing, found, pay_method, eligibility, document)

    def _of_nobody(self) -> Known:
        """Without a billing account there is nothing to ask, and nothing to be unsure about."""
        standing = Standing(
            linked=False,
            terms_version=self._terms_version,
            today=self._clock.today_in_japan(),
            payment_method=False,
            address_key="",
            eligibility=Eligibility(),
            document="not_submitted",
            documents_for=self._documents_for,
            internet_here=False,
            sim_active=False,
            open_order=False,
        )
        return Known(standing, eligibility=Eligibility(), document=DocumentCheck())

    async def _address(self, customer: Customer) -> tuple[Address | None]:
        """Within a tuple, so that having none differs from not knowing."""
        return (await self._addresses.get(customer, anew=True),)

    async def _services_of(self, customer: Customer, line: ProductLine) -> tuple[Service, ...] | None:
        if line not in (ProductLine.INTERNET, ProductLine.SIM):
            return None
        found = await self._services.list(customer, wait=True)
        return None if found.stale else found.items

    async def _checked(self, customer: Customer) -> tuple[bool, AccountChecks]:
        """Whether a new address is still on its way to Salesforce, and then the checks.

        In this order: once it is there the check of the old address is taken back, so a yes read afterwards is good.
        """
        settling = await self._addresses.is_settling(customer)
        return settling, await self._checks.get(customer, anew=True)

    async def _open_orders(self, customer: Customer) -> list[Order] | None:
        found = await self._orders.list_orders(customer, anew=True)
        if found.stale:
            return None
        return [o for o in found.items if _view(o) not in NOT_OPEN]


def _view(order: Order) -> Shown:
    return order_view(order.status, order.activation, error_code=order.error_code).shown


def _runs(
    services: tuple[Service, ...], kind: ServiceKind, statuses: frozenset[ServiceStatus] | set[ServiceStatus] = RUNNING
) -> bool:
    return any(one.kind == kind and one.status in statuses for one in services)


async def _asked(kind: str, question: Awaitable[T]) -> T | None:
    try:
        return await question
    except (UpstreamError, Busy, NotFound, TimeoutError) as failure:
        log.warning("checkout part not read", extra={"kind": kind, "code": code_of(failure)})
    except Exception:
        log.exception("checkout part surprised", extra={"kind": kind})
    return None
