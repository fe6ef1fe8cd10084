"""One service with what it costs and how it stands."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, arrow_link
from portal_app.components.links import link
from portal_app.components.status import service_badge
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, match

KIND_WORDS = {"internet": "kind.internet", "sim": "kind.sim", "vpn": "kind.vpn"}
CYCLE_WORDS = {
    "free": "cycle.free",
    "onetime": "cycle.onetime",
    "monthly": "cycle.monthly",
    "quarterly": "cycle.quarterly",
    "semiannually": "cycle.semiannually",
    "annually": "cycle.annually",
    "biennially": "cycle.biennially",
    "triennially": "cycle.triennially",
}


def kind_icon(kind: Any) -> rx.Component:
    """The sign of a kind of service."""
    return rx.el.span(
        match(kind, *((name, icon(name, "size-5")) for name in KIND_WORDS), icon("other", "size-5")),
        class_name="flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent",
    )


def price(service: Any) -> rx.Component:
    """Amount and cycle; a free service has only the word."""
    return rx.el.span(
        cond(service.cycle == "free", "", rx.el.span(service.price, " ", class_name="font-semibold")),
        by_value(service.cycle, CYCLE_WORDS, "cycle.other"),
        class_name="num",
    )


def service_card(service: Any) -> rx.Component:
    """Everything a customer may know about one service."""
    return rx.el.li(
        rx.el.div(
            kind_icon(service.kind),
            rx.el.div(
                rx.el.h2(
                    link(service.name, to=service.href, class_name="text-accent hover:underline"),
                    class_name="font-semibold break-words",
                ),
                rx.el.p(
                    by_value(service.kind, KIND_WORDS, "kind.other"),
                    cond(service.label == "", "", rx.el.span(" · ", service.label)),
                    class_name="num text-sm break-words text-muted",
                ),
                class_name="order-last w-full min-w-0 sm:order-none sm:w-auto sm:flex-1",
            ),
            rx.el.div(service_badge(service.status), class_name="ml-auto"),
            class_name="flex flex-wrap items-start gap-x-3 gap-y-2",
        ),
        rx.el.dl(
            _fact(t("services.price"), price(service)),
            _fact(t("services.next_due"), service.next_due),
            _fact(t("services.since"), service.since),
            class_name="mt-4 grid grid-cols-2 gap-4 border-t border-line pt-4 text-sm sm:grid-cols-3",
        ),
        cond(service.status == "suspended", suspended_note(), rx.fragment()),
        rx.el.p(arrow_link(t("services.details"), service.href), class_name="mt-auto pt-4"),
        id=service.anchor,
        key=service.anchor,
        class_name=f"{CARD} flex flex-col p-5",
    )


def service_line(service: Any) -> rx.Component:
    """One service in a short list."""
    return rx.el.li(
        kind_icon(service.kind),
        rx.el.div(
            link(service.name, to=service.href, class_name="font-semibold break-words text-accent hover:underline"),
            rx.el.p(price(service), class_name="text-sm text-muted"),
            class_name="min-w-0 grow",
        ),
        service_badge(service.status),
        key=service.anchor,
        class_name="flex items-center gap-3 border-b border-line py-3 first:pt-0 last:border-b-0 last:pb-0",
    )


def suspended_note() -> rx.Component:
    """What suspended means and what helps."""
    return rx.el.p(
        t("services.suspended"),
        " ",
        link(
            t("services.see_invoices"),
            to=f"{routes.INVOICES}?tab=unpaid",
            class_name="font-semibold underline underline-offset-4",
        ),
        class_name="mt-4 rounded-lg bg-bad-soft p-3 text-sm text-bad",
    )


def _fact(label: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-muted"), rx.el.dd(value, class_name="num mt-0.5 font-medium break-words")
    )
