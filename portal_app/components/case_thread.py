"""A conversation: who wrote what and when, in plain text, with the files of each message."""

from typing import Any

import reflex as rx

from portal_app.components.attachments import file_link
from portal_app.components.icons import icon
from portal_app.components.text import t
from portal_app.priming.choices import cond, each, match


def conversation(messages: Any, files: Any) -> rx.Component:
    """Oldest first. What comes in while it is open is read out."""
    return rx.el.div(
        rx.el.ol(
            each(messages, lambda message: _message(message, files)),
            class_name="flex flex-col gap-5",
        ),
        role="log",
        aria_label=t("thread.thread"),
        id="thread",
    )


def _message(message: Any, files: Any) -> rx.Component:
    mine = message.author == "you"
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(cond(mine, t("thread.you"), t("thread.staff")), class_name="font-semibold text-ink"),
                rx.el.span(message.at, class_name="num"),
                class_name=cond(mine, "justify-end", "") + " mb-1.5 flex flex-wrap gap-x-2 px-1 text-sm text-muted",
            ),
            rx.el.div(
                message.body,
                custom_attrs={"data-body": "true"},
                class_name=cond(
                    message.standing == "refused",
                    "border border-bad bg-bad-soft",
                    cond(mine, "rounded-tr-sm bg-accent-soft", "rounded-tl-sm bg-sunken"),
                )
                + " rounded-2xl px-4 py-3 leading-relaxed whitespace-pre-wrap wrap-anywhere empty:hidden",
            ),
            cond(message.has_files, _files(files, message.key, mine), rx.fragment()),
            match(
                message.standing,
                ("waiting", _standing("clock", "text-muted", t("thread.sending"), mine)),
                ("refused", _standing("alert", "text-bad", t("thread.refused"), mine)),
                rx.fragment(),
            ),
            class_name="max-w-full min-w-0 sm:max-w-[85%]",
        ),
        key=message.key,
        custom_attrs={"data-author": message.author, "data-standing": message.standing},
        class_name=cond(mine, "justify-end pl-6 sm:pl-0", "pr-6 sm:pr-0") + " flex",
    )


def _standing(icon_name: str, tone: str, words: Any, mine: Any) -> rx.Component:
    return rx.el.p(
        icon(icon_name, "size-4"),
        words,
        class_name=cond(mine, "justify-end", "") + f" mt-1.5 flex items-center gap-1.5 px-1 text-sm {tone}",
    )


def _files(files: Any, key: Any, mine: Any) -> rx.Component:
    return rx.el.ul(
        each(files, lambda file: cond(file.message == key, file_link(file), rx.fragment())),
        aria_label=t("thread.files_of"),
        class_name=cond(mine, "justify-end", "") + " mt-2 flex flex-wrap gap-2",
    )


def loose_files(files: Any) -> rx.Component:
    """Files that came with no message."""
    return rx.el.div(
        rx.el.h3(t("thread.other_files"), class_name="mb-2 text-sm font-semibold"),
        rx.el.ul(
            each(files, lambda file: cond(file.message == "", file_link(file), rx.fragment())),
            class_name="flex flex-wrap gap-2",
        ),
        class_name="mt-6 border-t border-line pt-4",
    )
