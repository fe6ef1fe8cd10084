"""Terms of use and privacy notice, for everybody."""

from typing import Any

import reflex as rx

from portal_app.components.shell import open_shell
from portal_app.components.text import t
from portal_app.domain.terms import TERMS_VERSION

TERMS = {
    "legal.terms_about": "legal.terms_about_body",
    "legal.terms_account": "legal.terms_account_body",
    "legal.terms_orders": "legal.terms_orders_body",
    "legal.terms_prices": "legal.terms_prices_body",
    "legal.terms_payment": "legal.terms_payment_body",
    "legal.terms_line": "legal.terms_line_body",
    "legal.terms_identity": "legal.terms_identity_body",
    "legal.terms_use": "legal.terms_use_body",
    "legal.terms_ending": "legal.terms_ending_body",
    "legal.terms_changes": "legal.terms_changes_body",
}
PRIVACY = {
    "legal.privacy_what": "legal.privacy_what_body",
    "legal.privacy_why": "legal.privacy_why_body",
    "legal.privacy_document": "legal.privacy_document_body",
    "legal.privacy_cards": "legal.privacy_cards_body",
    "legal.privacy_who": "legal.privacy_who_body",
    "legal.privacy_where": "legal.privacy_where_body",
    "legal.privacy_cookies": "legal.privacy_cookies_body",
    "legal.privacy_long": "legal.privacy_long_body",
    "legal.privacy_rights": "legal.privacy_rights_body",
}


def terms_page() -> rx.Component:
    """What an order is placed under; checkout names the same version."""
    return _page(t("legal.terms"), t("legal.terms_lead"), TERMS)


def privacy_page() -> rx.Component:
    """What happens to a customer's data."""
    return _page(t("legal.privacy"), t("legal.privacy_lead"), PRIVACY)


def _page(title: Any, lead: Any, sections: dict[str, str]) -> rx.Component:
    """`sections`: key of the heading -> key of the text."""
    return open_shell(
        rx.el.article(
            rx.el.h1(title, tab_index=-1, class_name="text-2xl font-bold tracking-tight sm:text-3xl"),
            rx.el.p(lead, class_name="mt-1 text-muted"),
            rx.el.p(t("legal.version", version=TERMS_VERSION), class_name="num mt-1 text-sm text-muted"),
            rx.el.ol(*(_section(*both) for both in sections.items()), class_name="mt-8 flex flex-col gap-8"),
            class_name="mx-auto max-w-2xl",
        )
    )


def _section(heading: str, body: str) -> rx.Component:
    return rx.el.li(
        rx.el.h2(t(heading), class_name="font-semibold"),
        rx.el.p(t(body), class_name="mt-1 leading-relaxed text-muted"),
    )
