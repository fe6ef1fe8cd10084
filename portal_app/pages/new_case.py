"""A new question to support."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.attachments import attachments
from portal_app.components.case_forms import message_box
from portal_app.components.case_words import FILE_REASONS, TOPIC_WORDS, WHOLE
from portal_app.components.draft_effects import draft
from portal_app.components.feedback import skeleton
from portal_app.components.form_effects import FormEffects
from portal_app.components.forms import choice, field, refusal
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, card, page_heading
from portal_app.components.links import post_form
from portal_app.components.shell import shell
from portal_app.components.standing import back_link
from portal_app.components.text import t
from portal_app.domain.case_texts import LONGEST_BODY, LONGEST_SUBJECT
from portal_app.priming.choices import cond, each
from portal_app.state.new_case import ChoiceRow
from portal_app.state.new_case import NewCaseState as State

TOPIC = ("case.topic_missing",)
RELATED = ("case.related_gone",)
SUBJECT = ("case.subject_missing", "case.subject_long")
MESSAGE = ("case.message_missing", "case.message_long")


def new_case_page() -> rx.Component:
    """One form."""
    return shell(
        rx.el.div(
            back_link(t("thread.back"), routes.CASES),
            page_heading(t("new_case.title"), t("new_case.lead")),
            card(
                cond(
                    rx.State.is_hydrated | (State.listing != "loading"),
                    _form(),
                    skeleton("h-11 w-full", "h-11 w-full", "h-11 w-full", "h-40 w-full"),
                )
            ),
            class_name="mx-auto max-w-3xl",
        ),
        current="support",
    )


def _form() -> rx.Component:
    return rx.fragment(
        refusal(
            State,
            {
                "topic": t("new_case.topic"),
                "related": t("new_case.related"),
                "subject": t("new_case.subject"),
                "message": t("new_case.message"),
                "files": t("attach.title"),
            },
            WHOLE,
        ),
        post_form(
            rx.el.input(type="hidden", name="idempotency_key"),
            rx.el.div(_topic(), _related(), class_name="grid gap-5 sm:grid-cols-2"),
            field(
                State,
                "subject",
                t("new_case.subject"),
                SUBJECT,
                type="text",
                max_length=LONGEST_SUBJECT,
                auto_complete="off",
            ),
            message_box(
                State,
                t("new_case.message"),
                MESSAGE,
                most=LONGEST_BODY,
                in_bytes=False,
                rows=8,
                hint=t("new_case.message_hint"),
            ),
            attachments(State, FILE_REASONS),
            rx.el.div(
                rx.el.p(t("draft.kept"), class_name="text-sm text-muted"),
                rx.el.button(
                    icon("send", "size-4"),
                    t("new_case.send"),
                    type="submit",
                    class_name=f"{PRIMARY} w-full text-base sm:w-auto",
                ),
                class_name="flex flex-wrap items-center justify-between gap-x-6 gap-y-3",
            ),
            FormEffects.create(form="form", values={}, refused=State.error != ""),
            draft(State, "form", "new"),
            id="form",
            action=routes.API_CASES,
            class_name="flex flex-col gap-5",
            custom_attrs={"noValidate": True},
        ),
    )


def _topic() -> rx.Component:
    return choice(
        State,
        "topic",
        t("new_case.topic"),
        TOPIC,
        rx.el.option(t("new_case.topic_choose"), value=""),
        *(rx.el.option(t(key), value=topic) for topic, key in TOPIC_WORDS.items()),
    )


def _related() -> rx.Component:
    return rx.el.div(
        choice(
            State,
            "related",
            t("new_case.related"),
            RELATED,
            rx.el.option(t("new_case.related_none"), value=""),
            _group(t("new_case.services"), State.services),
            _group(t("new_case.orders"), State.orders),
            _group(t("new_case.invoices"), State.invoices),
            required=False,
        ),
        rx.el.div(
            cond(
                State.listing == "failed",
                rx.el.p(t("new_case.related_failed"), class_name="mt-1.5 text-sm text-warn"),
                rx.fragment(),
            ),
            role="status",
        ),
        class_name="min-w-0",
    )


def _group(label: Any, rows: Any) -> rx.Component:
    return cond(rows, rx.el.optgroup(each(rows, _option), label=label), rx.fragment())


def _option(row: rx.Var[ChoiceRow]) -> rx.Component:
    return rx.el.option(row.label, value=row.value, key=row.value)
