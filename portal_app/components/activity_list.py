"""What happened lately: one line each, with its day."""

from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.links import link
from portal_app.components.text import t
from portal_app.priming.choices import each, match

_HAPPENED = {
    "invoice_issued": ("bill", "dashboard.activity.invoice_issued"),
    "invoice_paid": ("check", "dashboard.activity.invoice_paid"),
    "order_placed": ("send", "dashboard.activity.order_placed"),
    "case_opened": ("question", "dashboard.activity.case_opened"),
    "case_changed": ("question", "dashboard.activity.case_changed"),
    "case_closed": ("check", "dashboard.activity.case_closed"),
    "service_started": ("other", "dashboard.activity.service_started"),
}


def activity_list(rows: Any) -> rx.Component:
    """Newest first, as they come."""
    return rx.el.ol(each(rows, _happening), class_name="flex flex-col")


def _happening(row: Any) -> rx.Component:
    signs = ((kind, icon(sign, "size-4")) for kind, (sign, _) in _HAPPENED.items())
    words = ((kind, t(key, name=row.name)) for kind, (_, key) in _HAPPENED.items())
    return rx.el.li(
        rx.el.span(
            match(row.kind, *signs, icon("other", "size-4")),
            class_name="flex size-8 shrink-0 items-center justify-center rounded-full bg-sunken text-muted",
        ),
        rx.el.div(
            link(match(row.kind, *words, row.name), to=row.href, class_name="num wrap-anywhere hover:underline"),
            rx.el.span(row.day, class_name="num shrink-0 whitespace-nowrap text-muted sm:ml-auto"),
            class_name="flex min-w-0 grow flex-col gap-x-4 text-sm sm:flex-row sm:items-center",
        ),
        key=row.key,
        custom_attrs={"data-happened": row.kind},
        class_name="flex items-center gap-3 border-b border-line py-2.5 first:pt-0 last:border-b-0 last:pb-0",
    )
