"""What the portal itself knows of orders on their way, beside Salesforce's copy."""

from collections.abc import Iterable

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import Progress
from portal_app.domain.order_status import ENDED, order_view
from portal_app.domain.orders import Order


async def progress_of(customer: Customer, orders: Iterable[Order]) -> dict[str, Progress]:
    """By Salesforce id; only of those that Salesforce's copy does not call ended. One that nobody began is missing."""
    found: dict[str, Progress] = {}
    for order in orders:
        if order_view(order.status, order.activation, error_code=order.error_code).shown in ENDED:
            continue
        progress = await wiring.fulfilment().progress(customer, order.salesforce_order_id)
        if progress is not None:
            found[order.salesforce_order_id] = progress
    return found
