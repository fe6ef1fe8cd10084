"""The timeline of an order in a language: its steps, each with its sentence, its time and what is to be known of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from portal_app.domain.eligibility import answer_by
from portal_app.domain.fulfilment import Progress, State
from portal_app.domain.order_status import StepName, StepState, is_approved, steps
from portal_app.domain.orders import Order
from portal_app.format import JAPAN, clock, day
from portal_app.state.order_progress import NOTHING, Beside
from portal_app.state.order_rows import view_of, wanted_of
from portal_app.text import say

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
    "active": "order.step.active_now",
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
_WAITING: Final = {"payment": "order.step.wants_payment", "document": "order.step.wants_document"}


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


def step_rows(
    order: Order,
    times: Mapping[StepName, datetime],
    now: datetime,
    locale: str,
    known: Beside = NOTHING,
) -> list[StepRow]:
    """The timeline in a language. `times`: when it was seen at a step (UTC). What was done once stays done."""
    progress, telling = known.of(order), _Telling(order, now, locale, known)
    seen = {"placed": order.placed_at, **times}
    return [
        StepRow(
            name=step.name,
            state=step.state,
            title=telling.title(step.name),
            sentence=telling.sentence(step.name, step.state),
            time=clock(seen[step.name], now, locale) if step.state == "done" and step.name in seen else "",
            note=telling.note(step.name, step.state),
            reference=telling.reference(step.name, step.state),
        )
        for step in steps(
            telling.view,
            approved=is_approved(order.status) or "approved" in times or _begun(progress),
            billed=bool(order.whmcs_order_id) or "billing" in times or (progress is not None and progress.billed),
            set_up="set_up" in times or (progress is not None and progress.set_up),
        )
    ]


def _begun(progress: Progress | None) -> bool:
    """Nothing begins before staff have approved it."""
    return progress is not None and progress.state not in (State.RECEIVED, State.CANCELLED)


class _Telling:
    """One order on one day, told in one language."""

    def __init__(self, order: Order, now: datetime, locale: str, known: Beside) -> None:
        self._order, self._locale = order, locale
        self._today = now.astimezone(JAPAN).date()
        progress = known.of(order)
        self._at_network = progress is not None and progress.state is State.SIM_WAIT
        self.view = view_of(order, self._today, known)

    def title(self, name: StepName) -> str:
        own = _SET_UP_TITLES.get(self._order.line.value) if name == "set_up" else None
        return self._say(own or _TITLES[name])

    def sentence(self, name: StepName, state: StepState) -> str:
        match state:
            case "stopped":
                return ""
            case "delayed":
                return self._say("order.step.delayed")
            case "waiting":
                return self._say(_WAITING.get(wanted_of(self.view), "order.next.action_needed"))
            case "later":
                starts = self._order.starts_on
                return (
                    self._say("order.step.later", day=self._day(starts))
                    if starts
                    else self._say("order.next.scheduled")
                )
        if state == "now" and self.view.code:
            return self._say("order.step.checking_document")
        if name == "set_up":
            at_network = self._at_network and state == "now"
            return self._say("order.step.sim_network" if at_network else _SET_UP[self._order.line.value, state])
        key = {"done": _DONE, "now": _NOW, "ahead": _AHEAD}[state].get(name, "")
        return self._say(key) if key else ""

    def note(self, name: StepName, state: StepState) -> str:
        """Only what can be promised: the time of a review, and a day that staff have set."""
        order = self._order
        if name == "review" and state == "now":
            due = answer_by(order.placed_at.astimezone(JAPAN).date())
            if self._today > due:
                return self._say("order.step.longer")
            return self._say("order.step.expected", day=self._day(due))
        if name == "active" and state == "ahead" and order.starts_on is not None and order.starts_on >= self._today:
            return self._say("order.step.starts", day=self._day(order.starts_on))
        if state == "delayed" and order.number:
            return self._say("order.quote", number=order.number)
        return ""

    def reference(self, name: StepName, state: StepState) -> str:
        if state != "done":
            return ""
        if name == "placed" and self._order.number:
            return self._say("orders.number", number=self._order.number)
        if name == "billing" and self._order.whmcs_order_id:
            return self._say("order.step.billing_reference", number=self._order.whmcs_order_id)
        return ""

    def _day_set(self) -> str:
        starts = self._order.starts_on
        return self._say("order.step.later", day=self._day(starts)) if starts else self._say("order.next.scheduled")

    def _day(self, value: date) -> str:
        return day(value, self._locale)

    def _say(self, key: str, **values: str) -> str:
        return say(self._locale, key, **values)
