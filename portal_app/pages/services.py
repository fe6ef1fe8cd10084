"""The customer's services."""

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import as_of, notice, skeleton, unavailable
from portal_app.components.icons import icon
from portal_app.components.kit import SECONDARY, card, empty_state, figure, page_heading
from portal_app.components.links import link
from portal_app.components.service_card import service_card
from portal_app.components.shell import shell
from portal_app.components.text import t
from portal_app.priming.choices import cond, each
from portal_app.state.services import ServicesState as Services

NOTICES = ("services.stale", "services.unavailable", "billing.busy")
GRID = "grid grid-cols-1 gap-4 lg:grid-cols-2"


def services_page() -> rx.Component:
    """What runs, and what once did."""
    return shell(
        page_heading(
            t("services.title"),
            t("services.lead"),
            as_of(Services.as_of, Services.refresh, Services.refreshing),
        ),
        notice(Services.notice, NOTICES),
        cond(Services.loaded, rx.fragment(_figures(), _running(), _past()), _loading()),
        current="services",
    )


def _figures() -> rx.Component:
    """Over what runs; nothing while nothing does."""
    owed = Services.figures
    return cond(
        owed.active == "",
        rx.fragment(),
        rx.el.dl(
            figure(t("dashboard.active"), owed.active),
            cond(owed.monthly == "", rx.fragment(), figure(t("services.monthly"), owed.monthly)),
            cond(owed.next_due == "", rx.fragment(), figure(t("services.next_of_all"), owed.next_due)),
            id="service-figures",
            class_name="mb-6 flex flex-wrap gap-x-12 gap-y-4",
        ),
    )


def _running() -> rx.Component:
    return cond(
        Services.rows,
        rx.el.ul(each(Services.rows, service_card), class_name=GRID),
        cond(Services.as_of == "", card(unavailable(Services.refresh, Services.refreshing)), _none()),
    )


def _none() -> rx.Component:
    action = link(t("nav.invoices"), to=routes.INVOICES, class_name=SECONDARY)
    return card(empty_state("other", t("services.none"), t("services.none_body"), action))


def _past() -> rx.Component:
    return cond(
        Services.past,
        rx.el.details(
            rx.el.summary(
                icon("right", "size-4 transition-transform group-open:rotate-90"),
                rx.el.h2(t("services.past"), class_name="text-base font-semibold"),
                class_name="flex min-h-11 cursor-pointer list-none items-center gap-2",
            ),
            rx.el.ul(each(Services.past, service_card), class_name=f"mt-3 {GRID}"),
            class_name="group mt-8",
        ),
    )


def _loading() -> rx.Component:
    return rx.el.div(*(card(skeleton("h-10 w-2/3", "h-5 w-1/2", "h-12 w-full")) for _ in range(4)), class_name=GRID)
