"""What WHMCS has of an order, by the marks of its services and by its own word: whole, or a person must look (F4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from portal_app.domain.fulfilment import Code, NeedsReview
from portal_app.errors import NotFound
from portal_app.integrations.whmcs.orders import BillingOrder, BillingOrders, FoundService
from portal_app.workflows.fulfilment_run import Run

PENDING: Final = "pending"
ACTIVE: Final = "active"
Found = Mapping[int, tuple[FoundService, ...]]


@dataclass(frozen=True, slots=True)
class Marked:
    """All lines of an order, as they are in WHMCS."""

    whmcs_order_id: int
    service_ids: dict[int, int]


async def status_in_whmcs(run: Run, billing_orders: BillingOrders) -> str:
    """PENDING or ACTIVE. Raises: NeedsReview where a person has cancelled or deleted the order there."""
    there = await read_there(run, billing_orders, run.record.whmcs_order_id)
    status = there.status.strip().casefold()
    if status not in (ACTIVE, PENDING):
        text = f"Order {there.whmcs_order_id} in WHMCS is neither pending nor active."
        raise NeedsReview(Code.WHMCS_ERROR, text)
    return status


async def read_there(run: Run, billing_orders: BillingOrders, whmcs_order_id: int) -> BillingOrder:
    """Raises: NeedsReview where it is gone."""
    try:
        return await billing_orders.read_order(run.customer, whmcs_order_id)
    except NotFound:
        raise NeedsReview(Code.WHMCS_ERROR, f"Order {whmcs_order_id} is not in WHMCS any more.") from None


def expect_order(whmcs_order_id: str, marked: Marked) -> None:
    """Raises: NeedsReview where the marks are at another order than the one that is named; "" names none."""
    if whmcs_order_id not in ("", str(marked.whmcs_order_id)):
        text = f"Order {whmcs_order_id} of WHMCS is named, but the marks are at order {marked.whmcs_order_id}."
        raise NeedsReview(Code.WHMCS_ERROR, text)


def read_marks(found: Found, numbers: Collection[int]) -> Marked | None:
    """The one service of each line; None when there is none of any. Raises: NeedsReview for anything between."""
    if not any(found.values()):
        return None
    twice = sorted(number for number, services in found.items() if len(services) > 1)
    if twice:
        raise NeedsReview(Code.WHMCS_ERROR, f"WHMCS has more than one service for line {listed(twice)}.")
    missing = sorted(number for number in numbers if not found.get(number))
    if missing:
        raise NeedsReview(Code.WHMCS_ERROR, f"WHMCS has a part of the order only: line {listed(missing)} is missing.")
    unknown = sorted(found.keys() - set(numbers))
    if unknown:
        raise NeedsReview(Code.WHMCS_ERROR, f"WHMCS has a service for line {listed(unknown)}, which the order has not.")
    orders = {services[0].whmcs_order_id for services in found.values()}
    if len(orders) != 1 or 0 in orders:
        raise NeedsReview(Code.WHMCS_ERROR, "The services of the order are not of one order in WHMCS.")
    return Marked(orders.pop(), {number: found[number][0].whmcs_service_id for number in numbers})


def listed(numbers: Collection[int]) -> str:
    """For a sentence."""
    return ", ".join(str(number) for number in numbers)
