"""The list of orders: those in progress, and those that have ended."""

import reflex as rx

from portal_app import wiring
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking
from portal_app.state.order_progress import beside
from portal_app.state.order_rows import OrderRow, rows_apart
from portal_app.state.primed import primed


class OrdersState(rx.State):
    """What one tab shows of the list."""

    loaded: bool = False
    known: bool = False  # there is an answer to show, if only an empty one
    rows: list[OrderRow] = []
    past: list[OrderRow] = []
    as_of: str = ""
    notice: str = ""
    refreshing: bool = False

    @rx.event
    @signed_in(live="orders checks")
    @primed(apart=("refreshing",))
    async def load(self):
        """Show every order of the customer."""
        await self._read()

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
        me, now = await asking(self), wiring.clock().now()
        try:
            copy = await wiring.orders().list_orders(me.customer, anew=anew)
        except NotFound:  # no account with us yet, so no order either
            self.rows, self.past, self.as_of, self.notice = [], [], me.clock(now), ""
            self.known = self.loaded = True
            return
        except (UpstreamError, Busy, TimeoutError):
            self.notice, self.loaded = "orders.unavailable", True
            return
        known, today = await beside(me.customer, copy.items), wiring.clock().today_in_japan()
        self.rows, self.past = rows_apart(copy.items, known, today, me.locale)
        self.known, self.loaded, self.as_of = True, True, me.clock(copy.as_of)
        self.notice = "orders.stale" if copy.stale else ""
