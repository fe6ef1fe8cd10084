"""The identity document: how it stands, and the form that sends one to the staff."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import skeleton
from portal_app.components.file_pick import file_pick
from portal_app.components.form_effects import FormEffects
from portal_app.components.forms import refusal, told
from portal_app.components.icons import icon
from portal_app.components.kit import PRIMARY, SECONDARY, card, card_heading, page_heading
from portal_app.components.links import link, post_form
from portal_app.components.shell import shell
from portal_app.components.standing import back_link, panel, unlinked_panel
from portal_app.components.text import by_key, t
from portal_app.priming.choices import cond, match
from portal_app.state.verification import VerificationState as State

FILE = ("upload.missing", "upload.empty", "upload.name", "upload.too_large", "upload.type")
WHOLE = ("document.not_wanted",)
NOTICES = ("document.submitted",)


def verification_page() -> rx.Component:
    """Where it stands first; the form only while a document is wanted."""
    return shell(
        cond(
            State.back == "",
            back_link(t("account.title"), routes.ACCOUNT),
            back_link(t("settings.back"), State.back),
        ),
        page_heading(t("document.title"), t("document.lead")),
        rx.el.div(
            rx.el.div(
                cond(
                    (State.notice != "") & (State.standing == "submitted"),
                    told(by_key(State.notice, NOTICES)),
                    rx.fragment(),
                ),
                rx.el.div(_standing(), role="status", custom_attrs={"data-standing": State.standing}),
                class_name="min-w-0",
            ),
            match(
                State.standing,
                ("not_submitted", _wanted()),
                ("rejected", _wanted()),
                ("submitted", _on()),
                ("verified", _on()),
                rx.fragment(),
            ),
            class_name="grid gap-4 sm:gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)] lg:items-start",
        ),
        current="account",
    )


def _standing() -> rx.Component:
    return match(
        State.standing,
        ("loading", skeleton("h-28 w-full")),
        ("not_submitted", panel("warn", "identity", t("document.not_submitted"), t("document.not_submitted_body"))),
        (
            "submitted",
            panel(
                "now",
                "clock",
                t("document.checking"),
                _since(State.submitted_on, t("document.checking_since", day=State.submitted_on)),
                t("document.checking_body"),
            ),
        ),
        (
            "verified",
            panel(
                "good",
                "check",
                t("document.verified"),
                _since(State.verified_on, t("document.verified_on", day=State.verified_on)),
                t("document.verified_body"),
            ),
        ),
        (
            "rejected",
            panel(
                "bad",
                "alert",
                t("document.rejected"),
                cond(
                    State.reason == "",
                    rx.fragment(),
                    rx.el.blockquote(
                        State.reason, class_name="border-l-4 border-bad pl-3 whitespace-pre-line wrap-anywhere"
                    ),
                ),
                t("document.rejected_body"),
            ),
        ),
        ("unlinked", unlinked_panel()),
        ("failed", panel("plain", "alert", t("document.failed"), t("document.failed_body"), _again())),
        panel("plain", "alert", t("document.unknown"), t("document.unknown_body")),
    )


def _since(told: Any, sentence: Any) -> rx.Component:
    return cond(told == "", rx.fragment(), rx.el.p(sentence, class_name="num font-medium"))


def _again() -> rx.Component:
    return rx.el.div(rx.el.button(t("common.retry"), type="button", on_click=State.load, class_name=SECONDARY))


def _on() -> rx.Component:
    """To where the customer came from, once there is nothing to do here."""
    return cond(
        State.back != "",
        link(
            t("settings.go_on"),
            icon("right", "size-4"),
            to=State.back,
            class_name=f"{PRIMARY} w-full sm:w-auto sm:justify-self-start lg:col-start-1",
        ),
        rx.fragment(),
    )


def _wanted() -> rx.Component:
    """What to look for is read before a file is picked, and stands beside the form where there is room."""
    return rx.fragment(_tips(), _upload())


def _upload() -> rx.Component:
    return card(
        card_heading(t("document.send_title"), id="send"),
        refusal(State, {"document": t("document.title")}, WHOLE),
        post_form(
            # Before the file: the door reads what arrives first, and refuses before it takes the rest.
            rx.el.input(type="hidden", name="idempotency_key"),
            rx.el.input(type="hidden", name="returnTo", value=State.back),
            file_pick(State, "document", t("document.file"), FILE),
            rx.el.button(t("document.send"), type="submit", class_name=f"{PRIMARY} mt-5 w-full text-base"),
            FormEffects.create(form="form", values=State.values, refused=State.error != ""),
            id="form",
            action=routes.API_VERIFICATION,
            custom_attrs={"encType": "multipart/form-data", "noValidate": True},
        ),
        rx.el.p(
            icon("vpn", "mt-0.5 size-4"),
            t("document.private"),
            class_name="mt-4 flex gap-2 text-sm text-muted",
        ),
        aria_labelledby="send",
    )


def _tips() -> rx.Component:
    return card(
        card_heading(t("document.good"), id="good"),
        rx.el.p(t("document.kinds"), class_name="text-sm"),
        rx.el.ul(
            *(
                rx.el.li(icon("check", "mt-0.5 size-4 text-good"), rx.el.span(t(key)), class_name="flex gap-2")
                for key in ("document.tip_whole", "document.tip_sharp", "document.tip_present")
            ),
            class_name="mt-3 flex flex-col gap-2 text-sm text-muted",
        ),
        aria_labelledby="good",
        class_name="lg:col-start-2 lg:row-span-2 lg:row-start-1",
    )
