"""What customers are reminded of every morning: an invoice that is due soon, a card that soon cannot be charged."""

import logging
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Final

from portal_app.domain.billing import Invoice, InvoiceQuery
from portal_app.domain.customer import Customer
from portal_app.domain.notices import Notice, NoticeKind
from portal_app.domain.pay_methods import SOON, PayMethod
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.storage.clock import Clock
from portal_app.storage.mirrors import InvoiceMirrorStore
from portal_app.storage.users import Users
from portal_app.workflows.billing_notices import invoice_notice
from portal_app.workflows.findings import MOST_FAILURES, Stopping, go_on
from portal_app.workflows.notices import Notices

AHEAD: Final = timedelta(days=3)
"""So long before its day an invoice is due soon. One issued no longer ago was told of when it was made."""
PAGE: Final = 100
MOST_INVOICES: Final = 100
UNNAMED: Final = "••••"
AGAIN: Final = 30
"""So many days before its last one a customer is told of a payment method once more."""
log = logging.getLogger(__name__)


class BillingReminders:
    """Goes by the copies of the invoices, and asks WHMCS for payment methods, one customer after the other."""

    def __init__(
        self,
        *,
        notices: Notices,
        users: Users,
        invoices: InvoiceMirrorStore,
        pay_methods: PayMethods,
        clock: Clock,
    ) -> None:
        self._notices, self._users, self._invoices = notices, users, invoices
        self._pay_methods, self._clock = pay_methods, clock

    async def daily(self, stopping: Stopping = lambda: False) -> str:
        """Each invoice once, each payment method 60 and 30 days ahead; one line about it. Raises: Stopped."""
        today, due, expiring, unasked, in_a_row = self._clock.today_in_japan(), 0, 0, 0, 0
        async for customer in self._everybody():
            go_on(stopping)
            due += await self._due(customer, today)
            if in_a_row >= MOST_FAILURES:
                unasked += 1  # WHMCS is down: tomorrow is early enough, and invoices need it not
                continue
            try:
                expiring += await self._expiring(customer, today)
                in_a_row = 0
            except (NotFound, UpstreamError, Busy) as failure:
                unasked += 1
                in_a_row = 0 if isinstance(failure, NotFound) else in_a_row + 1
        return f"{due} invoices due, {expiring} payment methods expiring, {unasked} customers not asked for"

    async def _everybody(self) -> AsyncIterator[Customer]:
        after = ""
        while found := await self._users.all_customers(after, PAGE):
            for customer in found:
                yield customer
            after = found[-1].user_id

    async def _due(self, customer: Customer, today: date) -> int:
        wanted = InvoiceQuery(tab="unpaid", size=MOST_INVOICES)
        page = await self._invoices.page(customer, wanted, as_of=self._clock.now(), stale=False)
        soon = [invoice for invoice in page.items if _is_due_soon(invoice, today)]
        notices = [invoice_notice(NoticeKind.INVOICE_DUE, invoice) for invoice in soon]
        return sum([await self._notices.tell(customer.user_id, notice) for notice in notices])

    async def _expiring(self, customer: Customer, today: date) -> int:
        methods = await self._pay_methods.list_methods(customer, background=True)
        notices = [_expiry_notice(one, today) for one in methods if one.expiring(today)]
        return sum([await self._notices.tell(customer.user_id, notice) for notice in notices])


def _is_due_soon(invoice: Invoice, today: date) -> bool:
    if not invoice.payable or invoice.due_on is None or not today <= invoice.due_on <= today + AHEAD:
        return False
    return invoice.issued_on is None or invoice.issued_on < today - AHEAD


def _expiry_notice(method: PayMethod, today: date) -> Notice:
    assert method.expires_on is not None, "it is expiring"
    ahead = AGAIN if (method.expires_on - today).days <= AGAIN else SOON.days
    return Notice(
        kind=NoticeKind.PAYMENT_METHOD_EXPIRING,
        source_id=f"method:{method.whmcs_id}:{method.expires_on}:{ahead}",
        values={"method": method.label or method.gateway or UNNAMED, "expires": method.expires_on.isoformat()},
        mail={},
    )
