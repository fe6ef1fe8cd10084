"""Picking one file for a native form: name, size and kind are said at once, by the browser alone."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.links import browser
from portal_app.components.text import by_key, t
from portal_app.domain.uploads import KINDS, LARGEST
from portal_app.priming.choices import cond

# A look at the file before it travels; the door looks at what arrives and believes none of this.
PICKED = """(event) => {
  const field = event.currentTarget, file = field.files[0], box = field.closest("[data-picked]");
  const known = /\\.(KINDS)$/i.test(file?.name ?? ""), size = file?.size ?? 0;
  const told = size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`;
  const state = !file ? "none" : !known ? "type" : !size ? "empty" : size > LARGEST ? "large" : "ok";
  box.dataset.picked = state;
  box.querySelector("[data-name]").textContent = file ? `${file.name} (${told})` : "";
  field.form.querySelector("button[type=submit]").disabled = state !== "ok" && state !== "none";
}"""
picked = browser(PICKED.replace("KINDS", "|".join(KINDS)).replace("LARGEST", str(LARGEST)))
PROBLEMS = {
    "upload.type": "group-data-[picked=type]/file:block",
    "upload.empty": "group-data-[picked=empty]/file:block",
    "upload.too_large": "group-data-[picked=large]/file:block",
}
"""Key into `text` -> the class that shows it; Tailwind must find each spelled out, and reads _ as a space."""


def file_pick(state: Any, name: str, label: Any, reasons: Sequence[str]) -> rx.Component:
    """A surface to click, to reach by keyboard or to drop a file on: all of it is the browser's own file field."""
    wrong = state.errors[name]
    return rx.el.div(
        rx.el.div(
            rx.el.input(
                id=name,
                name=name,
                type="file",
                accept=",".join(f".{extension}" for extension in KINDS),
                required=True,
                aria_describedby=f"{name}-hint {name}-error",
                aria_invalid=cond(wrong, "true", "false"),
                on_change=picked,
                class_name="absolute inset-0 size-full cursor-pointer opacity-0",
            ),
            rx.el.span(icon("upload", "size-6"), class_name="rounded-full bg-accent-soft p-3 text-accent"),
            rx.el.label(label, html_for=name, class_name="mt-1 font-semibold"),
            rx.el.p(t("document.hint"), id=f"{name}-hint", class_name="text-sm text-muted"),
            rx.el.p(
                custom_attrs={"data-name": "true"},
                aria_live="polite",
                class_name="mt-1 max-w-full text-sm font-semibold wrap-anywhere text-accent empty:hidden",
            ),
            class_name="relative flex flex-col items-center gap-1 rounded-xl border-2 border-dashed border-edge "
            "px-4 py-8 text-center focus-within:border-accent hover:border-accent hover:bg-sunken "
            "has-aria-invalid:border-bad has-focus-visible:outline-3 has-focus-visible:outline-offset-2 "
            "has-focus-visible:outline-accent",
        ),
        rx.el.div(
            *(rx.el.p(t(key), class_name=f"hidden {shown}") for key, shown in PROBLEMS.items()),
            role="status",
            class_name="text-sm font-medium text-bad",
        ),
        rx.el.p(
            cond(wrong, by_key(wrong, reasons), ""),
            id=f"{name}-error",
            class_name="text-sm font-medium text-bad empty:hidden group-data-[picked=ok]/file:hidden",
        ),
        custom_attrs={"data-picked": "none"},
        class_name="group/file flex flex-col gap-1.5",
    )
