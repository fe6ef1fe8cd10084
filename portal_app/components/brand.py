"""The name of the portal. It is part of the build: another PORTAL_NAME makes another build."""

import os
from typing import Any

import reflex as rx

from portal_app.settings import Settings

NAME = os.environ.get("PORTAL_NAME") or str(Settings.model_fields["PORTAL_NAME"].default)


def mark(class_name: str = "size-8") -> rx.Component:
    """The sign beside the name: two lines that meet in a point, as in assets/favicon.svg."""
    return rx.el.svg(
        rx.el.svg.rect(width="32", height="32", rx="8", class_name="fill-accent"),
        rx.el.svg.path(d="M8 21a8 8 0 0 1 16 0M13 21a3 3 0 0 1 6 0", class_name="icon stroke-on-accent"),
        view_box="0 0 32 32",
        aria_hidden="true",
        class_name=f"{class_name} shrink-0",
    )


def page_title(title: Any) -> Any:
    """What the browser tab says: the page, then the portal."""
    return title + f" · {NAME}"
