"""Ways to go somewhere: inside the app without a page load, or through a native form to an HTTP door."""

from typing import Any

import reflex as rx


class RouterLink(rx.el.A):
    """react-router's Link. Radix links would double the first load; a plain anchor would load the page anew."""

    library = "react-router"
    tag = "Link"
    alias = "RouterLink"

    to: rx.Var[str]
    replace: rx.Var[bool]
    prevent_scroll_reset: rx.Var[bool]
    discover: rx.Var[str]


class NativeForm(rx.el.Div):
    """A form the browser posts itself. rx.el.form always prevents that, and cookies can only be set by HTTP."""

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]
    target: rx.Var[str]
    rel: rx.Var[str]


def link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """A link inside the app."""
    return RouterLink.create(*children, to=to, **props)


def quiet_link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """A link inside the app that stands below what the page is about."""
    look = "mt-4 inline-flex min-h-8 items-center gap-1.5 text-sm font-medium text-accent hover:underline print:hidden"
    return link(*children, to=to, class_name=look, **props)


def post_form(*children: Any, action: Any, **props: Any) -> rx.Component:
    """A form that posts to one of our HTTP doors."""
    return NativeForm.create(*children, action=action, method="post", **props)


def browser(code: str) -> Any:
    """A JavaScript function compiled into the page as an event handler; it never comes from the server."""
    return rx.Var(_js_expr=code, _var_type=rx.EventChain)
