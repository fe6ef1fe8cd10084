"""A form that is opened by a mailed link."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.form_effects import TokenFromLink
from portal_app.components.forms import TOKEN, form, form_card, refusal, way
from portal_app.components.text import t
from portal_app.priming.choices import cond


def with_token(
    state: Any, *fields: rx.Component, action: str, submit: Any, title: Any, lead: Any, renew: rx.Component
) -> rx.Component:
    """The page of a mailed link: its token goes from the address into the form. `renew`: the way to another link."""
    spent = cond(state.error == "token.used", way(t("common.sign_in"), routes.LOGIN), renew)
    return form_card(
        rx.el.div(
            refusal(
                state,
                {"password": t("sign_in.password")} if fields else {},
                TOKEN,
                way_out=cond(state.error.startswith("token."), spent),
            ),
            cond(
                state.loaded & (state.error == ""),
                rx.el.div(
                    rx.el.p(t("token.unknown"), class_name="text-sm"),
                    renew,
                    class_name="hidden rounded-lg bg-warn-soft p-4 text-warn group-data-[token=none]/link:block",
                ),
            ),
            form(
                state,
                rx.el.input(type="hidden", name="token"),
                *fields,
                TokenFromLink.create(form="form"),
                action=action,
                submit=submit,
                class_name="group-data-[token=none]/link:hidden",
            ),
            custom_attrs={"data-token": "unread"},
            class_name="group/link",
        ),
        title=title,
        lead=lead,
    )
