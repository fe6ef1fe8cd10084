"""The mails that bring the bell's news. Nothing personal in a subject; amounts and numbers in the text alone."""

from collections.abc import Mapping
from typing import Final

from portal_app.integrations.mail.template import Template

STATUS: Final[Mapping[str, str]] = {
    "new": "mail.case.new",
    "in_progress": "mail.case.in_progress",
    "awaiting_customer": "mail.case.awaiting_customer",
    "closed": "mail.case.closed",
}


def _invoice(subject: str, what: str, then: str, *, due: bool = False) -> Template:
    return Template(
        subject=subject,
        paragraphs=(what, *(["mail.invoice.due"] if due else []), then, "mail.choose"),
        values=frozenset({"number"}),
        amounts=frozenset({"total"}),
        days=frozenset({"due"}) if due else frozenset(),
        only_with={"mail.invoice.due": "due"} if due else {},
        button="mail.invoice.button",
        page="invoices",
        record="invoice_id",
    )


NEWS: Final[dict[str, Template]] = {
    "invoice_created": _invoice(
        "mail.invoice_created.subject", "mail.invoice_created.what", "mail.invoice_created.then", due=True
    ),
    "invoice_due": _invoice("mail.invoice_due.subject", "mail.invoice_due.what", "mail.invoice_due.then", due=True),
    "invoice_paid": _invoice("mail.invoice_paid.subject", "mail.invoice_paid.what", "mail.invoice_paid.then"),
    "invoice_payment_failed": _invoice(
        "mail.invoice_payment_failed.subject",
        "mail.invoice_payment_failed.what",
        "mail.invoice_payment_failed.then",
    ),
    "payment_method_expiring": Template(
        subject="mail.payment_method_expiring.subject",
        paragraphs=("mail.payment_method_expiring.what", "mail.payment_method_expiring.then", "mail.choose"),
        values=frozenset({"method"}),
        days=frozenset({"expires"}),
        button="mail.payment_method_expiring.button",
        page="payments",
    ),
    "case_reply": Template(
        subject="mail.case_reply.subject",
        paragraphs=("mail.case_reply.what", "mail.case_reply.then", "mail.choose"),
        values=frozenset({"number", "title"}),
        button="mail.case.button",
        page="cases",
        record="case_id",
    ),
    "case_status": Template(
        subject="mail.case_status.subject",
        paragraphs=("mail.case_status.what", "mail.choose"),
        values=frozenset({"number", "title"}),
        words={"status": STATUS},
        button="mail.case.button",
        page="cases",
        record="case_id",
    ),
}
