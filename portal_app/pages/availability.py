"""Whether internet can be had at the customer's address, what happens next, and the plans that fit."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.address_fields import address_lines, moved
from portal_app.components.feedback import skeleton
from portal_app.components.icons import icon
from portal_app.components.kit import INLINE, PRIMARY, SECONDARY, card, card_heading, page_heading
from portal_app.components.links import link
from portal_app.components.plan_card import plan_card
from portal_app.components.shell import shell
from portal_app.components.standing import back_link, panel, unlinked_panel
from portal_app.components.text import by_key, by_value, t
from portal_app.priming.choices import cond, each, match
from portal_app.state.availability import AvailabilityState as State

PROBLEMS = (
    "availability.no_address",
    "availability.wait",
    "availability.settling",
    "availability.unknown",
    "availability.not_asked",
    "account.busy",
    "problem.too_many_tries",
    "problem.busy",
    "problem.being_confirmed",
)
LINES = {"home": "availability.line_home", "apartment": "availability.line_apartment"}
ORDERING = State.back.startswith(routes.checkout("")) | State.back.startswith(routes.order_wizard(""))
HERE = f"{routes.ADDRESS}?returnTo={routes.AVAILABILITY}"


def availability_page() -> rx.Component:
    """How it stands first, then the address it is about, then what can be ordered."""
    return shell(
        cond(
            State.back == "",
            back_link(t("account.title"), routes.ACCOUNT),
            back_link(t("settings.back"), State.back),
        ),
        page_heading(t("availability.title"), t("availability.lead")),
        moved(State.notice),
        rx.el.div(
            rx.el.div(
                rx.el.div(_standing(), role="status", custom_attrs={"data-standing": State.standing}),
                _problem(),
                _steps(),
                class_name="flex min-w-0 flex-col gap-4 sm:gap-6",
            ),
            _address(),
            class_name="grid gap-4 sm:gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)] lg:items-start",
        ),
        _plans(),
        current="account",
    )


def _standing() -> rx.Component:
    check = State.check
    return match(
        State.standing,
        ("loading", skeleton("h-32 w-full")),
        (
            "no_address",
            panel(
                "warn",
                "home",
                t("availability.no_address_title"),
                t("availability.no_address"),
                _way(t("availability.add_address"), HERE),
            ),
        ),
        ("settling", panel("now", "clock", t("availability.settling"), t("availability.settling_body"))),
        (
            "not_requested",
            panel("plain", "internet", t("availability.ask_title"), t("availability.ask_body"), _ask()),
        ),
        (
            "requested",
            panel("now", "clock", t("availability.requested"), _asked(), _answer()),
        ),
        (
            "pending_review",
            panel("now", "search", t("availability.pending"), _asked(), _answer()),
        ),
        (
            "eligible",
            panel(
                "good",
                "check",
                t("availability.eligible"),
                cond(
                    check.dwelling == "",
                    rx.fragment(),
                    rx.el.p(
                        by_value(check.dwelling, LINES),
                        " ",
                        t("availability.up_to", speed=check.speed),
                        class_name="font-medium",
                    ),
                ),
                cond(
                    check.valid_until == "",
                    rx.fragment(),
                    rx.el.p(t("availability.valid_until", day=check.valid_until), class_name="num text-sm"),
                ),
                cond(ORDERING, _way(t("settings.go_on"), State.back), rx.fragment()),
            ),
        ),
        (
            "ineligible",
            panel(
                "bad",
                "alert",
                t("availability.ineligible"),
                cond(
                    check.again_from == "",
                    rx.el.p(t("availability.ineligible_body")),
                    rx.el.p(t("availability.again_from", day=check.again_from), class_name="num"),
                ),
                cond(State.may_ask, _ask(), rx.fragment()),
            ),
        ),
        ("unlinked", unlinked_panel()),
        ("failed", panel("plain", "alert", t("availability.failed"), t("availability.failed_body"), _again())),
        panel("plain", "alert", t("availability.unknown"), t("availability.unknown_body")),
    )


def _asked() -> rx.Component:
    day = State.check.asked_on
    return cond(
        day == "", rx.fragment(), rx.el.p(t("availability.asked_on", day=day), class_name="num text-sm text-muted")
    )


def _answer() -> rx.Component:
    """The day we name; a day that is over is not named."""
    check = State.check
    return rx.el.p(
        cond(
            check.late | (check.answer_by == ""),
            t("availability.late"),
            t("availability.answer_by", day=check.answer_by),
        ),
        class_name="num font-medium",
    )


def _ask() -> rx.Component:
    return rx.el.div(
        rx.el.button(
            cond(State.busy, t("availability.asking"), t("availability.ask")),
            type="button",
            on_click=State.ask,
            disabled=State.busy,
            id="ask",
            class_name=f"{PRIMARY} mt-2",
        )
    )


def _again() -> rx.Component:
    return rx.el.div(rx.el.button(t("common.retry"), type="button", on_click=State.load, class_name=SECONDARY))


def _way(label: Any, to: str) -> rx.Component:
    return rx.el.div(link(label, icon("right", "size-4"), to=to, class_name=f"{PRIMARY} mt-2"))


def _problem() -> rx.Component:
    return rx.el.div(
        cond(
            State.problem != "",
            rx.el.div(
                icon("alert", "mt-0.5 size-5"),
                rx.el.p(by_key(State.problem, PROBLEMS)),
                class_name="flex gap-3 rounded-xl bg-bad-soft p-4 text-sm text-bad",
            ),
        ),
        role="alert",
        class_name="empty:hidden",
    )


def _steps() -> rx.Component:
    """What happens next, while nothing is decided."""
    undecided = ("not_requested", "requested", "pending_review")
    steps = ("availability.step_look", "availability.step_tell", "availability.step_choose")
    shown = card(
        card_heading(t("availability.next"), id="next"),
        rx.el.ol(
            *(
                rx.el.li(
                    rx.el.span(
                        str(number),
                        class_name="num flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft "
                        "text-sm font-semibold text-accent",
                        aria_hidden="true",
                    ),
                    rx.el.p(t(key), class_name="pt-0.5"),
                    class_name="flex gap-3",
                )
                for number, key in enumerate(steps, 1)
            ),
            class_name="flex flex-col gap-3",
        ),
        aria_labelledby="next",
    )
    return match(State.standing, *((standing, shown) for standing in undecided), rx.fragment())


def _address() -> rx.Component:
    return cond(
        State.address.street == "",
        rx.fragment(),
        card(
            card_heading(t("availability.address"), id="address"),
            address_lines(State.address),
            rx.el.p(
                link(t("settings.change"), to=HERE, class_name=f"{INLINE} inline-block min-h-6"), class_name="mt-3"
            ),
            aria_labelledby="address",
        ),
    )


def _plans() -> rx.Component:
    all_plans = link(t("availability.all_plans"), to=routes.CATALOG_INTERNET, class_name=INLINE)
    return cond(
        State.standing == "eligible",
        rx.el.section(
            rx.el.h2(t("availability.plans"), id="plans", class_name="mb-4 text-xl font-bold tracking-tight"),
            rx.el.ul(
                each(State.plans, plan_card),
                class_name="grid grid-cols-1 gap-4 empty:hidden sm:grid-cols-2 lg:grid-cols-3",
            ),
            rx.el.p(all_plans, class_name="mt-6"),
            aria_labelledby="plans",
            class_name="mt-10",
        ),
        rx.fragment(),
    )
