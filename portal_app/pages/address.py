"""The customer's address: what we have, and the form that changes it, postal code first."""

import reflex as rx

from portal_app import routes
from portal_app.components.address_fields import address_lines, area, home, labels, postal_code
from portal_app.components.feedback import skeleton
from portal_app.components.forms import form, refusal
from portal_app.components.icons import icon
from portal_app.components.kit import card, card_heading, page_heading
from portal_app.components.shell import shell
from portal_app.components.standing import back_link
from portal_app.components.text import t
from portal_app.priming.choices import cond, match
from portal_app.state.address import AddressState as State

WHOLE = ("checkout.link",)


def address_page() -> rx.Component:
    """The form in the order in which a letter is addressed in Japan."""
    return shell(
        cond(
            State.back == "",
            back_link(t("account.title"), routes.ACCOUNT),
            back_link(t("settings.back"), State.back),
        ),
        page_heading(t("address.title"), t("address.lead")),
        rx.el.div(
            card(
                card_heading(t("address.new"), id="new-address"),
                refusal(State, labels(), WHOLE),
                form(
                    State,
                    rx.el.input(type="hidden", name="returnTo", value=State.back),
                    postal_code(State),
                    area(State),
                    home(State),
                    action=routes.API_ADDRESS,
                    submit=t("address.save"),
                    once=True,
                    class_name="flex flex-col gap-5",
                ),
                aria_labelledby="new-address",
                class_name="min-w-0",
            ),
            _now(),
            class_name="flex flex-col-reverse gap-4 sm:gap-6 lg:grid lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)] "
            "lg:items-start",
        ),
        current="account",
    )


def _now() -> rx.Component:
    return card(
        card_heading(t("address.now"), id="address-now"),
        match(
            State.filed,
            ("loading", skeleton("h-5 w-40", "h-5 w-48", "h-5 w-24")),
            ("held", address_lines(State.now)),
            ("none", rx.el.p(t("address.none"), class_name="text-muted")),
            rx.el.p(t("common.unknown"), class_name="text-muted"),
        ),
        rx.el.p(
            icon("internet", "mt-0.5 size-4"),
            t("address.then"),
            class_name="mt-4 flex gap-2 border-t border-line pt-4 text-sm text-muted",
        ),
        aria_labelledby="address-now",
    )
