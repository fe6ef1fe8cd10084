"""Orders on the dashboard."""

import asyncio

import reflex as rx

from portal_app import wiring
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking
from portal_app.state.dashboard_activity import of_orders
from portal_app.state.dashboard_blocks import BESIDE_S, DashboardBlocks
from portal_app.state.dashboard_tasks import order_tasks
from portal_app.state.order_progress import beside
from portal_app.state.order_rows import OrderRow, rows_apart
from portal_app.state.primed import primed

ORDERS = 3
"""How many of those in progress; the list has them all."""


class OrdersBlock(DashboardBlocks, rx.State, mixin=True):
    """Mixed into the dashboard's state."""

    orders: list[OrderRow] = []  # in progress, newest first
    more_orders: bool = False
    orders_notice: str = ""

    @rx.event
    @signed_in(live="orders checks")
    @primed
    async def load_orders(self):
        """Show what is in progress; most customers have nothing there, and see nothing."""
        me, today = await asking(self), wiring.clock().today_in_japan()
        try:
            async with asyncio.timeout(BESIDE_S):
                copy = await wiring.orders().list_orders(me.customer)
            known = await beside(me.customer, copy.items)
        except NotFound:
            self.orders, self.more_orders, self.orders_notice = [], False, ""
            self._to_do("orders", [])
            self._lately("orders", [])
            return
        except (UpstreamError, Busy, TimeoutError):
            self.orders_notice = "orders.unavailable" if self.orders else ""
            self._lately("orders", None)
            return
        rows, _ = rows_apart(copy.items, known, today, me.locale)
        self.orders, self.more_orders = rows[:ORDERS], len(rows) > ORDERS
        self.orders_notice = "orders.stale" if copy.stale and rows else ""
        self._to_do("orders", order_tasks(rows))
        self._lately("orders", of_orders(copy.items, me.locale))
