"""What is known of orders beside Salesforce's copy of them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import Progress
from portal_app.domain.order_status import ENDED, IDENTITY_NOT_VERIFIED, order_view
from portal_app.domain.orders import Order
from portal_app.errors import Busy, NotFound, UpstreamError


@dataclass(frozen=True, slots=True)
class Beside:
    """`progress`: the portal's own record, by Salesforce id. `document_with_staff`: the customer has sent one."""

    progress: Mapping[str, Progress] = field(default_factory=dict)
    document_with_staff: bool = False

    def of(self, order: Order) -> Progress | None:
        """The record of one order; None where nobody has begun with it."""
        return self.progress.get(order.salesforce_order_id)


NOTHING: Final = Beside()
BESIDE_S: Final = 3.0
"""Whose turn it is about a document is worth so long a wait; the order is shown without it."""


async def beside(customer: Customer, orders: Iterable[Order]) -> Beside:
    """Of what Salesforce's copy does not call ended; the document only where an order waits for it."""
    found: dict[str, Progress] = {}
    waits = False
    for order in orders:
        copy = order_view(order.status, order.activation, error_code=order.error_code)
        if copy.shown in ENDED:
            continue
        progress = await wiring.fulfilment().progress(customer, order.salesforce_order_id)
        if progress is not None:
            found[order.salesforce_order_id] = progress
        waits = waits or IDENTITY_NOT_VERIFIED in (copy.code, progress.code if progress else "")
    return Beside(found, waits and await _document_with_staff(customer))


async def _document_with_staff(customer: Customer) -> bool:
    try:
        async with asyncio.timeout(BESIDE_S):
            document = (await wiring.checks().get(customer)).document
    except (UpstreamError, Busy, NotFound, TimeoutError):
        return False  # then the page says what to look at, which is true either way
    return document is not None and not document.may_upload
