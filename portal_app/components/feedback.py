"""What a page says about itself: how old its data is, what is wrong, that it is loading."""

from collections.abc import Iterable
from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.kit import INLINE, SECONDARY
from portal_app.components.text import by_key, t
from portal_app.priming.choices import cond
from portal_app.state.session import SessionState

ANNOUNCED = ("problem.our_bug", "problem.busy", "problem.unavailable", "session.check_failed")
"""What guard and error hook put into SessionState.problem."""


def as_of(time: Any, refresh: Any, refreshing: Any) -> rx.Component:
    """When the block's copy was made, and a button that asks again."""
    return rx.el.div(
        rx.el.span(
            cond(refreshing, t("common.refreshing"), cond(time == "", "", t("common.as_of", time=time))),
            class_name="num",
            aria_live="polite",
        ),
        rx.el.button(
            icon("refresh", "size-4"),
            rx.el.span(t("common.refresh"), class_name="sr-only"),
            type="button",
            on_click=refresh,
            disabled=refreshing,
            title=t("common.refresh"),
            class_name="inline-flex size-8 cursor-pointer items-center justify-center rounded-lg hover:bg-sunken "
            "disabled:animate-spin",
        ),
        class_name="-mr-2 flex items-center gap-1 text-sm text-muted print:hidden",
    )


def notice(key: Any, keys: Iterable[str]) -> rx.Component:
    """A warning above a block while `key` is one of `keys`; nothing while it is empty."""
    return rx.el.div(
        cond(key != "", notice_box(by_key(key, keys))),
        role="status",
    )


def notice_box(sentence: Any) -> rx.Component:
    """The looks of a warning; whoever uses it puts it into a live region."""
    return rx.el.div(
        icon("alert", "mt-0.5 size-5"),
        rx.el.p(sentence),
        class_name="mb-6 flex gap-3 rounded-xl bg-warn-soft p-4 text-sm text-warn",
    )


@rx.memo
def problem_banner() -> rx.Component:
    """The one live region where a problem of the whole tab is announced, with the reference to quote."""
    return rx.el.div(
        cond(
            SessionState.problem != "",
            rx.el.div(
                icon("alert", "mt-0.5 size-5"),
                rx.el.div(
                    rx.el.p(by_key(SessionState.problem, ANNOUNCED)),
                    cond(
                        SessionState.problem_reference != "",
                        rx.el.p(t("common.reference", reference=SessionState.problem_reference), class_name="num mt-1"),
                    ),
                    class_name="grow",
                ),
                rx.el.button(
                    t("common.dismiss"), type="button", on_click=SessionState.dismiss_problem, class_name=INLINE
                ),
                class_name="mx-auto flex max-w-6xl items-start gap-3 px-4 py-3 text-sm sm:px-6",
            ),
        ),
        role="alert",
        class_name="bg-bad-soft text-bad print:hidden",
    )


def unavailable(refresh: Any, refreshing: Any) -> rx.Component:
    """In place of data that could not be read and was never read before: says so, and lets the customer try again."""
    return rx.el.div(
        rx.el.p(t("common.unknown"), class_name="text-muted"),
        rx.el.button(t("common.retry"), type="button", on_click=refresh, disabled=refreshing, class_name=SECONDARY),
        class_name="flex flex-col items-center gap-4 py-10 text-center",
    )


def skeleton(*shapes: str) -> rx.Component:
    """Grey shapes where data will be; a screen reader hears that it is loading. Each shape is a height and a width."""
    return rx.el.div(
        rx.el.span(t("common.loading"), class_name="sr-only"),
        *(rx.el.div(class_name=f"rounded-md bg-sunken {shape}") for shape in shapes),
        class_name="flex animate-pulse flex-col gap-3",
        role="status",
    )
