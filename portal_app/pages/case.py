"""One question to support: the conversation, and what can be done about it."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.attachments import attachments
from portal_app.components.case_forms import message_box
from portal_app.components.case_thread import conversation, loose_files
from portal_app.components.case_words import FILE_REASONS, TOPIC_WORDS, TROUBLES, WHOLE, good_news
from portal_app.components.draft_effects import draft, drafts_sent, seen
from portal_app.components.feedback import as_of, notice, skeleton, unavailable
from portal_app.components.form_effects import FormEffects
from portal_app.components.forms import refusal
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, SECONDARY, card, card_heading, empty_state
from portal_app.components.links import link, post_form
from portal_app.components.named_here import named_here
from portal_app.components.shell import shell
from portal_app.components.status import case_badge
from portal_app.components.text import by_value, t
from portal_app.domain.case_texts import LONGEST_REPLY
from portal_app.priming.choices import cond, match
from portal_app.state.case import CaseState as State

MESSAGE = ("case.message_missing", "case.reply_long")
# Moving from one question to another must not show the one before while the other is read.
_READY = named_here(State.here) & (State.found != "loading")


def case_page() -> rx.Component:
    """Back, then whatever the question turned out to be."""
    return shell(
        rx.el.div(
            link(
                icon("left", "size-4"),
                t("thread.back"),
                to=routes.CASES,
                class_name="inline-flex min-h-8 items-center gap-1 text-sm font-semibold text-accent hover:underline",
            ),
            cond(State.found == "missing", rx.fragment(), as_of(State.as_of, State.refresh, State.refreshing)),
            class_name="mb-4 flex flex-wrap items-center justify-between gap-2 print:hidden",
        ),
        good_news(State),
        notice(State.trouble, TROUBLES),
        rx.el.article(
            _heading(),
            cond(
                _READY,
                match(
                    State.found,
                    ("found", _question()),
                    ("missing", _missing()),
                    card(unavailable(State.refresh, State.refreshing)),
                ),
                card(skeleton("h-16 w-3/4", "h-16 w-2/3", "h-24 w-3/4")),
            ),
            id="case",
            custom_attrs={"data-status": cond(_READY, State.view.status, "")},
        ),
        current="support",
    )


def _heading() -> rx.Component:
    """One h1 through all states, so that focus stays on it while the question arrives."""
    title = match(State.found, ("found", State.view.subject), ("missing", t("thread.missing")), t("thread.page"))
    found = _READY & (State.found == "found")
    return rx.el.div(
        rx.el.h1(
            cond(_READY, title, t("thread.page")),
            tab_index=-1,
            class_name="min-w-0 text-2xl font-bold tracking-tight wrap-anywhere sm:text-3xl",
        ),
        cond(found, case_badge(State.view.status), rx.fragment()),
        class_name="mb-6 flex flex-wrap items-center gap-x-4 gap-y-3",
    )


def _missing() -> rx.Component:
    back = link(t("thread.back"), to=routes.CASES, class_name=PRIMARY)
    return rx.el.div(card(empty_state("search", None, t("thread.missing_body"), back)), id="case-missing")


def _question() -> rx.Component:
    return rx.fragment(
        seen(State.newest, f"{State.get_full_name()}.seen"),
        rx.el.div(
            rx.el.div(_thread(), _next(), class_name="flex min-w-0 flex-col gap-4 sm:gap-6"),
            rx.el.div(_facts(), _ending(), class_name="flex min-w-0 flex-col gap-4 sm:gap-6"),
            class_name="flex flex-col gap-4 sm:gap-6 lg:grid lg:grid-cols-[minmax(0,1fr)_20rem] lg:items-start",
        ),
    )


def _thread() -> rx.Component:
    return card(
        rx.el.h2(t("thread.thread"), class_name="sr-only"),
        conversation(State.messages, State.files),
        cond(State.loose_files, loose_files(State.files), rx.fragment()),
        rx.el.div(
            cond(State.view.changing, rx.el.p(icon("clock", "size-4"), t("thread.changing"), class_name=_NOTE)),
            role="status",
        ),
    )


_NOTE = "mt-5 flex items-center gap-2 border-t border-line pt-4 text-sm text-muted"


def _next() -> rx.Component:
    """A closed question takes no reply: then what can be done instead stands in its place."""
    return cond(State.view.status == "closed", _reopening(), _reply())


def _reply() -> rx.Component:
    return card(
        card_heading(t("thread.reply"), id="reply"),
        cond(
            State.view.status == "awaiting_customer",
            rx.el.p(
                icon("alert", "mt-0.5 size-5"),
                t("thread.awaiting_body"),
                class_name="mb-4 flex gap-3 rounded-lg bg-warn-soft p-3 text-sm text-warn",
            ),
            rx.fragment(),
        ),
        refusal(State, {"message": t("thread.reply_label"), "files": t("attach.title")}, WHOLE),
        post_form(
            rx.el.input(type="hidden", name="idempotency_key"),
            message_box(State, t("thread.reply_label"), MESSAGE, most=LONGEST_REPLY, in_bytes=True, rows=5),
            rx.el.div(attachments(State, FILE_REASONS), class_name="mt-4"),
            rx.el.div(
                rx.el.p(t("draft.kept"), class_name="text-sm text-muted"),
                rx.el.button(
                    icon("send", "size-4"),
                    t("thread.reply_send"),
                    type="submit",
                    class_name=f"{PRIMARY} w-full text-base sm:w-auto",
                ),
                class_name="mt-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3",
            ),
            FormEffects.create(form="form", values={}, refused=State.error != ""),
            draft(State, "form", State.view.key),
            key=State.view.key,  # another question, another form
            id="form",
            action=State.view.comments_action,
            custom_attrs={"noValidate": True},
        ),
        aria_labelledby="reply",
    )


def _reopening() -> rx.Component:
    return card(
        drafts_sent(State),
        refusal(State, {}, WHOLE),
        rx.el.div(
            rx.el.span(icon("check", "size-6"), class_name="rounded-full bg-good-soft p-3 text-good"),
            rx.el.h2(t("thread.is_closed"), class_name="mt-2 font-semibold"),
            rx.el.p(t("thread.is_closed_body"), class_name="max-w-md text-sm text-muted"),
            _one_button("reopen-form", State.view.reopen_action, t("thread.reopen"), f"{SECONDARY} mt-3"),
            class_name="flex flex-col items-center gap-1 py-4 text-center",
        ),
    )


def _ending() -> rx.Component:
    return cond(
        State.view.status == "closed",
        rx.fragment(),
        card(
            rx.el.p(t("thread.close_body"), class_name="text-sm text-muted"),
            _one_button("close-form", State.view.close_action, t("thread.close"), f"{SECONDARY} mt-3 w-full"),
        ),
    )


def _one_button(form_id: str, action: Any, label: Any, look: str) -> rx.Component:
    return post_form(
        rx.el.input(type="hidden", name="idempotency_key"),
        cond(
            State.view.changing,
            rx.el.button(label, type="submit", disabled=True, class_name=look),
            rx.el.button(label, type="submit", class_name=look),
        ),
        FormEffects.create(form=form_id, values={}, refused=False),
        key=State.view.key,
        id=form_id,
        action=action,
    )


def _facts() -> rx.Component:
    view = State.view
    return card(
        card_heading(t("thread.about"), id="facts"),
        rx.el.dl(
            _fact(t("thread.number"), view.number),
            cond(
                view.topic == "",
                rx.fragment(),
                _fact(t("thread.topic"), by_value(view.topic, TOPIC_WORDS, "topic.other")),
            ),
            cond(
                view.related_href == "",
                rx.fragment(),
                _fact(
                    t("thread.related"),
                    link(view.related, to=view.related_href, class_name="text-accent underline underline-offset-4"),
                ),
            ),
            _fact(t("thread.opened"), view.opened),
            _fact(t("thread.changed"), view.changed),
            class_name="flex flex-col gap-3 text-sm",
        ),
        aria_labelledby="facts",
    )


def _fact(label: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-muted"),
        rx.el.dd(value, class_name="num min-w-0 font-medium wrap-anywhere"),
        class_name="flex flex-wrap justify-between gap-x-4",
    )
