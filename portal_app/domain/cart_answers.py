"""The customer's answers to what a plan asks: each gives the cart that holds it, or says which field is wrong.

Texts are as typed, days as YYYY-MM-DD. Raises InvalidFields (field -> key into `text`) for what was typed, and
CartRefused for what this cart is never asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, cast

from portal_app.domain.cart import ACCESS_MODES, Cart, CartRefused, choose_day, choose_installation
from portal_app.domain.catalog import Catalog, Item, ProductLine
from portal_app.domain.checkout import FIRST_WISH, LAST_WISH, MOST_WISHES
from portal_app.domain.sim import (
    Gender,
    PortIn,
    SimForm,
    StartKind,
    check_eid,
    check_port_in,
    check_start,
    read_eid,
    read_port_in,
)
from portal_app.errors import InvalidFields

PORT_IN_FIELDS: Final = (
    "reservation_number",
    "expires_on",
    "phone_number",
    "last_name",
    "first_name",
    "last_name_kana",
    "first_name_kana",
    "gender",
    "birth_date",
    "account_number",
)
_SATURDAY: Final = 5


def read_day(typed: str) -> date | None:
    """The day of a date field; None for an empty one. Raises: ValueError for anything that is no day."""
    if not typed.strip():
        return None
    day = date.fromisoformat(typed.strip())
    if day.isoformat() != typed.strip():  # a week or a bare row of digits is a day to Python
        raise ValueError(typed)
    return day


def choose_access_mode(cart: Cart, mode: str) -> Cart:
    """How the router connects."""
    _only(cart, ProductLine.INTERNET)
    if mode not in ACCESS_MODES:
        raise InvalidFields({"access_mode": "checkout.access_mode"})
    return replace(cart, internet=replace(cart.internet, access_mode=mode))


def choose_wishes(cart: Cart, catalog: Catalog, typed: Sequence[str], today: date) -> Cart:
    """Days the technician may come, the dearest first; empty ones do not count, and without a visit there are none.

    Fields: wish_1, wish_2, wish_3.
    """
    _only(cart, ProductLine.INTERNET)
    installation = catalog.find(cart.internet.installation)
    if installation is not None and not installation.needs_visit:
        return replace(cart, internet=replace(cart.internet, wishes=()))
    wishes: list[date] = []
    wrong: dict[str, str] = {}
    for place, text in enumerate(typed[:MOST_WISHES], 1):
        day, reason = _wish(text, wishes, today, weekend=cart.internet.weekend)
        if reason:
            wrong[f"wish_{place}"] = reason
        elif day is not None:
            wishes.append(day)
    if wrong:
        raise InvalidFields(wrong)
    return replace(cart, internet=replace(cart.internet, wishes=tuple(wishes)))


def choose_work(cart: Cart, catalog: Catalog, sku: str, *, weekend: bool, wishes: Sequence[str], today: date) -> Cart:
    """The installation, whether it may be on a weekend, and the days that are wished for: one answer.

    Without a visit there is neither a weekend nor a day. Fields: installation, wish_1, wish_2, wish_3.
    """
    if not sku:
        raise InvalidFields({"installation": "checkout.installation"})
    cart = choose_installation(cart, catalog, sku)
    item = catalog.find(sku)
    cart = choose_day(cart, catalog, weekend=weekend and item is not None and item.needs_visit)
    return choose_wishes(cart, catalog, wishes, today)


def wish_range(today: date) -> tuple[date, date]:
    """The first and the last day a technician can be wished for."""
    return today + FIRST_WISH, today + LAST_WISH


def _wish(text: str, before: list[date], today: date, *, weekend: bool) -> tuple[date | None, str]:
    try:
        day = read_day(text)
    except ValueError:
        return None, "wizard.wish_range"
    if day is None:
        return None, ""
    first, last = wish_range(today)
    if not first <= day <= last:
        return None, "wizard.wish_range"
    if day in before:
        return None, "wizard.wish_twice"
    if day.weekday() >= _SATURDAY and not weekend:
        return None, "wizard.wish_weekend"
    return day, ""


def choose_form(cart: Cart, form: str, eid: str, *, phone_ready: bool) -> Cart:
    """SIM card or eSIM. An eSIM needs an EID, unless one is held and none is typed, and a phone that takes it.

    Fields: form, eid, phone_ready.
    """
    _only(cart, ProductLine.SIM)
    if form not in ("esim", "physical"):
        raise InvalidFields({"form": "checkout.sim_form"})
    if form == "physical":
        return replace(cart, sim=replace(cart.sim, form="physical", eid="", phone_ready=False))
    number = read_eid(eid) or cart.sim.eid
    wrong = {"eid": check_eid(number), "phone_ready": "" if phone_ready else "checkout.phone_ready"}
    _refuse(wrong)
    kind = cast(SimForm, form)
    return replace(cart, sim=replace(cart.sim, form=kind, eid=number, phone_ready=True))


def choose_start(cart: Cart, kind: str, typed: str, today: date) -> Cart:
    """At once, or on a day. Fields: start, start_on."""
    _only(cart, ProductLine.SIM)
    if kind not in ("immediate", "scheduled"):
        raise InvalidFields({"start": "sim.start_missing"})
    try:
        day = read_day(typed) if kind == "scheduled" else None
    except ValueError:
        raise InvalidFields({"start_on": "sim.start_date_missing"}) from None
    start = cast(StartKind, kind)
    _refuse({"start_on": check_start(start, day, cart.sim.form, today)})
    return replace(cart, sim=replace(cart.sim, start=start, start_on=day))


def choose_new_number(cart: Cart) -> Cart:
    """No number is taken along; what was told about one is forgotten."""
    _only(cart, ProductLine.SIM)
    return replace(cart, sim=replace(cart.sim, port_in=None))


def choose_port_in(cart: Cart, catalog: Catalog, typed: Mapping[str, str], today: date) -> Cart:
    """A number is taken along. Fields: PORT_IN_FIELDS, or port_in for a plan without voice."""
    _only(cart, ProductLine.SIM)
    plan: Item | None = catalog.find(cart.plan)
    told = read_port_in(_told(typed))
    voice = plan is not None and plan.has_voice
    start_on = cart.sim.start_on
    _refuse(check_port_in(told, voice=voice, form=cart.sim.form, today=today, start_on=start_on))
    return replace(cart, sim=replace(cart.sim, port_in=told))


def _told(typed: Mapping[str, str]) -> PortIn:
    said = {name: typed.get(name, "") for name in PORT_IN_FIELDS}
    texts = {name: said[name] for name in PORT_IN_FIELDS if name not in ("expires_on", "birth_date", "gender")}
    return PortIn(
        **texts,
        gender=cast(Gender, said["gender"]),
        expires_on=_day_or_none(said["expires_on"]),
        birth_date=_day_or_none(said["birth_date"]),
    )


def _day_or_none(typed: str) -> date | None:
    """What is no day is missing: the field's own reason asks for it."""
    try:
        return read_day(typed)
    except ValueError:
        return None


def first_start(form: SimForm, today: date) -> date:
    """The first day a start can be set to."""
    days = (today + timedelta(days=ahead) for ahead in range(1, 31))
    return next(day for day in days if not check_start("scheduled", day, form, today))


def _only(cart: Cart, line: ProductLine) -> None:
    if cart.line is not line:
        raise CartRefused("cart.unknown_item")


def _refuse(found: Mapping[str, str]) -> None:
    wrong = {field: reason for field, reason in found.items() if reason}
    if wrong:
        raise InvalidFields(wrong)
