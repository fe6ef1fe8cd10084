"""From an approved SIM order to the line the mobile network is asked for, or the sentence that says what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from portal_app.domain.catalog import ItemClass, ProductLine
from portal_app.domain.fulfilment import ApprovedOrder, BilledLine, Code, NotFulfillable, SimWishes
from portal_app.domain.sim import PortIn, check_eid, read_eid, read_port_in
from portal_app.domain.sims import (
    Activation,
    LineForm,
    SimLine,
    SimUse,
    check_activation,
    read_line_number,
    read_product_number,
)

_CARD: Final = "the product number of the card"
_NUMBER: Final = "the phone number of the line"
_WRONG: Final[Mapping[str, str]] = {
    "port_in": "Only a plan with voice can take a number along.",
    "phone_number": "The number to be taken along is missing or is no phone number.",
    "reservation_number": "The reservation number of the port-in is not 10 digits.",
    "gender": "The port-in names no gender that the network has a word for (male or female).",
    "expires_on": "The port-in has no last day of its reservation.",
    "last_name": "The port-in has no last name.",
    "first_name": "The port-in has no first name.",
    "last_name_kana": "The port-in has no last name in katakana.",
    "first_name_kana": "The port-in has no first name in katakana.",
    "birth_date": "The port-in has no birth date.",
}


def read_use(plan_type: str, sku: str) -> SimUse | None:
    """What a plan is for, by its type, else by the words of its SKU; None when neither says."""
    for words in (plan_type.casefold(), sku.casefold()):
        if "voice" in words:
            return "voice"
        if "sms" in words:
            return "data_sms"
        if "data" in words:
            return "data"
    return None


def use_of(order: ApprovedOrder) -> SimUse | None:
    """What the plan of an order is for; None when nothing says, or it has no single plan."""
    plans = [line for line in order.lines if line.item_class is ItemClass.SERVICE]
    return read_use(plans[0].sim_use, plans[0].sku) if len(plans) == 1 else None


def activation_of(
    order: ApprovedOrder, lines: Sequence[BilledLine], *, whmcs_client_id: int, plan_codes: Mapping[str, str]
) -> Activation:
    """The line an order asks for; `plan_codes`: SKU -> the network's code, else the SKU is the code.

    It starts when it is asked for: a scheduled order is waited for on our side. The same order always gives the same
    line, whatever day it is: this is also how a line asked for earlier is found again.
    Raises: NotFulfillable, whose text names fields and never their values.
    """
    if order.line is not ProductLine.SIM:
        raise NotFulfillable(Code.VALIDATION_ERROR, "The order is not for a SIM.")
    wishes, use, plan_code = order.sim, use_of(order), _plan_code(lines, plan_codes)
    if use is None:
        raise NotFulfillable(Code.MAPPING_ERROR, "The plan does not say whether it has voice, SMS or data only.")
    form = _form(wishes)
    number, product_number = _number(wishes), read_product_number(wishes.product_number)
    _expect_stock(form, wishes, number, product_number)
    wanted = Activation(
        SimLine(number, whmcs_client_id),
        form,
        use,
        plan_code,
        eid=read_eid(wishes.eid) if form == "esim" else "",
        product_number=product_number if form == "physical" else "",
        port_in=_port_in(wishes.port_in),
    )
    _check(wanted)
    return wanted


def _plan_code(lines: Sequence[BilledLine], plan_codes: Mapping[str, str]) -> str:
    plan = next((line for line in lines if line.is_service), None)
    if plan is None:
        raise NotFulfillable(Code.VALIDATION_ERROR, "The order has no line of class Service.")
    return plan_codes.get(plan.sku, plan.sku)


def _form(wishes: SimWishes) -> LineForm:
    if wishes.form == "":
        raise NotFulfillable(Code.VALIDATION_ERROR, "The order says neither eSIM nor physical SIM.")
    if wishes.form == "esim" and check_eid(wishes.eid):
        raise NotFulfillable(Code.VALIDATION_ERROR, "The EID is missing or wrong.")
    return wishes.form


def _number(wishes: SimWishes) -> str:
    """E.164; "" where staff have not said. A number that is taken along is the line's."""
    given = read_line_number(wishes.phone_number)
    if wishes.port_in is None:
        return given
    taken = read_line_number(wishes.port_in.phone_number)
    if not taken:
        raise NotFulfillable(Code.VALIDATION_ERROR, _WRONG["phone_number"])
    if wishes.phone_number.strip() and given != taken:
        raise NotFulfillable(
            Code.VALIDATION_ERROR, "The phone number of the line is not the one that is to be taken along."
        )
    return taken


def _expect_stock(form: LineForm, wishes: SimWishes, number: str, product_number: str) -> None:
    """What staff have to fill in is there and readable (F13a)."""
    found = [(_NUMBER, wishes.phone_number, number)]
    if form == "physical":
        found.insert(0, (_CARD, wishes.product_number, product_number))
    missing = [name for name, typed, read in found if not read and not typed.strip()]
    if missing:
        raise NotFulfillable(Code.SIM_STOCK_MISSING, f"Please fill in {' and '.join(missing)}.")
    for name, _, read in found:
        if not read:
            raise NotFulfillable(Code.SIM_STOCK_MISSING, f"Please correct {name}: it cannot be read.")


def _port_in(typed: PortIn | None) -> PortIn | None:
    """Stored form; the number as it is, since its own reader knows fewer numbers than lines have."""
    return None if typed is None else replace(read_port_in(typed), phone_number=typed.phone_number)


def _check(wanted: Activation) -> None:
    """All else the network would refuse. No day matters here, as nothing has a start of its own."""
    wrong = check_activation(wanted, date.min)
    if wrong == "plan_code":
        raise NotFulfillable(Code.MAPPING_ERROR, "The SKU of the plan is no plan code of the network, and none is set.")
    if wrong:
        raise NotFulfillable(Code.VALIDATION_ERROR, _WRONG.get(wrong, f"The network would refuse the field {wrong}."))
