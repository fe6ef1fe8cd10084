"""The list of orders."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import as_of, notice, skeleton, unavailable
from portal_app.components.kit import PRIMARY, card, card_heading, empty_state, page_heading
from portal_app.components.links import link
from portal_app.components.order_list import order_rows
from portal_app.components.shell import shell
from portal_app.components.text import t
from portal_app.priming.choices import cond
from portal_app.state.orders import OrdersState as Orders

NOTICES = ("orders.stale", "orders.unavailable")


def orders_page() -> rx.Component:
    """What is under way first, then what has ended."""
    return shell(
        page_heading(
            t("orders.title"),
            t("orders.lead"),
            as_of(Orders.as_of, Orders.refresh, Orders.refreshing),
        ),
        notice(Orders.notice, NOTICES),
        rx.el.div(
            cond(
                Orders.loaded,
                cond(Orders.known, _known(), card(unavailable(Orders.refresh, Orders.refreshing))),
                card(skeleton("h-12 w-full", "h-12 w-full", "h-12 w-full")),
            ),
            id="orders",
        ),
        current="orders",
    )


def _known() -> rx.Component:
    choose = link(t("landing.plans"), to=routes.CATALOG, class_name=PRIMARY)
    return cond(
        (Orders.rows.length() == 0) & (Orders.past.length() == 0),
        card(empty_state("other", t("orders.none"), t("orders.none_body"), choose)),
        rx.el.div(
            _list(
                t("orders.open"),
                cond(Orders.rows, order_rows(Orders.rows), rx.el.p(t("orders.none_open"), class_name="text-muted")),
            ),
            cond(Orders.past, _list(t("orders.past"), order_rows(Orders.past)), rx.fragment()),
            class_name="flex flex-col gap-4 sm:gap-6",
        ),
    )


def _list(title: Any, rows: rx.Component) -> rx.Component:
    return card(card_heading(title), rows)
