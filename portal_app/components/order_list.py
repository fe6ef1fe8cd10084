"""Orders as rows: what it is, how it stands in words, and when it was placed."""

from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.links import link
from portal_app.components.service_card import KIND_WORDS, kind_icon
from portal_app.components.status import order_badge
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each

NEXT_WORDS = {
    "draft": "order.next.draft",
    "under_review": "order.next.under_review",
    "action_needed": "order.next.action_needed",
    "setting_up": "order.next.setting_up",
    "scheduled": "order.next.scheduled",
    "active": "order.next.active",
    "delayed": "order.next.delayed",
    "cancelled": "order.next.cancelled",
}
WANTED_WORDS = {"payment": "order.next.payment", "document": "order.next.document"}


def next_words(row: Any) -> Any:
    """The sentence about what comes next; of an order or a head of one. What is wanted is said by `wanted_words`."""
    plain = by_value(row.status, NEXT_WORDS, "order.next.in_progress")
    return cond((row.status == "scheduled") & (row.starts != ""), t("order.next.starts", day=row.starts), plain)


def wanted_words(row: Any) -> Any:
    """As `next_words`, with what is wanted from the customer where there is something."""
    return cond(row.wanted == "", next_words(row), by_value(row.wanted, WANTED_WORDS))


def order_rows(rows: Any) -> rx.Component:
    """Every order with its sentence; the whole row leads to it."""
    return rx.el.ul(each(rows, _row), class_name="flex flex-col")


def _row(row: Any) -> rx.Component:
    return rx.el.li(
        kind_icon(row.kind),
        rx.el.div(
            rx.el.div(
                rx.el.h3(_way_in(row), class_name="font-semibold"),
                order_badge(row.status),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            rx.el.p(wanted_words(row), class_name="mt-1 text-sm"),
            rx.el.p(
                rx.el.span(t("orders.number", number=row.number), " · "),
                t("orders.placed", day=row.placed),
                cond(
                    (row.starts == "") | (row.status == "scheduled"),
                    "",
                    rx.el.span(" · ", t("orders.starts", day=row.starts)),
                ),
                class_name="num mt-1 text-sm text-muted",
            ),
            class_name="min-w-0 grow",
        ),
        icon("right", "mt-3 size-4 text-muted"),
        custom_attrs={"data-order": row.key},
        class_name="relative flex items-start gap-3 border-b border-line py-4 first:pt-0 last:border-b-0 last:pb-0 "
        "sm:gap-4",
    )


def _starts(row: Any) -> Any:
    """Where the sentence does not name the day itself."""
    return (row.starts != "") & (row.status != "scheduled")


def order_line(row: Any) -> rx.Component:
    """One order in a short list."""
    return rx.el.li(
        kind_icon(row.kind),
        rx.el.div(
            rx.el.div(
                rx.el.p(_way_in(row), class_name="font-semibold"),
                rx.el.p(t("orders.placed", day=row.placed), class_name="num text-sm text-muted"),
                class_name="min-w-0 grow basis-40",
            ),
            order_badge(row.status),
            class_name="flex min-w-0 grow flex-wrap items-center gap-x-3 gap-y-1",
        ),
        custom_attrs={"data-order": row.key},
        class_name="relative flex items-center gap-3 border-b border-line py-3 first:pt-0 last:border-b-0 last:pb-0",
    )


def _way_in(row: Any) -> rx.Component:
    """The link covers its row, so that a finger finds it."""
    return link(
        cond(row.plan == "", by_value(row.kind, KIND_WORDS, "kind.other"), row.plan),
        rx.el.span(" ", t("orders.number", number=row.number), class_name="sr-only"),
        to=row.href,
        class_name="break-words hover:underline after:absolute after:inset-0 after:rounded-lg",
    )
