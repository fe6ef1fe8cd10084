"""Security: how signing in is protected, the password, the address to sign in with, devices and activity."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.feedback import skeleton
from portal_app.components.form_effects import FormEffects
from portal_app.components.forms import EMAIL, field, new_password, refusal, told
from portal_app.components.icons import icon
from portal_app.components.kit import QUIET, SECONDARY, card, card_heading, page_heading
from portal_app.components.links import link, post_form
from portal_app.components.mfa_setup import mfa_setup
from portal_app.components.shell import shell
from portal_app.components.standing import back_link
from portal_app.components.status import second_factor_badge
from portal_app.components.text import by_key, t
from portal_app.priming.choices import cond, each, match
from portal_app.state.activity_rows import ActivityRow
from portal_app.state.security import DeviceRow
from portal_app.state.security import SecurityState as State

NOTICES = ("password_change.done", "email_change.asked", "email_change.done", "mfa.removed")
WHOLE = ("mfa.not_on", "mfa.password_short", "mfa.already_on", "mfa.begin_again")
CURRENT = ("password_change.wrong", "sign_in.password_missing")
NEW_EMAIL = (*EMAIL, "email_change.same")
CODE = ("mfa.wrong",)
CONFIRM = f"{routes.CONFIRM}?next={routes.SECURITY}"
COLUMN = "flex min-w-0 flex-col gap-4 sm:gap-6"


def security_page() -> rx.Component:
    """What can be changed at the left, what happened at the right."""
    return shell(
        back_link(t("account.title"), routes.ACCOUNT),
        page_heading(t("security.title"), t("security.lead")),
        cond(State.notice != "", told(by_key(State.notice, NOTICES)), rx.fragment()),
        refusal(State, _labels(), WHOLE),
        cond(
            State.second_factor == "loading",
            card(skeleton("h-6 w-40", "h-5 w-full", "h-11 w-48")),
            rx.el.div(
                rx.el.div(_second_factor(), _password(), _email(), class_name=COLUMN),
                rx.el.div(_devices(), _activity(), class_name=COLUMN),
                class_name="grid grid-cols-1 gap-4 sm:gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] lg:items-start",
            ),
        ),
        current="account",
    )


def _second_factor() -> rx.Component:
    on = State.second_factor == "on"
    return card(
        card_heading(t("security.second_factor"), second_factor_badge(State.second_factor), id="second-factor"),
        rx.el.p(cond(on, t("security.on_body", day=State.since), t("security.off_body")), class_name="text-muted"),
        cond(on, _codes_left(), rx.fragment()),
        # One place for both, however long ago somebody signed in: the codes are shown just when it becomes on.
        rx.el.div(mfa_setup(on), class_name="mt-5"),
        cond(on, _remove(), rx.fragment()),
        aria_labelledby="second-factor",
    )


def _codes_left() -> rx.Component:
    return match(
        State.codes,
        ("none", _warning(t("security.codes_none"))),
        ("few", _warning(t("security.codes_few", count=State.codes_left))),
        rx.el.p(t("security.codes_left", count=State.codes_left), class_name="num mt-3 text-sm text-muted"),
    )


def _warning(sentence: Any) -> rx.Component:
    look = "num mt-3 flex gap-2 rounded-lg bg-warn-soft p-3 text-sm text-warn"
    return rx.el.p(icon("alert", "mt-0.5 size-4"), sentence, class_name=look)


def _remove() -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            t("security.remove"),
            class_name="inline-flex min-h-11 cursor-pointer items-center text-sm font-semibold text-bad",
        ),
        rx.el.p(t("security.remove_body"), class_name="mb-4 text-sm text-muted"),
        _form(
            "factor",
            field(
                State,
                "code",
                t("setup.code"),
                CODE,
                hint=t("setup.any_code"),
                auto_complete="one-time-code",
                auto_capitalize="none",
                spell_check=False,
                max_length=60,
            ),
            action=routes.API_TOTP_REMOVE,
            submit=t("security.remove_submit"),
        ),
        open=State.refused == "factor",
        class_name="mt-4 border-t border-line pt-3",
    )


def _password() -> rx.Component:
    return card(
        card_heading(t("security.password"), id="password-title"),
        rx.el.p(t("security.password_body"), class_name="mb-4 text-muted"),
        _form(
            "password",
            field(
                State,
                "current_password",
                t("security.password_now"),
                CURRENT,
                type="password",
                auto_complete="current-password",
                max_length=1024,
            ),
            new_password(State, t("security.password_new")),
            action=routes.API_PASSWORD,
            submit=t("security.password_submit"),
        ),
        aria_labelledby="password-title",
    )


def _email() -> rx.Component:
    return card(
        card_heading(t("profile.email"), id="email-title"),
        rx.el.p(t("security.email_now"), class_name="text-sm text-muted"),
        rx.el.p(State.email_now, id="email-now", class_name="mb-4 font-medium wrap-anywhere"),
        _form(
            "email",
            field(
                State,
                "email",
                t("security.email_new"),
                NEW_EMAIL,
                hint=t("security.email_hint"),
                type="email",
                auto_complete="email",
                input_mode="email",
                spell_check=False,
                auto_capitalize="none",
                max_length=254,
            ),
            action=routes.API_EMAIL,
            submit=t("security.email_submit"),
        ),
        aria_labelledby="email-title",
    )


def _form(name: str, *fields: rx.Component, action: str, submit: Any) -> rx.Component:
    """The fields once it was shown minutes ago who it is: what was typed before would be lost on the way there."""
    return cond(
        State.recent,
        post_form(
            *fields,
            rx.el.button(submit, type="submit", class_name=f"{SECONDARY} self-start"),
            FormEffects.create(form=f"{name}-form", values=State.values, refused=State.refused == name),
            id=f"{name}-form",
            key=State.notice,  # what was sent and done is not offered again
            action=action,
            custom_attrs={"noValidate": True},
            class_name="flex max-w-md flex-col gap-5",
        ),
        link(submit, to=CONFIRM, id=f"{name}-prove", class_name=SECONDARY),
    )


def _devices() -> rx.Component:
    return card(
        card_heading(t("security.devices"), id="devices-title"),
        rx.el.ul(each(State.devices, _device), id="devices", class_name="-my-3 flex flex-col divide-y divide-line"),
        cond(
            State.others,
            rx.el.div(
                rx.el.button(
                    t("security.end_others"),
                    type="button",
                    id="end-others",
                    on_click=State.end_others,
                    class_name=f"{SECONDARY} w-full whitespace-normal",
                ),
                class_name="mt-5 border-t border-line pt-5",
            ),
            rx.fragment(),
        ),
        rx.el.p(t("security.devices_body"), class_name="mt-4 text-sm text-muted"),
        aria_labelledby="devices-title",
    )


def _device(row: rx.Var[DeviceRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            icon("device", "size-5"),
            class_name="flex size-10 shrink-0 items-center justify-center rounded-lg bg-sunken text-muted",
        ),
        rx.el.div(
            rx.el.p(row.device, class_name="font-medium wrap-anywhere"),
            cond(
                row.current,
                rx.el.p(t("security.this_device"), class_name="text-sm font-semibold text-good"),
                rx.el.p(t("security.seen", time=row.seen), class_name="num text-sm text-muted"),
            ),
            rx.el.p(t("security.since", time=row.since), class_name="num text-sm text-muted"),
            class_name="min-w-0 grow",
        ),
        cond(
            row.current,
            rx.fragment(),
            rx.el.button(
                t("security.end"),
                rx.el.span(row.device, class_name="sr-only"),
                type="button",
                on_click=State.end(row.handle),
                class_name=f"{QUIET} -mr-3 shrink-0 px-3",
            ),
        ),
        key=row.handle,
        custom_attrs={"data-current": row.current},
        class_name="flex items-start gap-3 py-3",
    )


def _activity() -> rx.Component:
    return card(
        card_heading(t("security.activity"), id="activity-title"),
        cond(
            State.activity,
            rx.el.ol(each(State.activity, _line), id="activity", class_name="flex flex-col gap-4"),
            rx.el.p(t("security.activity_none"), class_name="text-muted"),
        ),
        rx.el.p(t("security.activity_body"), class_name="mt-5 border-t border-line pt-4 text-sm text-muted"),
        aria_labelledby="activity-title",
    )


def _line(row: rx.Var[ActivityRow]) -> rx.Component:
    dot = "mt-2 size-2 shrink-0 rounded-full "
    tone = match(row.tone, ("good", f"{dot}bg-good"), ("warn", f"{dot}bg-warn"), f"{dot}bg-edge")
    return rx.el.li(
        rx.el.span(class_name=tone, aria_hidden="true"),
        rx.el.div(
            rx.el.p(row.sentence, class_name="text-sm font-medium"),
            rx.el.p(
                row.at,
                cond(row.device != "", rx.el.span(" · ", row.device), rx.fragment()),
                class_name="num text-sm text-muted wrap-anywhere",
            ),
            class_name="min-w-0",
        ),
        key=row.key,
        class_name="flex gap-3",
    )


def _labels() -> dict[str, Any]:
    return {
        "current_password": t("security.password_now"),
        "password": t("security.password_new"),
        "email": t("security.email_new"),
        "code": t("setup.code"),
    }
