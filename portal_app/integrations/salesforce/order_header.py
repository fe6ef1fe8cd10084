"""An order's own fields, from what was chosen: who, when, the address as it was, and copies per product line.

Words are those of the organisation's picklists. What has no field of its own stands in the description, for staff.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final

from portal_app.domain.catalog import Item, ProductLine
from portal_app.domain.orders import AddressSnapshot, OrderDraft
from portal_app.domain.sim import Gender, PortIn, SimForm, read_eid, read_port_in
from portal_app.errors import InvalidInput

PENDING_REVIEW: Final = "Pending Review"
NOT_STARTED: Final = "Not Started"
JAPAN: Final = timezone(timedelta(hours=9))
TYPES: Final = {
    ProductLine.INTERNET: "Internet",
    ProductLine.SIM: "SIM",
    ProductLine.VPN: "VPN",
    ProductLine.OTHER: "Other",
}
FORMS: Final[dict[SimForm, str]] = {"esim": "eSIM", "physical": "Physical SIM"}
GENDERS: Final[dict[Gender, str]] = {"male": "Male", "female": "Female", "other": "Corporate/Other"}
SCHEDULED: Final = "Scheduled"
_LONGEST: Final = {"street": 255, "city": 40, "state": 80, "postal_code": 20, "country": 80}


def header(draft: OrderDraft) -> dict[str, Any]:
    """Values under our own keys of OrderFields; account, price book and key are the caller's.

    Raises: InvalidInput for an address Salesforce has no room for, ValueError for a draft that is no order.
    """
    plan, start_on = draft.plan, draft.cart.sim.start_on
    values: dict[str, Any] = {
        "status": PENDING_REVIEW,
        "activation_status": NOT_STARTED,
        "order_type": TYPES[plan.line],
        "effective_on": draft.placed_on,
        "opportunity_id": draft.salesforce_opportunity_id or None,
        "activation_type": SCHEDULED if start_on else "Immediate",
        "activation_scheduled_at": _at_midnight(start_on) if start_on else None,
        "address_changed": draft.address_changed,
        "description": _description(draft),
        **_address(draft.address),
        **_by_line(draft, plan),
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def _by_line(draft: OrderDraft, plan: Item) -> Mapping[str, Any]:
    if plan.line is ProductLine.INTERNET:
        return _internet(draft, plan)
    if plan.line is ProductLine.SIM:
        return _sim(draft)
    return {"vpn_region": plan.region} if plan.line is ProductLine.VPN else {}


def _internet(draft: OrderDraft, plan: Item) -> dict[str, Any]:
    return {
        "internet_tier": plan.tier,
        "installation_type": _installation(draft.installation),
        "weekend_install": any(line.item.is_weekend_fee for line in draft.lines),
        "access_mode": draft.cart.internet.access_mode,
        "home_phone": draft.has("HOME-PHONE") or draft.has("DENWA"),
    }


def _installation(item: Item | None) -> str:
    if item is None:
        return ""
    if item.months:
        return f"{item.months}-Month"
    return "One-time" if item.needs_visit else "One-time, no visit"


def _sim(draft: OrderDraft) -> dict[str, Any]:
    choice = draft.cart.sim
    values: dict[str, Any] = {
        "sim_type": FORMS.get(choice.form, ""),
        "eid": read_eid(choice.eid) if choice.form == "esim" else "",
        "sim_voice_mail": draft.has("VOICE-MAIL"),
        "sim_call_waiting": draft.has("CALL-WAITING"),
        "mnp_application": choice.port_in is not None,
    }
    return values | (_port_in(choice.port_in) if choice.port_in else {})


def _port_in(typed: PortIn) -> dict[str, Any]:
    read = read_port_in(typed)
    return {
        "mnp_reservation_number": read.reservation_number,
        "mnp_expires_on": read.expires_on,
        "mnp_phone_number": read.phone_number,
        "mvno_account_number": read.account_number,
        "porting_first_name": read.first_name,
        "porting_last_name": read.last_name,
        "porting_first_name_katakana": read.first_name_kana,
        "porting_last_name_katakana": read.last_name_kana,
        "porting_gender": GENDERS.get(read.gender, ""),
        "porting_birth_date": read.birth_date,
    }


def _address(address: AddressSnapshot) -> dict[str, str]:
    values = {name: getattr(address, name) for name in _LONGEST}
    for name, longest in _LONGEST.items():
        if len(values[name]) > longest:
            raise InvalidInput(name, "order.address_too_long")
    return values


def _description(draft: OrderDraft) -> str:
    """For staff, in English."""
    cart, lines = draft.cart, ["Placed in the customer portal."]
    if cart.terms_version:
        at = f" at {cart.terms_at.isoformat(timespec='seconds')}" if cart.terms_at else ""
        lines.append(f"Terms accepted: version {cart.terms_version}{at}")
    if cart.internet.wishes:
        wishes = ", ".join(day.isoformat() for day in cart.internet.wishes)
        lines.append(f"Installation wished for, best first: {wishes}")
    return "\n".join(lines)


def _at_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
