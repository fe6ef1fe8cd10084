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
from portal_app.state.verification import VerificationState as State

FILE = ("upload.empty", "upload.name", "upload.too_large", "upload.type")
WHOLE = ("document.not_wanted",)
NOTICES = ("document.submitted",)


def verification_page() -> rx.Component:
    """Where it stands first; the form only while a document is wanted."""
    return shell(
        rx.cond(
            State.back == "",
            back_link(t("settings.title"), routes.SETTINGS),
            back_link(t("settings.back"), State.back),
        ),
        rx.el.div(
            page_heading(t("document.title"), t("document.lead")),
            rx.cond(
                (State.notice != "") & (State.standing == "submitted"),
                told(by_key(State.notice, NOTICES)),
                rx.fragment(),
            ),
            rx.el.div(_standing(), role="status", custom_attrs={"data-standing": State.standing}),
            rx.cond((State.standing == "not_submitted") | (State.standing == "rejected"), _upload(), _on()),
            class_name="max-w-2xl",
        ),
        current="account",
    )


def _standing() -> rx.Component:
    return rx.match(
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
                rx.cond(
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
    return rx.cond(told == "", rx.fragment(), rx.el.p(sentence, class_name="num font-medium"))


def _again() -> rx.Component:
    return rx.el.div(rx.el.button(t("common.retry"), type="button", on_click=State.load, class_name=SECONDARY))


def _on() -> rx.Component:
    """To where the customer came from, once there is nothing to do here."""
    done = (State.standing == "submitted") | (State.standing == "verified")
    return rx.cond(
        done & (State.back != ""),
        link(
            t("settings.go_on"), icon("right", "size-4"), to=State.back, class_name=f"{PRIMARY} mt-6 w-full sm:w-auto"
        ),
        rx.fragment(),
    )


def _upload() -> rx.Component:
    return card(
        card_heading(t("document.send_title"), id="send"),
        refusal(State, {"document": t("document.file")}, WHOLE),
        rx.el.div(
            rx.el.p(t("document.kinds"), class_name="text-sm"),
            rx.el.ul(
                *(_tip(t(key)) for key in ("document.tip_whole", "document.tip_sharp", "document.tip_present")),
                class_name="mt-3 mb-5 flex flex-col gap-2 text-sm text-muted",
            ),
        ),
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
        class_name="mt-6",
    )


def _tip(sentence: Any) -> rx.Component:
    return rx.el.li(icon("check", "mt-0.5 size-4 text-good"), rx.el.span(sentence), class_name="flex gap-2")
