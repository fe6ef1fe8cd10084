"""What customers are told about their invoices, by what WHMCS says of one now: an event is only why it was read."""

from datetime import date, timedelta
from typing import Final

from portal_app.domain.billing import Invoice, InvoiceStatus
from portal_app.domain.customer import Customer
from portal_app.domain.notices import Notice, NoticeKind
from portal_app.storage.clock import Clock
from portal_app.workflows.notices import Notices

LATELY: Final = timedelta(days=3)
"""As long as WHMCS keeps an event that it could not deliver. What is older was there before anybody listened."""


class BillingNotices:
    """For whoever has just read an invoice anew, because something was heard of it."""

    def __init__(self, notices: Notices, clock: Clock) -> None:
        self._notices, self._clock = notices, clock

    async def read_anew(self, customer: Customer, invoice: Invoice | None) -> None:
        """Tell of a new invoice, and of a paid one, each once; of one that has been so for long nothing is told."""
        if invoice is None or invoice.total <= 0:
            return
        if invoice.status is InvoiceStatus.PAID and self._lately(invoice.paid_on):
            await self._notices.tell(customer.user_id, invoice_notice(NoticeKind.INVOICE_PAID, invoice))
        elif invoice.payable and self._lately(invoice.issued_on):
            await self._notices.tell(customer.user_id, invoice_notice(NoticeKind.INVOICE_CREATED, invoice))

    async def payment_failed(self, customer: Customer, invoice: Invoice | None) -> None:
        """Tell once a day at most, and only while it is still to be paid: WHMCS tries again by itself."""
        if invoice is not None and invoice.payable:
            today = self._clock.today_in_japan()
            notice = invoice_notice(NoticeKind.INVOICE_PAYMENT_FAILED, invoice, on=today)
            await self._notices.tell(customer.user_id, notice)

    def _lately(self, day: date | None) -> bool:
        return day is not None and day >= self._clock.today_in_japan() - LATELY


def invoice_notice(kind: NoticeKind, invoice: Invoice, *, on: date | None = None) -> Notice:
    """Once for each invoice and kind, or once for each day it is said `on`."""
    subject = f"invoice:{invoice.whmcs_invoice_id}"
    left = invoice.balance if invoice.payable else invoice.total
    return Notice(
        kind=kind,
        source_id=f"{subject}:{on}" if on else subject,
        subject=subject,
        values={
            "number": invoice.number,
            "total": str(int(left)),
            "due": invoice.due_on.isoformat() if invoice.due_on else "",
        },
        mail={},
    )
