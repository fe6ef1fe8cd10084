"""The profile: who the customer is for us, what of it they change themselves, and their address."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.address_fields import address_lines
from portal_app.components.feedback import notice_box, skeleton, unavailable
from portal_app.components.form_effects import FormEffects
from portal_app.components.forms import choice, field, refusal, tick, told
from portal_app.components.kit import INLINE, PRIMARY, SECONDARY, card, card_heading, page_heading
from portal_app.components.links import link, post_form
from portal_app.components.shell import shell
from portal_app.components.standing import back_link
from portal_app.components.text import by_key, t
from portal_app.priming.choices import cond, match
from portal_app.state.profile import ProfileState as State
from portal_app.text import LANGUAGES

PHONE = ("signup.phone_missing", "signup.phone_invalid")
BIRTH_DATE = ("signup.birth_date_invalid", "signup.too_young")
COMPANY = ("signup.company_too_long", "signup.text_unusable")
GENDER = ("signup.gender_unknown",)
LANGUAGE = ("profile.language_unknown",)
GENDERS = {
    "": "profile.gender.none",
    "W": "profile.gender.w",
    "M": "profile.gender.m",
    "other": "profile.gender.other",
    "no_answer": "profile.gender.no_answer",
}
TOLD = ("profile.saved",)


def profile_page() -> rx.Component:
    """What can be changed at the left, what is only shown or changed elsewhere at the right."""
    return shell(
        back_link(t("account.title"), routes.ACCOUNT),
        page_heading(t("profile.title"), t("profile.lead")),
        _said(),
        match(
            State.known,
            ("loading", card(skeleton("h-5 w-40", "h-11 w-full", "h-11 w-full", "h-11 w-full"))),
            ("held", _held()),
            unavailable(State.load, False),
        ),
        current="account",
    )


def _said() -> rx.Component:
    return match(
        State.notice,
        ("", rx.fragment()),
        ("profile.being_confirmed", notice_box(t("profile.being_confirmed"))),
        ("address.saved", told(t("address.saved"))),
        ("address.being_confirmed", notice_box(t("address.being_confirmed"))),
        told(by_key(State.notice, TOLD)),
    )


def _held() -> rx.Component:
    return rx.el.div(
        _details(),
        rx.el.div(_fixed(), _email(), _address(), class_name="flex min-w-0 flex-col gap-4 sm:gap-6"),
        class_name="grid grid-cols-1 gap-4 sm:gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)] lg:items-start",
    )


def _details() -> rx.Component:
    shown = State.form
    return card(
        card_heading(t("profile.details"), id="details"),
        refusal(State, _labels()),
        post_form(
            rx.el.input(type="hidden", name="idempotency_key"),
            _text(
                "phone",
                t("signup.phone"),
                PHONE,
                shown.phone,
                type="tel",
                auto_complete="tel",
                input_mode="tel",
                max_length=40,
            ),
            cond(
                shown.asks_birth_date,
                _text(
                    "birth_date",
                    t("signup.birth_date"),
                    BIRTH_DATE,
                    shown.birth_date,
                    required=False,
                    auto_complete="bday",
                    placeholder=t("form.example", example="1985-04-12"),
                    max_length=20,
                ),
                rx.fragment(),
            ),
            cond(
                shown.asks_gender,
                choice(
                    State,
                    "gender",
                    t("profile.gender"),
                    GENDER,
                    *(rx.el.option(t(key), value=value) for value, key in GENDERS.items()),
                    required=False,
                    default_value=shown.gender,
                ),
                rx.fragment(),
            ),
            _text(
                "company",
                t("signup.company"),
                COMPANY,
                shown.company,
                required=False,
                auto_complete="organization",
                max_length=120,
            ),
            choice(
                State,
                "language",
                t("profile.language"),
                LANGUAGE,
                *(rx.el.option(names[0], value=locale, lang=locale) for locale, names in LANGUAGES.items()),
                default_value=shown.language,
            ),
            rx.el.div(
                tick(State, "marketing", t("profile.marketing"), default_checked=shown.marketing),
                class_name="border-t border-line pt-5 sm:col-span-2",
            ),
            rx.el.button(t("profile.save"), type="submit", class_name=f"{PRIMARY} sm:col-span-2 sm:justify-self-start"),
            FormEffects.create(form="profile-form", values=State.values, refused=State.error != ""),
            id="profile-form",
            key=State.drawn,
            action=routes.API_PROFILE,
            custom_attrs={"noValidate": True},
            class_name="grid items-start gap-x-4 gap-y-5 sm:grid-cols-2",
        ),
        aria_labelledby="details",
    )


def _fixed() -> rx.Component:
    held = State.profile
    return card(
        card_heading(t("profile.fixed"), id="fixed"),
        rx.el.dl(
            _fact(t("profile.name"), held.name),
            cond(held.customer_number == "", rx.fragment(), _fact(t("signup.number"), held.customer_number)),
            class_name="flex flex-col gap-3",
        ),
        rx.el.p(
            t("profile.fixed_body"),
            " ",
            link(t("profile.ask"), to=routes.NEW_CASE, class_name=INLINE),
            class_name="mt-4 border-t border-line pt-4 text-sm text-muted",
        ),
        aria_labelledby="fixed",
    )


def _email() -> rx.Component:
    return card(
        card_heading(t("profile.email"), id="email-title"),
        rx.el.p(State.profile.email, id="email-now", class_name="font-medium wrap-anywhere"),
        rx.el.p(t("profile.email_body"), class_name="mt-1 text-sm text-muted"),
        rx.el.div(link(t("profile.email_change"), to=routes.SECURITY, class_name=SECONDARY), class_name="mt-5"),
        aria_labelledby="email-title",
    )


def _address() -> rx.Component:
    return card(
        card_heading(t("address.title"), id="address"),
        match(
            State.filed,
            ("loading", skeleton("h-5 w-40", "h-5 w-48", "h-5 w-24")),
            ("held", address_lines(State.address)),
            ("none", rx.el.p(t("address.none"), class_name="text-muted")),
            rx.el.p(t("common.unknown"), class_name="text-muted"),
        ),
        rx.el.div(
            link(
                cond(State.filed == "none", t("settings.add"), t("settings.change")),
                to=f"{routes.ADDRESS}?returnTo={routes.PROFILE}",
                class_name=SECONDARY,
            ),
            class_name="mt-5",
        ),
        aria_labelledby="address",
    )


def _fact(label: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-muted"),
        rx.el.dd(value, class_name="font-medium wrap-anywhere"),
    )


def _text(name: str, label: Any, reasons: tuple[str, ...], value: Any, **props: Any) -> rx.Component:
    return rx.el.div(
        field(
            State, name, label, reasons, default_value=value, on_blur=lambda typed: State.check(name, typed), **props
        ),
        class_name="min-w-0",
    )


def _labels() -> dict[str, Any]:
    return {
        "phone": t("signup.phone"),
        "birth_date": t("signup.birth_date"),
        "gender": t("profile.gender"),
        "company": t("signup.company"),
        "language": t("profile.language"),
    }
