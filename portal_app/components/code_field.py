"""Where a code of the second factor is typed."""

from typing import Any

import reflex as rx

from portal_app.components.form_effects import FormEffects
from portal_app.components.forms import INPUT, field
from portal_app.components.kit import SECONDARY
from portal_app.components.links import browser, post_form
from portal_app.components.text import t

REASONS = ("mfa.wrong",)
WIDE_DIGITS = "text-center text-2xl! tracking-[0.3em] font-semibold num"
SEND_WHEN_COMPLETE = """(event) => {
  if (/^[0-9]{3} ?[0-9]{3}$/.test(event.target.value.trim())) event.target.form.requestSubmit();
}"""
send_when_complete = browser(SEND_WHEN_COMPLETE)


def code_field(state: Any) -> rx.Component:
    """Six digits of the authenticator; the form is sent when the last one is there, as the hint says."""
    return field(
        state,
        "code",
        t("mfa.code"),
        REASONS,
        hint=t("mfa.code_hint"),
        auto_complete="one-time-code",
        input_mode="numeric",
        max_length=7,
        spell_check=False,
        auto_focus=True,
        on_change=send_when_complete,
    )


def recovery_form(state: Any, *, action: str, submit: Any) -> rx.Component:
    """For the day the authenticator is lost: folded away, the same door."""
    return rx.el.details(
        rx.el.summary(
            t("mfa.lost"),
            class_name="mt-6 inline-block min-h-6 cursor-pointer text-sm font-semibold text-accent underline "
            "underline-offset-4",
        ),
        post_form(
            rx.el.label(t("mfa.recovery"), html_for="recovery", class_name="mt-3 mb-1.5 block text-sm font-semibold"),
            rx.el.p(t("mfa.recovery_hint"), id="recovery-hint", class_name="mb-1.5 text-sm text-muted"),
            rx.el.input(
                id="recovery",
                name="code",
                required=True,
                auto_complete="off",
                auto_capitalize="characters",
                spell_check=False,
                max_length=60,
                aria_describedby="recovery-hint",
                class_name=INPUT,
            ),
            rx.el.input(type="hidden", name="next", value=state.next, read_only=True),
            rx.el.button(submit, type="submit", class_name=f"{SECONDARY} mt-4 w-full"),
            FormEffects.create(form="recovery-form", values={}, refused=False),
            id="recovery-form",
            action=action,
        ),
    )
