"""All notices of a customer, and which of them come by mail, too."""

from itertools import groupby
from typing import Any, Final

import reflex as rx

from portal_app import routes
from portal_app.components.bell import notice_item
from portal_app.components.feedback import notice, skeleton
from portal_app.components.icons import icon
from portal_app.components.kit import CARD, SECONDARY, card, card_heading, empty_state, page_heading
from portal_app.components.shell import shell
from portal_app.components.standing import back_link
from portal_app.components.text import t
from portal_app.domain.notices import CHOICES, MailChoice
from portal_app.priming.choices import cond, each
from portal_app.state.notifications import BellState as Bell
from portal_app.state.notifications import NotificationsState as State

COLUMNS: Final = {
    "notices.event": "text-left",
    "notices.bell": "w-16 text-center",
    "notices.mail": "w-16 text-center",
}
NOTICES: Final = ("notices.unavailable", "notices.no_choice")
GROUPS: Final = {
    "orders": "notices.group.orders",
    "checks": "notices.group.checks",
    "billing": "notices.group.billing",
    "support": "notices.group.support",
    "security": "notices.group.security",
}
EVENTS: Final = {
    "order_approved": "notices.choice.order_approved",
    "order_activated": "notices.choice.order_activated",
    "order_failed": "notices.choice.order_failed",
    "order_cancelled": "notices.choice.order_cancelled",
    "eligibility": "notices.choice.eligibility",
    "verification": "notices.choice.verification",
    "invoice_created": "notices.choice.invoice_created",
    "invoice_due": "notices.choice.invoice_due",
    "invoice_paid": "notices.choice.invoice_paid",
    "invoice_payment_failed": "notices.choice.invoice_payment_failed",
    "payment_method_expiring": "notices.choice.payment_method_expiring",
    "case_reply": "notices.choice.case_reply",
    "case_status": "notices.choice.case_status",
    "security_change": "notices.choice.security_change",
}


def notifications_page() -> rx.Component:
    """The list first, then what comes how."""
    return shell(
        back_link(t("account.title"), routes.ACCOUNT),
        page_heading(t("notices.title"), t("notices.lead"), _read_all()),
        notice(State.notice, NOTICES),
        rx.el.div(
            rx.el.section(
                cond(
                    rx.State.is_hydrated & State.loaded,
                    _list(),
                    rx.el.div(skeleton("h-12 w-full", "h-12 w-full", "h-12 w-full"), class_name="p-5 sm:p-6"),
                ),
                id="notifications",
                aria_label=t("notices.title"),
                class_name=f"{CARD} overflow-hidden",
            ),
            _choices(),
            class_name="grid grid-cols-1 items-start gap-4 sm:gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]",
        ),
        current="account",
    )


def _read_all() -> rx.Component:
    return cond(
        State.any_unread,
        rx.el.button(t("bell.read_all"), type="button", on_click=Bell.read_all, class_name=SECONDARY),
        rx.fragment(),
    )


def _list() -> rx.Component:
    more = rx.el.button(t("notices.more"), type="button", on_click=State.show_more, class_name=f"{SECONDARY} m-4")
    return cond(
        State.rows,
        rx.el.div(
            rx.el.ul(each(State.rows, lambda row: notice_item(row, Bell.read, Bell.dismiss))),
            cond(State.more, rx.el.div(more, class_name="border-t border-line"), rx.fragment()),
        ),
        empty_state("bell", t("bell.none"), t("notices.none_body")),
    )


def _choices() -> rx.Component:
    return card(
        card_heading(t("notices.choices"), id="choices-title"),
        rx.el.p(t("notices.choices_lead"), class_name="-mt-2 mb-4 text-sm text-muted"),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *(
                        rx.el.th(t(key), id=key.replace(".", "-"), scope="col", class_name=f"pb-2 font-medium {place}")
                        for key, place in COLUMNS.items()
                    ),
                    class_name="text-sm text-muted",
                )
            ),
            *(_group(group, list(choices)) for group, choices in groupby(CHOICES, lambda choice: choice.group)),
            aria_labelledby="choices-title",
            class_name="w-full border-collapse",
        ),
        id="choices",
    )


def _group(group: str, choices: list[MailChoice]) -> rx.Component:
    return rx.el.tbody(
        rx.el.tr(
            rx.el.th(
                t(GROUPS[group]), scope="rowgroup", col_span=3, class_name="pt-4 pb-1 text-left text-sm font-semibold"
            ),
        ),
        *(_choice(choice) for choice in choices),
    )


def _choice(choice: MailChoice) -> rx.Component:
    label = f"choice-{choice.name}"
    return rx.el.tr(
        rx.el.th(
            t(EVENTS[choice.name]),
            id=label,
            scope="row",
            class_name="py-2 pr-2 text-left text-sm font-normal",
        ),
        rx.el.td(
            icon("check", "mx-auto size-4.5 text-good"),
            rx.el.span(t("notices.always"), class_name="sr-only"),
            class_name="py-1 text-center",
        ),
        rx.el.td(_locked() if choice.locked else _switch(choice.name, label), class_name="py-1 text-center"),
        class_name="border-t border-line",
    )


def _switch(name: str, label: str) -> rx.Component:
    on: Any = State.mailed.contains(name)
    return rx.el.button(
        rx.el.span(
            rx.el.span(
                class_name=cond(
                    on,
                    "block size-4 translate-x-4 rounded-full bg-on-accent transition-transform",
                    "block size-4 rounded-full bg-card transition-transform",
                )
            ),
            class_name=cond(on, "block w-9 rounded-full bg-accent p-0.5", "block w-9 rounded-full bg-edge p-0.5"),
        ),
        type="button",
        role="switch",
        aria_checked=cond(on, "true", "false"),
        aria_labelledby=f"{label} notices-mail",
        disabled=~State.loaded,
        on_click=State.choose(name, ~on),
        id=f"switch-{name}",
        class_name="inline-flex size-11 cursor-pointer items-center justify-center rounded-lg hover:bg-sunken "
        "disabled:cursor-default",
    )


def _locked() -> rx.Component:
    return rx.el.span(
        rx.el.span(t("notices.always"), aria_hidden="true"),
        rx.el.span(t("notices.locked"), class_name="sr-only"),
        title=t("notices.locked"),
        class_name="inline-flex min-h-11 items-center text-xs whitespace-nowrap text-muted",
    )
