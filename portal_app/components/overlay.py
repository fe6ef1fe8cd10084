"""Our own words where Reflex would show its own: the lost connection and the crashed page."""

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_too_many_connection_errors

from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY
from portal_app.components.links import browser
from portal_app.components.text import t
from portal_app.priming.choices import cond


def connection_banner() -> rx.Component:
    """A line at the bottom while the socket cannot be reached; it leaves by itself."""
    return rx.el.div(
        cond(
            has_too_many_connection_errors,
            rx.el.div(
                icon("alert", "mt-0.5 size-5"),
                rx.el.p(t("connection.lost")),
                class_name="mx-auto flex max-w-xl gap-3 rounded-xl bg-ink p-4 text-sm text-page shadow-xl",
            ),
        ),
        role="status",
        class_name="pointer-events-none fixed inset-x-4 bottom-4 z-50 print:hidden",
    )


def crash_page() -> rx.Component:
    """Shown instead of a page whose code failed in the browser."""
    return rx.el.main(
        rx.el.h1(t("crash.title"), class_name="text-2xl font-bold"),
        rx.el.p(t("crash.body"), class_name="max-w-md text-muted"),
        rx.el.button(
            t("crash.reload"),
            type="button",
            on_click=browser("() => window.location.reload()"),
            class_name=PRIMARY,
        ),
        class_name="flex min-h-dvh flex-col items-center justify-center gap-4 p-6 text-center",
    )


def _boundary(_stateful: bool) -> rx.Component:
    return ErrorBoundary.create(
        fallback_render=rx.vars.function.ArgsFunctionOperation.create(("event_args",), rx.Var.create(crash_page()))
    )


APP_WRAPS = {
    (55, "ErrorBoundary"): _boundary,
    (5, "Overlay"): lambda stateful: rx.fragment(connection_banner()) if stateful else None,
}
"""For rx.App(extra_app_wraps=...): the same places as Reflex's own overlay and error boundary."""
