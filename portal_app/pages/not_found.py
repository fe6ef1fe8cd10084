"""An address nobody knows."""

import reflex as rx

from portal_app import routes
from portal_app.components.kit import PRIMARY, empty_state
from portal_app.components.links import link
from portal_app.components.shell import public_shell
from portal_app.components.text import t


def not_found_page() -> rx.Component:
    """What happened, and a way on."""
    return public_shell(
        rx.el.h1(t("not_found.title"), tab_index=-1, class_name="sr-only"),
        empty_state(
            "search",
            t("not_found.title"),
            t("not_found.body"),
            link(t("not_found.home"), to=routes.LANDING, class_name=PRIMARY),
        ),
    )
