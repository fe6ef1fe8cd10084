"""Orders as the screens show them: the words for how they stand."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from portal_app import routes
from portal_app.domain.order_status import (
    ENDED,
    IDENTITY_NOT_VERIFIED,
    PAYMENT_METHOD_MISSING,
    OrderView,
    Shown,
    order_view,
)
from portal_app.domain.orders import Order
from portal_app.format import JAPAN, day
from portal_app.state.order_progress import NOTHING, Beside

log = logging.getLogger(__name__)

Status = Literal[
    "draft",
    "under_review",
    "action_needed",
    "setting_up",
    "scheduled",
    "active",
    "delayed",
    "cancelled",
    "in_progress",
]
Wanted = Literal["", "payment", "document"]
_WANTED: Final[dict[str, Wanted]] = {PAYMENT_METHOD_MISSING: "payment", IDENTITY_NOT_VERIFIED: "document"}


@dataclass(frozen=True)
class OrderRow:
    """One line of a list. `starts` is "" unless its day is known and still matters; `wanted`: from the customer."""

    key: str
    number: str
    href: str
    kind: Literal["internet", "sim", "vpn", "other"]
    plan: str  # "" where its service is not known
    status: Status
    placed: str
    starts: str
    wanted: Wanted = ""

    @classmethod
    def of(cls, order: Order, today: date, locale: str, known: Beside = NOTHING) -> "OrderRow":
        """A row in a language; `today` in Japan."""
        view = view_of(order, today, known)
        ahead = order.starts_on is not None and order.starts_on >= today and view.shown not in ENDED
        return cls(
            key=order.salesforce_order_id,
            number=order.number,
            href=routes.order(order.salesforce_order_id),
            kind=order.line.value,
            plan=order.plan,
            status=view.shown.value,
            placed=day(order.placed_at.astimezone(JAPAN).date(), locale),
            starts=day(order.starts_on, locale) if ahead else "",
            wanted=wanted_of(view),
        )


def rows_apart(
    orders: Iterable[Order], known: Beside, today: date, locale: str
) -> tuple[list[OrderRow], list[OrderRow]]:
    """Those of which something is still to come, then those that have ended; each in the order given."""
    rows = [OrderRow.of(one, today, locale, known) for one in orders]
    return [row for row in rows if row.status not in ENDED], [row for row in rows if row.status in ENDED]


def view_of(order: Order, today: date, known: Beside = NOTHING) -> OrderView:
    """How it stands. A pair of statuses nobody has thought of is told to the operator."""
    view = order_view(
        order.status,
        order.activation,
        error_code=order.error_code,
        starts_on=order.starts_on,
        today=today,
        progress=known.of(order),
        document_with_staff=known.document_with_staff,
    )
    if not view.known:
        log.warning("an order with unknown statuses", extra={"state": f"{order.status} / {order.activation}"[:80]})
    return view


def wanted_of(view: OrderView) -> Wanted:
    """What it waits for from the customer."""
    return _WANTED.get(view.code, "") if view.shown is Shown.ACTION_NEEDED else ""
