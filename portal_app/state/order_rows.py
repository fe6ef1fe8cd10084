"""Orders as the screens show them: the words for how they stand, and the steps on their way."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from portal_app import routes
from portal_app.domain.eligibility import answer_by
from portal_app.domain.order_status import ENDED, OrderView, StepName, StepState, is_approved, order_view, steps
from portal_app.domain.orders import Order
from portal_app.format import JAPAN, clock, day
from portal_app.text import say

log = logging.getLogger(__name__)

Status = Literal[
    "draft",
    "under_review",
    "action_needed",
    "setting_up",
    "scheduled",
    "active",
    "delayed",
    "cancelled",
    "in_progress",
]
_TITLES: Final[dict[StepName, str]] = {
    "placed": "order.step.placed",
    "review": "order.step.review",
    "approved": "order.step.approved",
    "billing": "order.step.billing",
    "set_up": "order.step.set_up",
    "active": "order.step.active",
}
_SET_UP_TITLES: Final = {
    "internet": "order.step.set_up_internet",
    "sim": "order.step.set_up_sim",
    "vpn": "order.step.set_up_vpn",
}
_DONE: Final = {
    "placed": "order.step.placed_done",
    "review": "order.step.review_done",
    "approved": "order.step.approved_done",
    "billing": "order.step.billing_done",
    "active": "order.step.active_done",
}
_NOW: Final = {
    "placed": "order.next.draft",
    "review": "order.step.review_now",
    "billing": "order.step.billing_now",
}
_AHEAD: Final = {
    "review": "order.step.review_ahead",
    "approved": "order.step.approved_ahead",
    "billing": "order.step.billing_ahead",
    "active": "order.step.active_ahead",
}
_SET_UP: Final = {
    ("internet", "done"): "order.step.internet_done",
    ("internet", "now"): "order.step.internet_now",
    ("internet", "ahead"): "order.step.internet_ahead",
    ("sim", "done"): "order.step.sim_done",
    ("sim", "now"): "order.step.sim_now",
    ("sim", "ahead"): "order.step.sim_ahead",
    ("vpn", "done"): "order.step.vpn_done",
    ("vpn", "now"): "order.step.vpn_now",
    ("vpn", "ahead"): "order.step.vpn_ahead",
    ("other", "done"): "order.step.other_done",
    ("other", "now"): "order.step.other_now",
    ("other", "ahead"): "order.step.other_ahead",
}
_AT: Final[dict[StepState, str]] = {
    "waiting": "order.next.action_needed",
    "delayed": "order.next.delayed",
}


@dataclass(frozen=True)
class OrderRow:
    """One line of a list. `starts` is "" unless its day is known and still matters."""

    key: str
    number: str
    href: str
    kind: Literal["internet", "sim", "vpn", "other"]
    plan: str  # "" where its service is not known
    status: Status
    placed: str
    starts: str

    @classmethod
    def of(cls, order: Order, today: date, locale: str) -> "OrderRow":
        """A row in a language; `today` in Japan."""
        shown = view_of(order, today).shown
        ahead = order.starts_on is not None and order.starts_on >= today and shown not in ENDED
        return cls(
            key=order.salesforce_order_id,
            number=order.number,
            href=routes.order(order.salesforce_order_id),
            kind=order.line.value,
            plan=order.plan,
            status=shown.value,
            placed=day(order.placed_at.astimezone(JAPAN).date(), locale),
            starts=day(order.starts_on, locale) if ahead else "",
        )


@dataclass(frozen=True)
class StepRow:
    """One step of the timeline. `note`: by when, or what takes longer. `reference`: what staff know it by."""

    name: StepName
    state: StepState
    title: str
    sentence: str
    time: str = ""
    note: str = ""
    reference: str = ""


def view_of(order: Order, today: date) -> OrderView:
    """How it stands. A pair of statuses nobody has thought of is told to the operator."""
    view = order_view(
        order.status, order.activation, error_code=order.error_code, starts_on=order.starts_on, today=today
    )
    if not view.known:
        log.warning("an order with unknown statuses", extra={"state": f"{order.status} / {order.activation}"[:80]})
    return view


def is_open(order: Order, today: date) -> bool:
    """Whether something is still to come of it."""
    return view_of(order, today).shown not in ENDED


def step_rows(order: Order, times: Mapping[StepName, datetime], now: datetime, locale: str) -> list[StepRow]:
    """The timeline in a language. `times`: when it was seen at a step (UTC)."""
    today = now.astimezone(JAPAN).date()
    view = view_of(order, today)
    approved = is_approved(order.status) or "approved" in times
    billed = bool(order.whmcs_order_id) or "billing" in times
    seen = {"placed": order.placed_at, **times}
    return [
        StepRow(
            name=step.name,
            state=step.state,
            title=_title(order, step.name, locale),
            sentence=_sentence(order, step.name, step.state, locale),
            time=clock(seen[step.name], now, locale) if step.state == "done" and step.name in seen else "",
            note=_note(order, step.name, step.state, today, locale),
            reference=_reference(order, step.name, step.state, locale),
        )
        for step in steps(view, approved=approved, billed=billed)
    ]


def _title(order: Order, name: StepName, locale: str) -> str:
    own = _SET_UP_TITLES.get(order.line.value) if name == "set_up" else None
    return say(locale, own or _TITLES[name])


def _sentence(order: Order, name: StepName, state: StepState, locale: str) -> str:
    if state == "stopped":
        return ""
    if state in _AT:
        return say(locale, _AT[state])
    key = {"done": _DONE, "now": _NOW, "ahead": _AHEAD}.get(state, {}).get(name, "")
    key = _SET_UP.get((order.line.value, state), "") if name == "set_up" else key
    return say(locale, key) if key else ""


def _note(order: Order, name: StepName, state: StepState, today: date, locale: str) -> str:
    """Only what can be promised: the time of a review, and a day that staff have set."""
    if name == "review" and state == "now":
        due = answer_by(order.placed_at.astimezone(JAPAN).date())
        if today > due:
            return say(locale, "order.step.longer")
        return say(locale, "order.step.expected", day=day(due, locale))
    if name == "active" and state == "ahead" and order.starts_on is not None and order.starts_on >= today:
        return say(locale, "order.step.starts", day=day(order.starts_on, locale))
    if state == "delayed" and order.number:
        return say(locale, "order.quote", number=order.number)
    return ""


def _reference(order: Order, name: StepName, state: StepState, locale: str) -> str:
    if state != "done":
        return ""
    if name == "placed" and order.number:
        return say(locale, "orders.number", number=order.number)
    if name == "billing" and order.whmcs_order_id:
        return say(locale, "order.step.billing_reference", number=order.whmcs_order_id)
    return ""
