"""What a change in Salesforce means to the customer: the copies that end, what their pages show, what they are told.

Told once. The first time something is seen it is news only if it began lately: staff touch old records, too.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.domain.documents import read_document
from portal_app.domain.eligibility import EligibilityState, read_eligibility
from portal_app.domain.notices import Notice, NoticeKind
from portal_app.domain.order_status import (
    IDENTITY_NOT_VERIFIED,
    PAYMENT_METHOD_MISSING,
    OrderView,
    Shown,
    StepName,
    is_approved,
    order_view,
    steps,
)
from portal_app.domain.orders import Order
from portal_app.integrations.salesforce.changes import ChangedAccount, ChangedOrder
from portal_app.storage.clock import Clock
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.order_times import OrderTimes
from portal_app.workflows.notices import Notices
from portal_app.workflows.order_notices import order_notice

LATELY: Final = timedelta(days=7)
ORDER_NEWS: Final[Mapping[Shown, NoticeKind]] = {
    Shown.SETTING_UP: NoticeKind.ORDER_APPROVED,
    Shown.SCHEDULED: NoticeKind.ORDER_APPROVED,
    Shown.ACTIVE: NoticeKind.ORDER_ACTIVATED,
    Shown.CANCELLED: NoticeKind.ORDER_CANCELLED,
    Shown.ACTION_NEEDED: NoticeKind.ORDER_FAILED,
    Shown.DELAYED: NoticeKind.ORDER_FAILED,
}
NEEDS: Final = {PAYMENT_METHOD_MISSING: "payment", IDENTITY_NOT_VERIFIED: "document"}
STAFF: Final = "staff"
"""What a delayed order needs: nothing that the customer could do, so they need no mail about it."""
AVAILABILITY_NEWS: Final = {
    EligibilityState.ELIGIBLE: NoticeKind.ELIGIBILITY_ELIGIBLE,
    EligibilityState.INELIGIBLE: NoticeKind.ELIGIBILITY_INELIGIBLE,
}
DOCUMENT_NEWS: Final = {
    "verified": NoticeKind.VERIFICATION_VERIFIED,
    "rejected": NoticeKind.VERIFICATION_REJECTED,
}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is kept of an order: what was shown, the code beside it, and how many steps were done."""

    shown: Shown | None
    code: str = ""
    done: int = 0

    @classmethod
    def read(cls, text: str | None) -> "_Seen":
        try:
            shown, code, done = (text or "").split("|")
            return cls(Shown(shown), code, int(done))
        except ValueError:
            return cls(None)  # nothing, or what another version of this program wrote

    def text(self) -> str:
        return f"{self.shown}|{self.code}|{self.done}"

    @property
    def news(self) -> tuple[NoticeKind | None, str]:
        """What it is to the customer, and what the order needs: two of the same are one."""
        if self.shown is Shown.DELAYED:
            return NoticeKind.ORDER_FAILED, STAFF
        need = NEEDS.get(self.code, STAFF) if self.shown is Shown.ACTION_NEEDED else ""
        return (ORDER_NEWS.get(self.shown) if self.shown else None), need


class SalesforceNews:
    """Each method joins the caller's transaction and says whether the customer was told something."""

    def __init__(self, *, seen: LastSeen, order_times: OrderTimes, notices: Notices, clock: Clock) -> None:
        self._seen, self._order_times, self._notices, self._clock = seen, order_times, notices, clock

    async def of_order(
        self,
        tx: AsyncSession,
        customer: Customer,
        change: ChangedOrder,
        before: str | None,
        *,
        document_sent: bool = False,
    ) -> bool:
        """Note the steps done since it was last seen (`before`, by `last`), and tell what the customer should know.

        `document_sent`: nobody is asked for a document that is with staff already.
        """
        order, held = change.order, _Seen.read(before)
        view, done = self._view(order)
        now = _Seen(view.shown, order.error_code if view.shown is Shown.ACTION_NEEDED else "", len(done))
        subject = f"order:{order.salesforce_order_id}"
        news = await self._seen.note_in(tx, subject, now.text())
        if news == "same" or (news == "first" and not _lately(order.placed_at, change.modified_at)):
            return False
        if not view.known:
            words = {"kind": "order", "state": f"{order.status}/{order.activation}"}
            log.warning("an order in a state without words", extra=words)
        for step in done[held.done :]:
            at = order.placed_at if step == "placed" else change.modified_at
            await self._order_times.seen_in(tx, customer.user_id, order.salesforce_order_id, step, at)
        kind, need = now.news
        if not change.from_portal or kind is None or now.news == held.news:
            return False
        if document_sent and now.code == IDENTITY_NOT_VERIFIED:
            return False
        return await self._notices.tell_in(
            tx,
            customer.user_id,
            order_notice(kind, order.salesforce_order_id, order.number, order.line.value, need=need),
        )

    async def last(self, change: ChangedOrder) -> str | None:
        """What was last seen of that order."""
        return await self._seen.get(f"order:{change.order.salesforce_order_id}")

    async def is_document_sent(self, change: ChangedOrder) -> bool:
        """Whether staff have a document of that account to look at."""
        return (await self._seen.get(f"document:{change.account_id}") or "").startswith("submitted|")

    async def is_check_open(self) -> bool:
        """Whether staff have any address to look at."""
        return await self._seen.is_any("availability:", f"{EligibilityState.REQUESTED}|")

    async def of_availability(self, tx: AsyncSession, customer: Customer, change: ChangedAccount) -> bool:
        """A yes or no by staff is told once for each decision."""
        found = read_eligibility(
            change.eligibility_status, now=change.modified_at, offering=change.offering, checked_at=change.checked_at
        )
        state = found.state if found else None
        # Not every decision gets a time of its own: then it is about the last question.
        at = _spelled(max(filter(None, (change.checked_at, change.requested_at)), default=None))
        news = await self._seen.note_in(tx, f"availability:{change.account_id}", f"{state or 'unknown'}|{at}")
        began = change.requested_at or change.checked_at
        kind = AVAILABILITY_NEWS.get(state) if state else None
        if kind is None or news == "same" or (news == "first" and not _lately(began, change.modified_at)):
            return False
        notice = Notice(kind=kind, source_id=f"{change.account_id}:{at}", mail={})
        return await self._notices.tell_in(tx, customer.user_id, notice)

    async def of_document(self, tx: AsyncSession, customer: Customer, change: ChangedAccount) -> bool:
        """A verdict is told once for each document that was handed over."""
        found = read_document(change.verification_status, reason=change.reason)
        state, at = found.state if found else "unknown", _spelled(change.submitted_at)
        news = await self._seen.note_in(tx, f"document:{change.account_id}", f"{state}|{at}")
        kind = DOCUMENT_NEWS.get(state)
        if kind is None or news == "same":
            return False
        if news == "first" and not _lately(change.submitted_at, change.modified_at):
            return False
        values = {"reason": change.reason} if state == "rejected" else {}
        notice = Notice(kind=kind, source_id=f"{change.account_id}:{at}", values=values, mail={})
        return await self._notices.tell_in(tx, customer.user_id, notice)

    def _view(self, order: Order) -> tuple[OrderView, list[StepName]]:
        view = order_view(
            order.status,
            order.activation,
            error_code=order.error_code,
            starts_on=order.starts_on,
            today=self._clock.today_in_japan(),
        )
        way = steps(view, approved=is_approved(order.status), billed=bool(order.whmcs_order_id))
        return view, [step.name for step in way if step.state == "done"]


def _lately(began: datetime | None, changed: datetime) -> bool:
    return began is not None and changed - began < LATELY


def _spelled(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
