"""Whether internet can be had at the customer's address: how the check stands, asking for one, and what fits."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.address import Address
from portal_app.domain.catalog import ProductLine
from portal_app.domain.eligibility import ASK_AGAIN, Eligibility, EligibilityState, answer_by
from portal_app.domain.eligibility import asking as comes_to
from portal_app.domain.offering import Dwelling, read_offering
from portal_app.errors import (
    Busy,
    Conflict,
    NotFound,
    TooManyTries,
    UpstreamError,
    UpstreamOutcomeUnknown,
)
from portal_app.format import JAPAN, day
from portal_app.integrations.upstream import deadline
from portal_app.security.policy import signed_in
from portal_app.state.address_rows import AddressView
from portal_app.state.asking import Asking, asking
from portal_app.state.forms import FormState
from portal_app.state.plan_rows import PlanRow, plan_rows
from portal_app.state.plan_rows import Standing as PlanStanding
from portal_app.state.returning import return_to

Standing = Literal[
    "loading",
    "no_address",
    "settling",
    "not_requested",
    "requested",
    "pending_review",
    "eligible",
    "ineligible",
    "unknown",
    "unlinked",
    "failed",
]

ASK_S = 13.0
"""A tab does nothing else while a handler runs. Asking again is harmless, so it need not be waited for longer."""


@dataclass(frozen=True)
class CheckView:
    """Days of a check, in words; "" where there is none. `late`: the day by which we answer is over."""

    asked_on: str = ""
    answer_by: str = ""
    late: bool = False
    checked_on: str = ""
    valid_until: str = ""
    again_from: str = ""
    dwelling: Dwelling | Literal[""] = ""
    speed: str = ""  # at best, like "1 Gbps"

    @classmethod
    def of(cls, check: Eligibility, now: datetime, locale: str) -> "CheckView":
        """In a language; days are those of Japan."""
        asked, checked, until = check.requested_at, check.checked_at, check.valid_until()
        answer = answer_by(asked.astimezone(JAPAN).date()) if asked else None
        again = checked + ASK_AGAIN if checked and check.state is EligibilityState.INELIGIBLE else None
        offering = read_offering(check.offering)
        return cls(
            asked_on=_day(asked, locale),
            answer_by=day(answer, locale) if answer else "",
            late=bool(answer and answer < now.astimezone(JAPAN).date()),
            checked_on=_day(checked, locale),
            valid_until=_day(until, locale),
            again_from=_day(again, locale) if again and again > now else "",
            dwelling=offering.dwelling if offering else "",
            speed=_speed(offering.speed) if offering else "",
        )


class AvailabilityState(FormState, rx.State):
    """`settling`: a new address is on its way to the staff, and the old answer does not count any more.

    `notice` is what the address form had to say.
    """

    standing: Standing = "loading"
    address: AddressView = AddressView()
    check: CheckView = CheckView()
    may_ask: bool = False
    plans: list[PlanRow] = []
    busy: bool = False
    problem: str = ""  # key into `text`: why asking did not work
    back: str = ""

    @rx.event
    @signed_in(live="checks address")
    async def load(self):
        """Show how it stands."""
        await self._take_flash()
        self.problem = ""
        self.back = return_to(self)
        await self._read(await asking(self))

    @rx.event
    @signed_in
    async def ask(self):
        """Have staff look at the address. Asked twice, one question."""
        if self.busy:
            return
        self.busy, self.problem = True, ""
        yield
        me = await asking(self)
        try:
            with deadline(ASK_S):
                await wiring.availability().request(me.customer)
        except (Conflict, TooManyTries, Busy, NotFound, UpstreamError, TimeoutError) as failure:
            self.problem = _why(failure)
        finally:
            self.busy = False
        await self._read(me)

    async def _read(self, me: Asking) -> None:
        try:
            address, settling, check = await asyncio.gather(
                wiring.addresses().get(me.customer),
                wiring.addresses().is_settling(me.customer),
                wiring.availability().get(me.customer),
            )
        except NotFound:
            self._show_none("unlinked")
        except (UpstreamError, Busy, TimeoutError):
            if self.standing == "loading":
                self.standing = "failed"
        else:
            self.address = AddressView.of(address) if address else AddressView()
            await self._show_check(me, address, settling, check)

    async def _show_check(self, me: Asking, address: Address | None, settling: bool, check: Eligibility | None) -> None:
        if address is None:
            self._show_none("no_address")
        elif settling:
            self._show_none("settling")
        elif check is None:
            self._show_none("unknown")
        else:
            now = wiring.clock().now()
            self.standing, self.check = check.state.value, CheckView.of(check, now, me.locale)
            self.may_ask = comes_to(check, now=now) == "ask"
            self.plans = await _plans(check)

    def _show_none(self, standing: Standing) -> None:
        self.standing, self.check, self.may_ask, self.plans = standing, CheckView(), False, []


async def _plans(check: Eligibility) -> list[PlanRow]:
    """Those that suit the address; none while the catalogue cannot be read, where the page links to it."""
    if check.state is not EligibilityState.ELIGIBLE:
        return []
    try:
        catalog = (await wiring.catalog().get_catalog()).catalog
    except (UpstreamError, Busy, TimeoutError):
        return []
    rows = plan_rows(catalog, ProductLine.INTERNET, PlanStanding(check))
    return [row for row in rows if row.availability == "here"]


def _why(failure: Exception) -> str:
    match failure:
        case Conflict():
            return failure.reason
        case TooManyTries():
            return "problem.too_many_tries"
        case UpstreamOutcomeUnknown():
            return "problem.being_confirmed"
        case Busy():
            return "problem.busy"
    return "availability.not_asked"


def _day(at: datetime | None, locale: str) -> str:
    return day(at.astimezone(JAPAN).date(), locale) if at else ""


def _speed(megabits: int) -> str:
    return f"{megabits // 1000} Gbps" if megabits % 1000 == 0 else f"{megabits} Mbps"
