"""The mails about orders, availability and identity documents. No price, and nothing personal in a subject."""

from typing import Final

from portal_app.integrations.mail.template import Template

LINE: Final = {
    "internet": "mail.line.internet",
    "sim": "mail.line.sim",
    "vpn": "mail.line.vpn",
    "other": "mail.line.other",
}
NEED: Final = {"payment": "mail.need.payment", "document": "mail.need.document"}


def _order(subject: str, *paragraphs: str, button: str = "mail.order.button", need: bool = False) -> Template:
    """`number` may be ""; `order_id` may be left out, then the button opens the list."""
    words = {"line": LINE} | ({"need": NEED} if need else {})
    return Template(
        subject=subject,
        paragraphs=(*paragraphs, "mail.order.number"),
        values=frozenset({"number"}),
        button=button,
        page="orders",
        words=words,
        record="order_id",
        only_with={"mail.order.number": "number"},
    )


ORDERING: Final[dict[str, Template]] = {
    "order_placed": _order("mail.order_placed.subject", "mail.order_placed.what", "mail.order_placed.then"),
    "checkout_not_placed": Template(
        subject="mail.checkout_not_placed.subject",
        paragraphs=("mail.checkout_not_placed.what", "mail.checkout_not_placed.then"),
        button="mail.checkout_not_placed.button",
        page="checkout",
        words={"line": LINE},
        by_line=True,
    ),
    "order_approved": _order("mail.order_approved.subject", "mail.order_approved.what", "mail.order_approved.then"),
    "order_active": _order("mail.order_active.subject", "mail.order_active.what", "mail.order_active.then"),
    "order_cancelled": _order("mail.order_cancelled.subject", "mail.order_cancelled.what", "mail.order_cancelled.then"),
    "order_needs_you": _order(
        "mail.order_needs_you.subject", "mail.order_needs_you.what", "mail.order_needs_you.then", need=True
    ),
    "availability_asked": Template(
        subject="mail.availability_asked.subject",
        paragraphs=("mail.availability_asked.what", "mail.availability_asked.then"),
        days=frozenset({"answer_by"}),
        button="mail.availability.button",
        page="availability",
    ),
    "availability_yes": Template(
        subject="mail.availability.subject",
        paragraphs=("mail.availability_yes.what", "mail.availability_yes.then"),
        button="mail.availability_yes.button",
        page="catalog_internet",
    ),
    "availability_no": Template(
        subject="mail.availability.subject",
        paragraphs=("mail.availability_no.what", "mail.availability_no.then"),
        button="mail.availability.button",
        page="availability",
    ),
    "document_verified": Template(
        subject="mail.document_verified.subject",
        paragraphs=("mail.document_verified.what", "mail.document_verified.then"),
        button="mail.open_portal",
        page="dashboard",
    ),
    "document_rejected": Template(
        subject="mail.document_rejected.subject",
        paragraphs=("mail.document_rejected.what", "mail.document_rejected.why", "mail.document_rejected.then"),
        values=frozenset({"reason"}),
        button="mail.document_rejected.button",
        page="verification",
        only_with={"mail.document_rejected.why": "reason"},
    ),
}
