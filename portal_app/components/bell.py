"""The bell of every signed-in page: how many are unread, and a panel with the latest ten.

A `details` that the page effects close on Escape, on a click beside it and on following a link.
"""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.icons import icon
from portal_app.components.kit import INLINE
from portal_app.components.links import link
from portal_app.components.text import t
from portal_app.priming.choices import cond, each, match
from portal_app.state.notifications import BellState as Bell

TONES = {"good": "bg-good-soft text-good", "warn": "bg-warn-soft text-warn"}
ICONS = ("check", "alert", "bill", "internet", "identity", "card", "question", "key")
PANEL = (
    "z-40 flex max-h-[min(36rem,calc(100dvh-5.5rem))] flex-col overflow-hidden rounded-xl border border-line bg-card "
    "shadow-xl max-sm:fixed max-sm:inset-x-3 max-sm:top-17 sm:absolute sm:top-full sm:right-0 sm:mt-2 sm:w-[26rem]"
)


@rx.memo
def bell() -> rx.Component:
    """The button with its panel; in a script that all pages share."""
    return rx.el.details(
        rx.el.summary(
            icon("bell", "size-5"),
            rx.el.span(
                cond(Bell.badge == "", t("bell.open"), t("bell.unread", count=Bell.unread)), class_name="sr-only"
            ),
            cond(
                Bell.badge != "",
                rx.el.span(
                    Bell.badge,
                    aria_hidden="true",
                    custom_attrs={"data-badge": "true"},
                    class_name="num absolute top-1 right-0.5 min-w-5 rounded-full bg-accent px-1 text-center "
                    "text-xs leading-5 font-bold text-on-accent",
                ),
                rx.fragment(),
            ),
            title=t("bell.open"),
            class_name="relative inline-flex size-11 cursor-pointer list-none items-center justify-center rounded-lg "
            "text-muted hover:bg-sunken hover:text-ink",
        ),
        _panel(),
        id="bell",
        custom_attrs={"data-menu": "bell"},
        class_name="relative",
    )


def _panel() -> rx.Component:
    read_all = rx.el.button(
        t("bell.read_all"), type="button", on_click=Bell.read_all, class_name=f"{INLINE} min-h-8 cursor-pointer text-sm"
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t("bell.open"), class_name="font-semibold"),
            cond(Bell.badge != "", read_all, rx.fragment()),
            class_name="flex min-h-12 shrink-0 items-center justify-between gap-4 border-b border-line px-4 py-1.5",
        ),
        cond(
            Bell.rows,
            rx.el.ul(
                each(Bell.rows, lambda row: notice_item(row, Bell.read, Bell.dismiss, short=True)),
                tab_index=0,
                aria_label=t("bell.open"),
                class_name="min-h-0 overflow-y-auto",
            ),
            rx.el.p(
                cond(Bell.loaded, t("bell.none"), t("common.loading")),
                class_name="px-4 py-8 text-center text-sm text-muted",
            ),
        ),
        link(
            t("bell.all"),
            to=routes.NOTIFICATIONS,
            class_name="flex min-h-11 shrink-0 items-center justify-center border-t border-line px-4 text-sm "
            "font-semibold text-accent hover:bg-sunken",
        ),
        aria_label=t("bell.open"),
        class_name=PANEL,
    )


def notice_item(row: Any, read: Any, dismiss: Any, *, short: bool = False) -> rx.Component:
    """One notice: its link covers the row, the button beside it takes it away. `short`: at most two lines of text."""
    return rx.el.li(
        _sign(row),
        rx.el.div(
            link(
                cond(row.unread, rx.el.span(t("bell.new"), " ", class_name="sr-only"), rx.fragment()),
                row.title,
                to=row.href,
                on_click=read(row.key),
                class_name=cond(
                    row.unread,
                    "text-sm font-bold after:absolute after:inset-0",
                    "text-sm font-medium after:absolute after:inset-0",
                ),
            ),
            rx.el.p(row.body, class_name=f"text-sm break-words text-muted {'line-clamp-2' if short else ''}"),
            rx.el.p(
                rx.el.time(row.at, title=row.exact),
                class_name="num mt-0.5 text-xs text-muted",
            ),
            class_name="min-w-0 grow",
        ),
        rx.el.div(
            cond(
                row.unread,
                rx.el.span(class_name="size-2.5 rounded-full bg-accent", aria_hidden="true"),
                rx.fragment(),
            ),
            class_name="flex h-8 w-2.5 shrink-0 items-center",
        ),
        rx.el.button(
            icon("close", "size-4"),
            rx.el.span(t("bell.dismiss"), ": ", row.title, class_name="sr-only"),
            type="button",
            on_click=dismiss(row.key),
            title=t("bell.dismiss"),
            class_name="relative z-10 inline-flex size-8 shrink-0 cursor-pointer items-center justify-center "
            "rounded-lg text-muted hover:bg-sunken hover:text-ink",
        ),
        custom_attrs={"data-notice": row.key},
        class_name="relative flex items-start gap-3 border-b border-line px-4 py-3 last:border-b-0 hover:bg-sunken/60 "
        "focus-within:bg-sunken/60",
    )


def _sign(row: Any) -> rx.Component:
    look = "flex size-9 shrink-0 items-center justify-center rounded-full"
    return rx.el.span(
        match(row.icon, *((name, icon(name, "size-4.5")) for name in ICONS), icon("other", "size-4.5")),
        class_name=match(
            row.tone,
            *((tone, f"{look} {colours}") for tone, colours in TONES.items()),
            f"{look} bg-accent-soft text-accent",
        ),
    )
