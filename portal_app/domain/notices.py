"""What a customer is told by the bell, and perhaps by mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal


class NoticeKind(StrEnum):
    """Names of `portal-domain` 1.18 and 2.4, in lower case."""

    ELIGIBILITY_ELIGIBLE = "eligibility_eligible"
    ELIGIBILITY_INELIGIBLE = "eligibility_ineligible"
    VERIFICATION_VERIFIED = "verification_verified"
    VERIFICATION_REJECTED = "verification_rejected"
    ORDER_APPROVED = "order_approved"
    ORDER_ACTIVATED = "order_activated"
    ORDER_FAILED = "order_failed"
    ORDER_CANCELLED = "order_cancelled"
    INVOICE_CREATED = "invoice_created"
    INVOICE_PAID = "invoice_paid"
    INVOICE_PAYMENT_FAILED = "invoice_payment_failed"
    INVOICE_DUE = "invoice_due"
    PAYMENT_METHOD_EXPIRING = "payment_method_expiring"
    CASE_REPLY = "case_reply"
    CASE_STATUS = "case_status"
    SECURITY_CHANGE = "security_change"


_K = NoticeKind
VALUES: Final[Mapping[NoticeKind, frozenset[str]]] = {
    _K.ELIGIBILITY_ELIGIBLE: frozenset(),
    _K.ELIGIBILITY_INELIGIBLE: frozenset(),
    _K.VERIFICATION_VERIFIED: frozenset(),
    _K.VERIFICATION_REJECTED: frozenset({"reason"}),
    _K.ORDER_APPROVED: frozenset({"number", "line"}),
    _K.ORDER_ACTIVATED: frozenset({"number", "line"}),
    _K.ORDER_FAILED: frozenset({"number", "line", "need"}),
    _K.ORDER_CANCELLED: frozenset({"number", "line"}),
    _K.INVOICE_CREATED: frozenset({"number", "total", "due"}),
    _K.INVOICE_PAID: frozenset({"number", "total", "due"}),
    _K.INVOICE_PAYMENT_FAILED: frozenset({"number", "total", "due"}),
    _K.INVOICE_DUE: frozenset({"number", "total", "due"}),
    _K.PAYMENT_METHOD_EXPIRING: frozenset({"method", "expires"}),
    _K.CASE_REPLY: frozenset({"number", "title"}),
    _K.CASE_STATUS: frozenset({"number", "title", "status"}),
    _K.SECURITY_CHANGE: frozenset({"what"}),
}
"""What a notice of each kind must say. `total` in whole yen, `due` and `expires` ISO days or "", `line` a ProductLine,
`status` a CaseStatus, `what` one of SECURITY_CHANGES, `need` "payment", "document" or "staff", `title` the customer's
words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that happened, to be told once: `source_id` is the same whoever brings the news, and however often.

    `subject` groups notices of one record ("case:500..."), so that opening it marks them read. `values` fills the
    sentence of its kind. `mail`: extra values of the mail's template; None when this one goes by bell alone.
    """

    kind: NoticeKind
    source_id: str
    subject: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    mail: Mapping[str, str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if missing := VALUES[self.kind] - self.values.keys():
            raise ValueError(f"a notice {self.kind} says {', '.join(sorted(missing))}, too")

    @property
    def record(self) -> dict[str, str]:
        """The id of the record it is about, by the name mails know it by: {"case_id": "500..."}; {} without one."""
        kind, _, record_id = self.subject.partition(":")
        return {f"{kind}_id": record_id} if record_id else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice as it is kept for its customer, who has not dismissed it."""

    notification_id: str
    kind: NoticeKind
    subject: str
    values: Mapping[str, str] = field(repr=False)
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Bell:
    """How many are unread, and the latest of all, newest first."""

    unread: int
    latest: tuple[Told, ...]


Group = Literal["orders", "checks", "billing", "support", "security"]


@dataclass(frozen=True, slots=True)
class MailChoice:
    """What a customer decides about at once: whether notices of these kinds come by mail, too. `locked`: always."""

    name: str
    group: Group
    kinds: tuple[NoticeKind, ...]
    default: bool = True
    locked: bool = False


CHOICES: Final = (
    MailChoice("order_approved", "orders", (_K.ORDER_APPROVED,)),
    MailChoice("order_activated", "orders", (_K.ORDER_ACTIVATED,)),
    MailChoice("order_failed", "orders", (_K.ORDER_FAILED,)),
    MailChoice("order_cancelled", "orders", (_K.ORDER_CANCELLED,)),
    MailChoice("eligibility", "checks", (_K.ELIGIBILITY_ELIGIBLE, _K.ELIGIBILITY_INELIGIBLE)),
    MailChoice("verification", "checks", (_K.VERIFICATION_VERIFIED, _K.VERIFICATION_REJECTED)),
    MailChoice("invoice_created", "billing", (_K.INVOICE_CREATED,)),
    MailChoice("invoice_due", "billing", (_K.INVOICE_DUE,)),
    MailChoice("invoice_paid", "billing", (_K.INVOICE_PAID,)),
    MailChoice("invoice_payment_failed", "billing", (_K.INVOICE_PAYMENT_FAILED,)),
    MailChoice("payment_method_expiring", "billing", (_K.PAYMENT_METHOD_EXPIRING,)),
    MailChoice("case_reply", "support", (_K.CASE_REPLY,)),
    MailChoice("case_status", "support", (_K.CASE_STATUS,), default=False),
    MailChoice("security_change", "security", (_K.SECURITY_CHANGE,), locked=True),
)
"""In the order they are shown. Every kind stands in exactly one."""

SECURITY_CHANGES: Final = (
    "password",
    "email",
    "mfa_on",
    "mfa_off",
    "recovery_codes",
    "recovery_code_used",
    "signed_out",
)
"""The value `what` of a security change: there is a sentence for each."""


def choice_of(kind: NoticeKind) -> MailChoice:
    """What decides whether that kind goes by mail."""
    return next(choice for choice in CHOICES if kind in choice.kinds)
