"""The billing system."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx

from portal_app.domain.customer import Customer
from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.upstream.http import open_http
from portal_app.integrations.whmcs.addresses import Addresses
from portal_app.integrations.whmcs.billed_services import BilledServices
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.client import WhmcsClient
from portal_app.integrations.whmcs.clients import Clients
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.logins import Logins
from portal_app.integrations.whmcs.marked_services import MarkedServices
from portal_app.integrations.whmcs.orders import BillingOrders
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.integrations.whmcs.products import Products
from portal_app.integrations.whmcs.profiles import ClientProfiles
from portal_app.integrations.whmcs.registration import Registration
from portal_app.integrations.whmcs.services import Services
from portal_app.observability import correlation, metrics
from portal_app.security.audit import Audit
from portal_app.settings import Settings
from portal_app.wiring.parts import Parts


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """The client over its throttle, and its subjects."""
    upstream = _upstream(chosen, parts)
    http = open_http(chosen.WHMCS_QUEUE_CONCURRENCY, event_hooks={"request": [_with_correlation]})
    stack.push_async_callback(http.aclose)
    identity = chosen.WHMCS_API_IDENTIFIER, chosen.WHMCS_API_SECRET
    client = WhmcsClient(http, chosen.WHMCS_BASE_URL, *identity, upstream)
    marks, cache, clock = parts["marks"], parts["cache"], parts["clock"]
    alarm = _foreign_alarm(parts["audit"])
    number_field, marker_field = chosen.WHMCS_CUSTOMER_NUMBER_FIELD_ID, chosen.WHMCS_PORTAL_USER_FIELD_ID
    billing = Billing(client, parts["invoice_mirror"], marks, cache, parts["payment_links"], clock, on_foreign=alarm)
    gateways = Gateways(client, clock)
    billed = BilledServices(client, billing, parts["invoice_services"], marks, parts["bus"], clock, on_foreign=alarm)
    stack.push_async_callback(billed.stop)
    return {
        "upstreams": (*parts["upstreams"], upstream),
        "billing": billing,
        "billed_services": billed,
        "gateways": gateways,
        "services": Services(client, parts["service_mirror"], marks, cache, clock, on_foreign=alarm),
        "products": Products(client),
        "billing_orders": BillingOrders(
            client,
            gateways,
            clock,
            reference_field=chosen.WHMCS_ORDER_REFERENCE_FIELD,
            payment_method=chosen.WHMCS_ORDER_PAYMENT_METHOD,
            on_foreign=alarm,
        ),
        "pay_methods": PayMethods(client, cache, on_foreign=alarm),
        "whmcs_addresses": Addresses(client, cache, on_foreign=alarm),
        "marked_services": MarkedServices(client, on_foreign=alarm),
        "clients": Clients(client, cache, on_foreign=alarm),
        "whmcs_profiles": ClientProfiles(
            client,
            cache,
            customer_number_field_id=number_field,
            birth_date_field_id=chosen.WHMCS_BIRTH_DATE_FIELD_ID or None,
            gender_field_id=chosen.WHMCS_GENDER_FIELD_ID or None,
            on_foreign=alarm,
        ),
        "logins": Logins(client, customer_number_field_id=number_field, portal_user_field_id=marker_field),
        "registration": Registration(
            client,
            customer_number_field_id=number_field,
            portal_user_field_id=marker_field,
            birth_date_field_id=chosen.WHMCS_BIRTH_DATE_FIELD_ID or None,
        ),
    }


def _upstream(chosen: Settings, parts: Parts) -> Upstream:
    policy = replace(
        WHMCS,
        concurrency=chosen.WHMCS_QUEUE_CONCURRENCY,
        per_second=chosen.WHMCS_QUEUE_INTERVAL_CAP,
        queue_wait_s=chosen.WHMCS_QUEUE_TIMEOUT_MS / 1000,
        write_s=chosen.WHMCS_WRITE_TIMEOUT_MS / 1000,
    )
    return Upstream(policy, parts["clock"], on_event=metrics.upstream_called)


async def _with_correlation(request: httpx.Request) -> None:
    """The id of our own log lines, for whoever reads the other side's (R1)."""
    request.headers["x-correlation-id"] = correlation.current()


def _foreign_alarm(audit: Audit) -> Callable[[Customer, str, int], None]:
    """Audits a customer's reach for somebody else's record without making the answer wait for it (O1)."""
    running: set[asyncio.Task[None]] = set()

    def alarm(customer: Customer, kind: str, whmcs_id: int) -> None:
        row = audit.record("foreign_record", user_id=customer.user_id, outcome="denied", detail={"kind": kind})
        task = asyncio.get_running_loop().create_task(row)
        running.add(task)
        task.add_done_callback(running.discard)

    return alarm
