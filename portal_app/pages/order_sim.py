"""Configuring a SIM plan."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.forms import choice, field, tick
from portal_app.components.text import by_value, t
from portal_app.components.wizard import (
    answer,
    answers,
    document_hint,
    happens_next,
    panel,
    plan_summary,
    wizard,
)
from portal_app.components.wizard_fields import option_boxes, radio, radios
from portal_app.priming.choices import cond
from portal_app.state.order_sim import OrderSimState as Order

LINE = "sim"
FORMS = {"esim": "wizard.form.esim", "physical": "wizard.form.physical"}
GENDERS = {"female": "wizard.port.female", "male": "wizard.port.male", "other": "wizard.port.other"}
JAPANESE = {"lang": "ja", "spell_check": False}
# What belongs to a choice is shown with it by the browser alone.
WITH_ESIM = "hidden group-has-[#form-esim:checked]/form:flex flex-col gap-5 rounded-xl bg-sunken p-4"
WITH_CARD = "hidden group-has-[#form-physical:checked]/form:block rounded-xl bg-sunken p-4 text-sm"
WITH_DAY = "hidden group-has-[#start-scheduled:checked]/form:block sm:max-w-xs"
WITH_NUMBER = "hidden group-has-[#number-take:checked]/form:grid gap-5 rounded-xl bg-sunken p-4 sm:grid-cols-2"


def order_sim_page() -> rx.Component:
    """Card or eSIM, start, number, options, review."""
    panels = {"sim": _form(), "start": _start(), "number": _number(), "add_ons": _options(), "review": _review()}
    return wizard(Order, LINE, t("wizard.sim.title"), routes.CATALOG_SIM, panels)


def _form() -> rx.Component:
    return panel(
        Order,
        "sim",
        t("wizard.form.lead"),
        plan_summary(plan=Order.plan, catalog=routes.CATALOG_SIM),
        rx.el.div(
            radios(
                Order,
                "form",
                t("wizard.form.legend"),
                radio("form", "esim", t("wizard.form.esim"), t("wizard.form.esim_body"), id="form-esim"),
                radio(
                    "form", "physical", t("wizard.form.physical"), t("wizard.form.physical_body"), id="form-physical"
                ),
                columns=True,
            ),
            rx.el.div(_eid(), _ready(), class_name=WITH_ESIM),
            rx.el.p(t("wizard.form.delivery"), class_name=WITH_CARD),
            class_name="group/form flex flex-col gap-5",
        ),
        handler="save_form",
    )


def _eid() -> rx.Component:
    """The EID that is held is never shown again, but for its end."""
    hint = rx.fragment(
        t("wizard.eid.hint"),
        cond(
            Order.eid_end != "",
            rx.el.span(t("wizard.eid.held", end=Order.eid_end), class_name="num block font-medium text-ink"),
        ),
    )
    return field(
        Order,
        "eid",
        t("wizard.eid.label"),
        None,
        hint=hint,
        input_mode="numeric",
        auto_complete="off",
        max_length=60,
        spell_check=False,
    )


def _ready() -> rx.Component:
    return tick(Order, "phone_ready", t("wizard.phone_ready"), None)


def _start() -> rx.Component:
    when = field(
        Order,
        "start_on",
        t("wizard.start.day"),
        None,
        hint=t("wizard.start.hint", first=Order.first_start, last=Order.last_start),
        type="date",
        min=Order.start_from,
        max=Order.start_until,
    )
    return panel(
        Order,
        "start",
        t("wizard.start.lead"),
        rx.el.div(
            radios(
                Order,
                "start",
                t("wizard.start.legend"),
                radio("start", "immediate", t("wizard.start.now"), t("wizard.start.now_body")),
                radio(
                    "start", "scheduled", t("wizard.start.later"), t("wizard.start.later_body"), id="start-scheduled"
                ),
                columns=True,
            ),
            rx.el.div(when, class_name=WITH_DAY),
            class_name="group/form flex flex-col gap-5",
        ),
        handler="save_start",
    )


def _number() -> rx.Component:
    held = radio("number", "held", t("wizard.number.held", end=Order.number_end), t("wizard.number.held_body"))
    anew = cond(Order.number_end != "", t("wizard.number.anew"), t("wizard.number.take"))
    return panel(
        Order,
        "number",
        t("wizard.number.lead"),
        rx.el.div(
            radios(
                Order,
                "number",
                t("wizard.number.legend"),
                radio("number", "new", t("wizard.number.new"), t("wizard.number.new_body")),
                cond(Order.number_end != "", held),
                radio("number", "take", anew, t("wizard.number.take_body"), id="number-take"),
            ),
            rx.el.div(*_port_in(), class_name=WITH_NUMBER),
            class_name="group/form flex flex-col gap-5",
        ),
        handler="save_number",
    )


def _port_in() -> tuple[rx.Component, ...]:
    """What the old contract says; nothing of it comes back into the fields."""
    none = rx.el.option("–", value="")
    genders = (rx.el.option(t(key), value=value) for value, key in GENDERS.items())
    return (
        rx.el.p(t("wizard.port.lead"), class_name="text-sm sm:col-span-2"),
        _text("reservation_number", "wizard.port.reservation", hint=t("wizard.port.reservation_hint")),
        _date(
            "expires_on",
            "wizard.port.expires",
            hint=t("wizard.port.expires_hint"),
            min=Order.expires_from,
            max=Order.expires_until,
        ),
        _text("phone_number", "wizard.port.phone", hint=t("wizard.port.phone_hint"), type="tel", auto_complete="tel"),
        _text(
            "account_number",
            "wizard.port.account",
            required=False,
            hint=t("wizard.port.account_hint"),
        ),
        _text("last_name", "wizard.port.last_name", **JAPANESE),
        _text("first_name", "wizard.port.first_name", **JAPANESE),
        _text("last_name_kana", "wizard.port.last_kana", **JAPANESE),
        _text("first_name_kana", "wizard.port.first_kana", **JAPANESE),
        _date("birth_date", "wizard.port.born", min="1900-01-01", max=Order.born_until),
        choice(Order, "gender", t("wizard.port.gender"), None, none, *genders),
    )


def _text(name: str, label: str, **props: Any) -> rx.Component:
    return field(Order, name, t(label), None, **({"auto_complete": "off", "max_length": 80} | props))


def _date(name: str, label: str, **props: Any) -> rx.Component:
    return field(Order, name, t(label), None, type="date", **props)


def _options() -> rx.Component:
    return panel(Order, "add_ons", t("wizard.options.lead"), option_boxes(Order))


def _review() -> rx.Component:
    eid = cond(Order.eid_end != "", rx.fragment(" · ", t("wizard.eid.end", end=Order.eid_end)))
    start = cond(Order.start_day != "", Order.start_day, t("wizard.start.now"))
    number = cond(Order.number_end != "", t("wizard.number.held", end=Order.number_end), t("wizard.number.new"))
    return panel(
        Order,
        "review",
        t("wizard.review.lead"),
        plan_summary(plan=Order.plan, catalog=routes.CATALOG_SIM),
        answers(
            answer(LINE, "sim", t("wizard.step.sim"), by_value(Order.values["form"], FORMS), eid),
            answer(LINE, "start", t("wizard.step.start"), start),
            cond(Order.plan.use != "data", answer(LINE, "number", t("wizard.step.number"), number)),
        ),
        document_hint(Order, LINE),
        happens_next(
            t("wizard.next.review"),
            cond(Order.values["form"] == "esim", t("wizard.next.profile"), t("wizard.next.card")),
            t("wizard.next.starts"),
        ),
        rx.el.div(
            rx.el.h3(t("wizard.cancel.title"), class_name="font-semibold"),
            rx.el.p(t("wizard.cancel.body"), class_name="mt-1 text-sm"),
            id="initial-contract",
            class_name="rounded-xl border border-line p-4",
        ),
        to=routes.checkout(LINE),
    )
