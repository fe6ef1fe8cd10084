"""Questions to support as rows: subject, status, topic, when something last happened, and whether that was read."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.case_words import TOPIC_WORDS
from portal_app.components.icons import icon
from portal_app.components.kit import INLINE
from portal_app.components.list_links import list_link
from portal_app.components.status import BADGE, case_badge
from portal_app.components.text import by_value, t
from portal_app.priming.choices import cond, each


def case_rows(rows: Any) -> rx.Component:
    """Every question; the whole row leads to it."""
    return rx.el.ul(each(rows, _row), aria_label=t("cases.list"), class_name="flex flex-col")


def _row(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            aria_hidden="true",
            class_name=cond(row.unread, "absolute top-6 -left-3.5 size-2 rounded-full bg-accent sm:-left-4", "hidden"),
        ),
        rx.el.div(
            rx.el.div(
                rx.el.h2(
                    list_link(
                        row.subject,
                        rx.el.span(" ", t("cases.number", number=row.number), class_name="sr-only"),
                        to=row.href,
                        class_name="wrap-anywhere hover:underline after:absolute after:inset-0 after:rounded-lg",
                    ),
                    class_name=cond(row.unread, "font-bold", "font-semibold") + " min-w-0",
                ),
                case_badge(row.status),
                cond(
                    row.unread,
                    rx.el.span(t("cases.unread"), class_name=f"{BADGE} bg-accent text-on-accent"),
                    rx.fragment(),
                ),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            rx.el.p(
                rx.el.span(t("cases.number", number=row.number)),
                rx.el.span(
                    by_value(row.topic, TOPIC_WORDS, "topic.other"), class_name=cond(row.topic == "", "hidden", "")
                ),
                rx.el.span(t("cases.changed", time=row.changed)),
                class_name="num mt-1 flex flex-wrap gap-x-4 text-sm text-muted",
            ),
            class_name="min-w-0 grow",
        ),
        icon("right", "mt-1 size-4 text-muted"),
        key=row.key,
        custom_attrs={"data-case": row.key, "data-unread": cond(row.unread, "true", "false")},
        class_name="relative flex items-start gap-3 border-b border-line py-4 last:border-b-0 last:pb-0",
    )


def sending_rows(rows: Any) -> rx.Component:
    """What has no number yet, with what was written where it must be written again."""
    return rx.el.ul(
        each(rows, _sending),
        role="status",
        class_name="mb-2 flex flex-col gap-3 empty:hidden",
    )


def _sending(row: Any) -> rx.Component:
    return rx.el.li(
        cond(row.refused, icon("alert", "mt-0.5 size-5 text-bad"), icon("clock", "mt-0.5 size-5 text-accent")),
        rx.el.div(
            rx.el.p(row.subject, class_name="font-semibold wrap-anywhere"),
            rx.el.p(
                cond(row.refused, t("cases.not_sent"), t("cases.sending")),
                rx.el.span(" · "),
                t("cases.sent_at", time=row.at),
                class_name="num text-sm",
            ),
            cond(
                row.refused,
                rx.fragment(
                    rx.el.p(row.body, class_name="mt-2 text-sm whitespace-pre-wrap wrap-anywhere"),
                    rx.el.p(
                        list_link(t("cases.write_again"), to=routes.NEW_CASE, class_name=INLINE),
                        class_name="mt-2 text-sm",
                    ),
                ),
                rx.fragment(),
            ),
            class_name="min-w-0 grow",
        ),
        key=row.key,
        class_name=cond(row.refused, "bg-bad-soft", "bg-accent-soft") + " flex gap-3 rounded-lg p-4",
    )
