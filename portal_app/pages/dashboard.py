"""The dashboard: what to do, what is owed, what runs."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.activity_list import activity_list
from portal_app.components.feedback import as_of, notice, skeleton
from portal_app.components.invoice_list import invoice_table, plain_head
from portal_app.components.kit import SECONDARY, arrow_link, card, card_heading, empty_state, figure
from portal_app.components.kit import page_heading as heading
from portal_app.components.links import link
from portal_app.components.order_list import order_line
from portal_app.components.paying import pay_form, pay_paused, waiting_badge
from portal_app.components.service_card import service_line
from portal_app.components.shell import shell
from portal_app.components.status import case_badge
from portal_app.components.task_list import task_list
from portal_app.components.text import t
from portal_app.priming.choices import cond, each, match
from portal_app.state.dashboard import DashboardState as Dash

COLUMNS = "grid grid-cols-1 gap-4 sm:gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
BILLING_NOTICES = ("billing.stale", "billing.unavailable", "billing.busy")
ORDER_NOTICES = ("orders.stale", "orders.unavailable")
CASE_NOTICES = ("support.stale", "support.unavailable")
SERVICE_NOTICES = ("services.stale", "services.unavailable", "billing.busy")


def dashboard_page() -> rx.Component:
    """Tasks on top, then the bill beside the figures, then what is recent."""
    return shell(
        heading(
            cond(Dash.name == "", t("dashboard.hello_plain"), t("dashboard.hello", name=Dash.name)),
            t("dashboard.lead"),
        ),
        _tasks(),
        notice(Dash.bills_notice, BILLING_NOTICES),
        rx.el.div(
            _next_bill(),
            _figures(),
            class_name=COLUMNS,
        ),
        rx.el.div(
            _recent(),
            # Beside both others where there is room, between them on a phone.
            rx.el.div(
                _orders(), _cases(), _services(), class_name="flex min-w-0 flex-col gap-4 sm:gap-6 lg:row-span-2"
            ),
            _activity(),
            class_name=f"mt-4 items-start sm:mt-6 lg:grid-rows-[auto_1fr] {COLUMNS}",
        ),
        current="dashboard",
    )


def _tasks() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("dashboard.tasks"), id="tasks", class_name="sr-only"),
        task_list(Dash.tasks),
        aria_labelledby="tasks",
        class_name="mb-6",
    )


def _bills_as_of() -> rx.Component:
    return as_of(Dash.bills_as_of, Dash.refresh_bills, Dash.bills_refreshing)


def _next_bill() -> rx.Component:
    bill = Dash.next_bill
    body = cond(
        bill.kind == "none",
        rx.el.div(
            rx.el.p(t("dashboard.next_bill_none"), class_name="text-2xl font-bold tracking-tight"),
            rx.el.p(t("dashboard.next_bill_none_body"), class_name="mt-1 text-muted"),
        ),
        rx.el.div(
            rx.el.p(bill.amount, id="next-bill-amount", class_name="num text-4xl font-bold tracking-tight"),
            cond(
                bill.kind == "late",
                rx.el.p(t("dashboard.next_bill_late", day=bill.day), class_name="num mt-1 font-medium text-bad"),
                rx.el.p(t("dashboard.next_bill_due", day=bill.day), class_name="num mt-1 text-muted"),
            ),
            rx.el.div(
                match(
                    bill.paying,
                    ("open", pay_form(bill.pay_action, t("billing.pay_amount", amount=bill.amount), bill.number)),
                    ("paused", pay_paused(t("billing.pay_amount", amount=bill.amount))),
                    ("waiting", waiting_badge()),
                    rx.fragment(),
                ),
                link(t("invoice.title", number=bill.number), to=bill.href, class_name=SECONDARY),
                class_name="mt-5 flex flex-wrap items-center gap-3",
            ),
        ),
    )
    return card(
        card_heading(t("dashboard.next_bill"), _bills_as_of()),
        cond(Dash.bills_loaded, _unless_unknown(body), skeleton("h-10 w-40", "h-5 w-56", "h-11 w-48")),
    )


def _unless_unknown(body: rx.Component) -> rx.Component:
    """Without any copy the notice above says why: no figure is better than a wrong one."""
    return cond(Dash.figures.unpaid == "", rx.el.p(t("common.unknown"), class_name="text-muted"), body)


def _figures() -> rx.Component:
    owed = Dash.figures
    unpaid = figure(
        t("dashboard.unpaid"),
        rx.el.span(_or_dash(owed.unpaid), id="unpaid-amount"),
        cond(owed.unpaid == "", "", t("dashboard.invoice_count", count=owed.unpaid_count)),
    )
    overdue = figure(
        t("dashboard.overdue"),
        rx.el.span(owed.overdue, id="overdue-amount"),
        t("dashboard.invoice_count", count=owed.overdue_count),
        tone="text-bad",
    )
    active = figure(
        t("dashboard.active"),
        rx.el.span(_or_dash(Dash.active_count), id="active-services"),
        cond(Dash.active_count == "", "", t("dashboard.service_count", count=Dash.service_count)),
    )
    cases = figure(t("dashboard.open_cases"), rx.el.span(_or_dash(Dash.open_cases), id="open-cases"))
    return card(
        rx.el.dl(
            cond(
                Dash.bills_loaded,
                rx.fragment(unpaid, cond(owed.overdue == "", rx.fragment(), overdue)),
                _figure_skeleton(),
            ),
            cond(Dash.services_loaded, active, _figure_skeleton()),
            cond(Dash.cases_loaded, cases, _figure_skeleton()),
            class_name="grid grid-cols-2 gap-x-4 gap-y-6",
        ),
    )


def _or_dash(value: Any) -> Any:
    return cond(value == "", "–", value)


def _figure_skeleton() -> rx.Component:
    return rx.el.div(skeleton("h-4 w-20", "h-8 w-28"))


def _recent() -> rx.Component:
    none = empty_state("bill", t("invoices.none"), t("invoices.none_body"))
    rows = cond(
        Dash.recent, invoice_table(Dash.recent, plain_head(), t("dashboard.recent"), pay=False), _unless_unknown(none)
    )
    return card(
        card_heading(t("dashboard.recent"), arrow_link(t("common.view_all"), routes.INVOICES)),
        cond(Dash.bills_loaded, rows, skeleton(*["h-10 w-full"] * 5)),
    )


def _services() -> rx.Component:
    none = rx.el.p(t("services.none"), class_name="text-muted")
    return card(
        card_heading(
            t("dashboard.services"),
            as_of(Dash.services_as_of, Dash.refresh_services, Dash.services_refreshing),
        ),
        notice(Dash.services_notice, SERVICE_NOTICES),
        cond(
            Dash.services_loaded,
            cond(
                Dash.services,
                rx.el.ul(each(Dash.services, service_line)),
                cond(Dash.active_count == "", rx.fragment(), none),
            ),
            skeleton(*["h-10 w-full"] * 3),
        ),
        rx.el.div(arrow_link(t("common.view_all"), routes.SERVICES), class_name="mt-4"),
    )


def _orders() -> rx.Component:
    """Only while something is in progress."""
    listed = card(
        card_heading(t("dashboard.orders"), arrow_link(t("common.view_all"), routes.ORDERS)),
        notice(Dash.orders_notice, ORDER_NOTICES),
        rx.el.ul(each(Dash.orders, order_line)),
        cond(Dash.more_orders, rx.el.p(arrow_link(t("orders.more"), routes.ORDERS), class_name="mt-3")),
        id="orders-card",
    )
    return cond(Dash.orders, listed, rx.fragment())


def _cases() -> rx.Component:
    none = rx.el.div(
        rx.el.p(t("dashboard.cases_none"), class_name="text-muted"),
        rx.el.p(arrow_link(t("dashboard.cases_ask"), routes.NEW_CASE), class_name="mt-3"),
    )
    listed = rx.el.ul(each(Dash.cases, _case), class_name="flex flex-col")
    return card(
        card_heading(t("dashboard.cases"), arrow_link(t("common.view_all"), routes.CASES)),
        notice(Dash.cases_notice, CASE_NOTICES),
        cond(
            Dash.cases_loaded,
            cond(Dash.cases, listed, cond(Dash.open_cases == "", rx.fragment(), none)),
            skeleton(*["h-10 w-full"] * 2),
        ),
        id="cases-card",
    )


def _case(case: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            link(
                case.subject,
                to=case.href,
                class_name=cond(case.unread, "font-bold", "font-semibold")
                + " wrap-anywhere text-accent hover:underline",
            ),
            rx.el.p(t("cases.number", number=case.number), class_name="num text-sm text-muted"),
            class_name="min-w-0 grow",
        ),
        case_badge(case.status),
        key=case.key,
        custom_attrs={"data-case": case.key},
        class_name="flex items-center gap-3 border-b border-line py-3 first:pt-0 last:border-b-0 last:pb-0",
    )


def _activity() -> rx.Component:
    listed = activity_list(Dash.activity)
    none = rx.el.p(
        cond(Dash.activity_whole, t("dashboard.activity_none"), t("common.unknown")), class_name="text-muted"
    )
    return card(
        card_heading(t("dashboard.activity")),
        cond(Dash.activity_known, cond(Dash.activity, listed, none), skeleton(*["h-8 w-full"] * 5)),
        id="activity-card",
    )
