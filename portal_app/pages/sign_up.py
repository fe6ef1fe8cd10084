"""Sign-up: one page in sections, posted straight to its door; and how a confirmed sign-up stands."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.forms import EMAIL, choice, field, form, form_card, new_password, refusal, tick, ways
from portal_app.components.icons import icon
from portal_app.components.kit import INLINE, SECONDARY
from portal_app.components.links import link
from portal_app.components.text import by_value, t
from portal_app.state.sign_up import PREFECTURES, SignUpState, SignUpStatusState

NUMBER = ("signup.number_missing", "signup.number_invalid", "signup.number_unusable")
LAST_NAME = ("signup.last_name_missing", "signup.name_not_roman", "signup.name_too_long")
FIRST_NAME = ("signup.first_name_missing", "signup.name_not_roman", "signup.name_too_long")
BIRTH_DATE = ("signup.birth_date_invalid", "signup.too_young")
PHONE = ("signup.phone_missing", "signup.phone_invalid")
COMPANY = ("signup.company_too_long", "signup.text_unusable")
POSTAL_CODE = ("signup.postal_code_missing", "signup.postal_code_invalid")
PREFECTURE = ("signup.prefecture_missing",)
ADDRESS = ("signup.address_not_roman", "signup.address_too_long")
TERMS = ("signup.terms_missing",)
ROMAN = {"lang": "en", "auto_capitalize": "words", "spell_check": False}


def sign_up_page() -> rx.Component:
    """Who you are, your customer number, where you live, a password."""
    return form_card(
        refusal(SignUpState, _labels()),
        form(
            SignUpState,
            _section(t("signup.you"), t("signup.you_body"), *_person()),
            _section(t("signup.number_section"), None, _number()),
            _section(t("signup.address"), t("signup.address_body"), *_address()),
            _section(t("signup.password_section"), None, rx.el.div(_password(), class_name="sm:col-span-2")),
            _agreement(),
            action=routes.API_SIGN_UP,
            submit=t("signup.submit"),
            once=True,
            class_name="flex flex-col gap-8",
        ),
        ways(
            (t("signup.have_account"), t("common.sign_in"), routes.LOGIN),
            (t("signup.have_billing"), t("link.title"), routes.LINK),
        ),
        title=t("signup.title"),
        lead=t("signup.lead"),
        wide=True,
    )


def sign_up_status_page() -> rx.Component:
    """What happens next, and that nothing need be done for it."""
    outcome = SignUpStatusState.outcome
    titles = {
        "waiting": "signup.status.waiting",
        "finishing": "signup.status.finishing",
        "refused": "signup.status.refused",
    }
    bodies = {
        "waiting": "signup.status.waiting_body",
        "finishing": "signup.status.finishing_body",
        "refused": "signup.status.refused_body",
    }
    return form_card(
        rx.el.div(
            icon("clock", "mt-0.5 size-5 text-accent"),
            rx.el.p(by_value(outcome, bodies, "common.loading")),
            class_name="flex gap-3 rounded-lg bg-accent-soft p-4 text-sm",
            role="status",
        ),
        link(t("not_found.home"), to=routes.LANDING, class_name=f"{SECONDARY} mt-6 w-full"),
        title=by_value(outcome, titles, "signup.status.title"),
        lead=t("signup.status.lead"),
    )


def _person() -> tuple[rx.Component, ...]:
    return (
        _field("last_name", t("signup.last_name"), LAST_NAME, auto_complete="family-name", max_length=60, **ROMAN),
        _field("first_name", t("signup.first_name"), FIRST_NAME, auto_complete="given-name", max_length=60, **ROMAN),
        _wide(
            _field(
                "email",
                t("sign_in.email"),
                EMAIL,
                hint=t("signup.email_hint"),
                type="email",
                auto_complete="email",
                input_mode="email",
                spell_check=False,
                auto_capitalize="none",
                max_length=254,
            )
        ),
        _field("phone", t("signup.phone"), PHONE, type="tel", auto_complete="tel", input_mode="tel", max_length=40),
        _field(
            "birth_date",
            t("signup.birth_date"),
            BIRTH_DATE,
            required=False,
            auto_complete="bday",
            placeholder=t("form.example", example="1985-04-12"),
            max_length=20,
        ),
        _wide(
            _field(
                "company", t("signup.company"), COMPANY, required=False, auto_complete="organization", max_length=120
            )
        ),
    )


def _number() -> rx.Component:
    return _wide(
        _field(
            "customer_number",
            t("signup.number"),
            NUMBER,
            hint=t("signup.number_hint"),
            auto_complete="off",
            auto_capitalize="characters",
            spell_check=False,
            lang="en",
            max_length=40,
        ),
        rx.el.details(
            rx.el.summary(
                t("signup.number_where"),
                class_name="mt-3 inline-block min-h-6 cursor-pointer text-sm font-medium text-accent underline "
                "underline-offset-4",
            ),
            rx.el.ul(
                rx.el.li(t("signup.number_where_letter")),
                rx.el.li(t("signup.number_where_invoice")),
                rx.el.li(t("signup.number_where_ask")),
                class_name="mt-2 list-disc space-y-1 rounded-lg bg-sunken py-3 pr-4 pl-8 text-sm",
            ),
        ),
    )


def _address() -> tuple[rx.Component, ...]:
    line = {**ROMAN, "max_length": 120}
    return (
        _field(
            "postal_code",
            t("signup.postal_code"),
            POSTAL_CODE,
            auto_complete="postal-code",
            input_mode="numeric",
            placeholder=t("form.example", example="150-0001"),
            max_length=20,
        ),
        choice(
            SignUpState,
            "prefecture",
            t("signup.prefecture"),
            PREFECTURE,
            rx.el.option(t("signup.choose"), value=""),
            *(rx.el.option(f"{roman} {japanese}", value=roman) for roman, japanese in PREFECTURES.items()),
            auto_complete="address-level1",
            on_change=_checked("prefecture"),
        ),
        _wide(
            _field(
                "city",
                t("signup.city"),
                ("signup.city_missing", *ADDRESS),
                auto_complete="address-level2",
                placeholder=t("form.example", example="Shibuya-ku"),
                **line,
            )
        ),
        _wide(
            _field(
                "address1",
                t("signup.address1"),
                ("signup.address1_missing", *ADDRESS),
                auto_complete="address-line1",
                placeholder=t("form.example", example="1-2-3 Jingumae"),
                **line,
            )
        ),
        _wide(
            _field(
                "address2",
                t("signup.address2"),
                ADDRESS,
                required=False,
                auto_complete="address-line2",
                placeholder=t("form.example", example="Harbour Heights 203"),
                **line,
            )
        ),
    )


def _password() -> rx.Component:
    return new_password(SignUpState, t("sign_in.password"))


def _agreement() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            tick(SignUpState, "terms", t("signup.terms"), TERMS, required=True),
            rx.el.p(
                _new_tab(t("legal.terms"), routes.TERMS),
                _new_tab(t("legal.privacy"), routes.PRIVACY),
                class_name="mt-2 ml-8 flex flex-wrap gap-x-6 gap-y-1 text-sm",
            ),
        ),
        tick(SignUpState, "marketing", t("signup.marketing")),
        class_name="flex flex-col gap-4 border-t border-line pt-6",
    )


def _new_tab(label: Any, to: str) -> rx.Component:
    """What was typed stays in this one."""
    return rx.el.a(
        label,
        icon("external", "size-4"),
        rx.el.span(t("common.new_tab"), class_name="sr-only"),
        href=to,
        target="_blank",
        rel="noopener",
        class_name=f"{INLINE} inline-flex min-h-6 items-center gap-1",
    )


def _section(title: Any, body: Any, *fields: rx.Component) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(title, class_name="text-base font-semibold"),
        rx.el.p(body, class_name="mt-1 text-sm text-muted") if body is not None else rx.fragment(),
        rx.el.div(*fields, class_name="mt-4 grid items-start gap-x-4 gap-y-5 sm:grid-cols-2"),
    )


def _field(name: str, label: Any, reasons: tuple[str, ...], **props: Any) -> rx.Component:
    return field(SignUpState, name, label, reasons, on_blur=_checked(name), **props)


def _checked(name: str) -> Any:
    return lambda value: SignUpState.check(name, value)


def _wide(*children: rx.Component) -> rx.Component:
    return rx.el.div(*children, class_name="sm:col-span-2")


def _labels() -> dict[str, Any]:
    """In the order of the page."""
    return {
        "last_name": t("signup.last_name"),
        "first_name": t("signup.first_name"),
        "email": t("sign_in.email"),
        "phone": t("signup.phone"),
        "birth_date": t("signup.birth_date"),
        "company": t("signup.company"),
        "customer_number": t("signup.number"),
        "postal_code": t("signup.postal_code"),
        "prefecture": t("signup.prefecture"),
        "city": t("signup.city"),
        "address1": t("signup.address1"),
        "address2": t("signup.address2"),
        "password": t("sign_in.password"),
        "terms": t("signup.terms_short"),
    }
