"""What stands over and under the rows of a list: its tabs, the search, the way to the page before and after."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.kit import FIELD, SECONDARY
from portal_app.components.list_links import list_link, search_form
from portal_app.priming.choices import cond


def tab_link(tab: Any, words: Any) -> rx.Component:
    """`tab`: a row with `tab`, `href`, `count` ("" while unknown) and `current`."""
    return list_link(
        words,
        cond(tab.count == "", "", rx.el.span(" ", tab.count, class_name="num text-xs font-normal")),
        to=tab.href,
        key=tab.tab,
        aria_current=cond(tab.current, "true", "false"),
        class_name="inline-flex min-h-10 items-center gap-1.5 rounded-lg px-3 text-sm font-semibold text-muted "
        "hover:bg-sunken hover:text-ink aria-[current=true]:bg-accent-soft aria-[current=true]:text-accent",
    )


def search_box(typed: Any, label: Any, action: Any, *, to: str, most: int, kept: Mapping[str, Any]) -> rx.Component:
    """`typed`: what was searched for; `most`: how many characters; `kept`: what of the URL a search leaves as it is."""
    return search_form(
        *(rx.el.input(type="hidden", name=name, value=value, read_only=True) for name, value in kept.items()),
        rx.el.label(label, html_for="q", class_name="sr-only"),
        rx.el.input(
            id="q",
            name="q",
            type="search",
            placeholder=label,
            key=typed,
            default_value=typed,
            max_length=most,
            auto_complete="off",
            class_name=f"{FIELD} text-sm sm:w-60",
        ),
        rx.el.button(
            icon("search", "size-4"),
            rx.el.span(action, class_name="sr-only"),
            type="submit",
            title=action,
            class_name=f"{SECONDARY} px-3",
        ),
        action=to,
        role="search",
        class_name="flex w-full gap-2 sm:w-auto",
    )


def page_steps(state: Any, previous: Any, following: Any) -> rx.Component:
    """Links by `previous_href` and `next_href` of the state, dimmed where they are "", gone where both are."""
    return rx.el.div(
        _step(state.previous_href, icon("left", "size-4"), previous),
        _step(state.next_href, following, icon("right", "size-4")),
        class_name=cond((state.previous_href == "") & (state.next_href == ""), "hidden", "flex gap-2"),
    )


def _step(to: Any, *content: Any) -> rx.Component:
    return cond(
        to == "",
        rx.el.span(*content, aria_disabled="true", class_name=f"{SECONDARY} pointer-events-none opacity-50"),
        list_link(*content, to=to, class_name=SECONDARY),
    )
