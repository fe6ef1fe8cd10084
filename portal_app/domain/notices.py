"""What a customer is told by the bell, and perhaps by mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
