"""One order: how far it has come, what was ordered, what it comes to."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.catalog import Catalog
from portal_app.domain.order_status import Shown
from portal_app.domain.orders import Order, OrderDetail
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import day, moment
from portal_app.security.policy import signed_in
from portal_app.state.asking import Asking, asking, opened
from portal_app.state.forms import FormState
from portal_app.state.named_here import named_in
from portal_app.state.order_progress import Beside, beside
from portal_app.state.order_rows import Status, Wanted, view_of, wanted_of
from portal_app.state.order_steps import StepRow, step_rows
from portal_app.state.price_rows import ItemRow, PriceBox, ordered_box, ordered_rows
from portal_app.state.primed import primed
from portal_app.state.returning import with_return

UNREADABLE = (UpstreamError, Busy, TimeoutError)
JUST_NOW: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class OrderHead:
    """The head of an order and the address it was placed with. `wanted`: what it waits for from the customer."""

    number: str = ""
    kind: Literal["internet", "sim", "vpn", "other"] = "other"
    status: Status = "in_progress"
    placed: str = ""
    starts: str = ""
    billing_number: str = ""
    street: str = ""  # may have several lines
    city: str = ""
    postal_code: str = ""
    address_changed: bool = False
    just_placed: bool = False
    wanted: Wanted = ""
    here: str = ""  # this page, to come back to
    document_href: str = ""
    ask_href: str = ""


class OrderState(FormState, rx.State):
    """What one tab shows of the order its URL names."""

    found: Literal["loading", "found", "missing", "failed"] = "loading"
    here: str = ""
    head: OrderHead = OrderHead()
    steps: list[StepRow] = []
    items: list[ItemRow] = []
    box: PriceBox = PriceBox()
    as_of: str = ""
    refusal: str = ""  # the sentence of why the page of payment methods did not open
    trouble: str = ""  # key of the notice when the page is not of this moment
    refreshing: bool = False

    _shown_id: str = ""

    @rx.event
    @signed_in(live="orders checks")
    @primed(apart=("refreshing", "errors", "values"))
    async def load(self):
        """Show the order the URL names, and once what a door had to say."""
        await self._take_flash()
        await self._read()

    @rx.event
    @signed_in(live="orders checks")
    async def arrived(self):
        """It is on the screen, or was when something new came."""
        if self._shown_id:
            await opened(await asking(self), f"order:{self._shown_id}")

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask Salesforce anew, then show."""
        self.refreshing = True
        yield
        try:
            await self._read(anew=True)
        finally:
            self.refreshing = False

    async def _read(self, *, anew: bool = False) -> None:
        me = await asking(self)
        wanted, self.here = order_id_of(self.router.url.path), named_in(self.router.url.path)
        if wanted != self._shown_id:
            self._clear()
        try:
            copy = await wiring.orders().get_order(me.customer, wanted, anew=anew)
            order = copy.detail.order
            # Salesforce's copy first: what the portal's own record says is then never older than it.
            known = await beside(me.customer, [order])
            times = await wiring.order_times().of(me.customer, order.salesforce_order_id)
        except NotFound:
            self._clear()
            self.found = "missing"
            return
        except UNREADABLE:
            self.trouble = "orders.unavailable"
            self.found = "found" if self._shown_id else "failed"
            return
        self._shown_id = wanted
        await self._assign(me, copy, times, known)

    async def _assign(self, me: Asking, copy: Any, times: Any, known: Beside) -> None:
        now, detail = wiring.clock().now(), copy.detail
        self.head = head_of(detail, me, known)
        self.steps = step_rows(detail.order, times, now, me.locale, known)
        self.items = ordered_rows(detail.items, me.locale)
        self.box = ordered_box(detail.items, await _catalog(detail), me.locale)
        self.as_of, self.trouble = me.clock(copy.as_of), "orders.stale" if copy.stale else ""
        self.refusal = me.sentence(self.error)
        self.found = "found"

    def _clear(self) -> None:
        self.head, self.steps, self.items, self.box = OrderHead(), [], [], PriceBox()
        self.as_of, self.refusal, self.trouble, self._shown_id, self.found = "", "", "", "", "loading"


def head_of(detail: OrderDetail, me: Asking, known: Beside) -> OrderHead:
    """The head of an order in a language."""
    order, address = detail.order, detail.address
    today = wiring.clock().today_in_japan()
    view = view_of(order, today, known)
    here = routes.order(order.salesforce_order_id)
    return OrderHead(
        number=order.number,
        kind=order.line.value,
        status=view.shown.value,
        placed=moment(order.placed_at, me.locale),
        starts=day(order.starts_on, me.locale) if order.starts_on else "",
        billing_number=order.whmcs_order_id,
        street=address.street,
        city=", ".join(filter(None, (address.city, address.state))),
        postal_code=address.postal_code,
        address_changed=detail.address_changed,
        just_placed=_just_placed(order, view.shown),
        wanted=wanted_of(view),
        here=here,
        document_href=with_return(routes.VERIFICATION, here),
        ask_href=routes.question(order.line.value, "order", order.salesforce_order_id),
    )


def _just_placed(order: Order, shown: Shown) -> bool:
    return shown is Shown.UNDER_REVIEW and wiring.clock().now() - order.placed_at < JUST_NOW


def order_id_of(path: str) -> str:
    """The Salesforce id a URL names; whether it is one at all is for the orders to say."""
    return path.rstrip("/").rpartition("/")[2][:40]


async def _catalog(detail: OrderDetail) -> Catalog | None:
    """Only for the last of several payments; without it they are shown as equal."""
    if not any(item.ends_after for item in detail.items):
        return None
    try:
        return (await wiring.catalog().get_catalog()).catalog
    except UNREADABLE:
        return None
