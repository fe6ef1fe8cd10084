"""Attachments of a message: a surface to pick them, and how they stand in a conversation."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.attachment_effects import Attachments
from portal_app.components.icons import icon
from portal_app.components.text import by_key, t
from portal_app.domain.attachments import LARGEST, MOST_PER_MESSAGE
from portal_app.domain.uploads import KINDS
from portal_app.priming.choices import cond

LARGEST_MB = LARGEST // 1024**2
PLAIN_WORDS = {
    "files": "attach.files",
    "sending": "attach.sending",
    "done": "attach.done",
    "again_short": "attach.again_short",
    "failed": "attach.failed",
    "type": "attach.type",
    "empty": "attach.empty",
    "signed_out": "attach.signed_out",
    "waiting": "attach.waiting",
}


def attachments(state: Any, reasons: Sequence[str]) -> rx.Component:
    """A surface to click, to reach by keyboard or to drop files on. Its form sends `file_ids`."""
    wrong = state.errors["files"]
    return Attachments.create(
        rx.el.div(
            rx.el.input(
                id="files",
                type="file",
                multiple=True,
                accept=",".join(f".{extension}" for extension in KINDS),
                aria_describedby="files-hint files-error",
                aria_invalid=cond(wrong, "true", "false"),
                class_name="absolute inset-0 size-full cursor-pointer opacity-0",
            ),
            rx.el.span(icon("clip", "size-5"), class_name="rounded-full bg-accent-soft p-2.5 text-accent"),
            rx.el.div(
                rx.el.label(t("attach.pick"), html_for="files", class_name="block text-sm font-semibold"),
                rx.el.p(
                    t("attach.hint", size=LARGEST_MB, count=MOST_PER_MESSAGE),
                    id="files-hint",
                    class_name="text-sm text-muted",
                ),
                class_name="min-w-0",
            ),
            class_name="relative flex items-center gap-3 rounded-xl border-2 border-dashed border-edge px-4 py-3 "
            "focus-within:border-accent hover:border-accent hover:bg-sunken has-aria-invalid:border-bad "
            "has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
        ),
        rx.el.p(
            cond(wrong, by_key(wrong, reasons), ""),
            id="files-error",
            class_name="mt-1.5 text-sm font-medium text-bad empty:hidden",
        ),
        url=routes.API_CASE_UPLOADS,
        most=MOST_PER_MESSAGE,
        largest=LARGEST,
        kinds="|".join(KINDS),
        words=_words(),
    )


def _words() -> dict[str, Any]:
    """What the browser says by itself; # is the name of the file."""
    return {name: t(key) for name, key in PLAIN_WORDS.items()} | {
        "remove": t("attach.remove", name="#"),
        "again": t("attach.again", name="#"),
        "too_large": t("attach.too_large", size=LARGEST_MB),
        "too_many": t("attach.too_many", count=MOST_PER_MESSAGE),
    }


def file_link(file: Any) -> rx.Component:
    """A file to download; its name alone while it is on its way."""
    look = "inline-flex max-w-full min-h-9 items-center gap-2 rounded-lg border border-line bg-card px-3 py-1.5 text-sm"
    inside = (
        rx.el.span(file.name, class_name="min-w-0 font-semibold wrap-anywhere"),
        rx.el.span(file.size, class_name="num shrink-0 text-muted"),
    )
    return rx.el.li(
        cond(
            file.href == "",
            rx.el.span(icon("clip", "size-4 text-muted"), *inside, class_name=look),
            rx.el.a(
                icon("download", "size-4 text-accent"),
                rx.el.span(t("thread.download"), " ", class_name="sr-only"),
                *inside,
                href=file.href,
                custom_attrs={"download": True},
                class_name=f"{look} hover:border-accent hover:underline",
            ),
        ),
        key=file.key,
        class_name="max-w-full min-w-0",
    )
