"""Notices as the bell and their page show them: a title, a sentence, when, and where they lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from portal_app import routes
from portal_app.domain.notices import NoticeKind, Told
from portal_app.format import JAPAN, day, moment, yen
from portal_app.text import say

Tone = Literal["good", "warn", "info"]
Icon = Literal["check", "alert", "bill", "other", "internet", "identity", "card", "question", "key"]
_K = NoticeKind
LOOKS: Final[Mapping[NoticeKind, tuple[Tone, Icon]]] = {
    _K.ELIGIBILITY_ELIGIBLE: ("good", "internet"),
    _K.ELIGIBILITY_INELIGIBLE: ("warn", "internet"),
    _K.VERIFICATION_VERIFIED: ("good", "identity"),
    _K.VERIFICATION_REJECTED: ("warn", "identity"),
    _K.ORDER_APPROVED: ("info", "other"),
    _K.ORDER_ACTIVATED: ("good", "check"),
    _K.ORDER_FAILED: ("warn", "alert"),
    _K.ORDER_CANCELLED: ("info", "other"),
    _K.INVOICE_CREATED: ("info", "bill"),
    _K.INVOICE_PAID: ("good", "bill"),
    _K.INVOICE_PAYMENT_FAILED: ("warn", "bill"),
    _K.INVOICE_DUE: ("warn", "bill"),
    _K.PAYMENT_METHOD_EXPIRING: ("warn", "card"),
    _K.CASE_REPLY: ("info", "question"),
    _K.CASE_STATUS: ("info", "question"),
    _K.SECURITY_CHANGE: ("warn", "key"),
}
TITLES: Final[Mapping[NoticeKind, str]] = {
    _K.ELIGIBILITY_ELIGIBLE: "notice.eligible",
    _K.ELIGIBILITY_INELIGIBLE: "notice.ineligible",
    _K.VERIFICATION_VERIFIED: "notice.verified",
    _K.VERIFICATION_REJECTED: "notice.rejected",
    _K.ORDER_APPROVED: "notice.order_approved",
    _K.ORDER_ACTIVATED: "notice.order_activated",
    _K.ORDER_FAILED: "notice.order_failed",
    _K.ORDER_CANCELLED: "notice.order_cancelled",
    _K.INVOICE_CREATED: "notice.invoice_created",
    _K.INVOICE_PAID: "notice.invoice_paid",
    _K.INVOICE_PAYMENT_FAILED: "notice.invoice_payment_failed",
    _K.INVOICE_DUE: "notice.invoice_due",
    _K.PAYMENT_METHOD_EXPIRING: "notice.payment_method_expiring",
    _K.CASE_REPLY: "notice.case_reply",
    _K.CASE_STATUS: "notice.case_status",
    _K.SECURITY_CHANGE: "notice.security_change",
}
BODIES: Final[Mapping[NoticeKind, str]] = {
    _K.ELIGIBILITY_ELIGIBLE: "notice.eligible.body",
    _K.ELIGIBILITY_INELIGIBLE: "notice.ineligible.body",
    _K.VERIFICATION_VERIFIED: "notice.verified.body",
    _K.VERIFICATION_REJECTED: "notice.rejected.body",
    _K.ORDER_APPROVED: "notice.order_approved.body",
    _K.ORDER_ACTIVATED: "notice.order_activated.body",
    _K.ORDER_CANCELLED: "notice.order_cancelled.body",
    _K.PAYMENT_METHOD_EXPIRING: "notice.payment_method_expiring.body",
    _K.CASE_REPLY: "notice.case.body",
    _K.CASE_STATUS: "notice.case.body",
}
NEEDS: Final = {
    "payment": "notice.order_failed.payment",
    "document": "notice.order_failed.document",
    "staff": "notice.order_delayed.body",
}
STANDINGS: Final = {
    "awaiting_customer": "notice.case_status.awaiting_customer",
    "closed": "notice.case_status.closed",
}
LINES: Final = {"internet": "kind.internet", "sim": "kind.sim", "vpn": "kind.vpn", "other": "kind.other"}
SECURITY: Final = {
    "password": "notice.security.password",
    "email": "notice.security.email",
    "mfa_on": "notice.security.mfa_on",
    "mfa_off": "notice.security.mfa_off",
    "recovery_codes": "notice.security.recovery_codes",
    "recovery_code_used": "notice.security.recovery_code_used",
    "signed_out": "notice.security.signed_out",
}
PAGES: Final[Mapping[NoticeKind, str]] = {
    _K.ELIGIBILITY_ELIGIBLE: routes.CATALOG_INTERNET,
    _K.ELIGIBILITY_INELIGIBLE: routes.AVAILABILITY,
    _K.VERIFICATION_VERIFIED: routes.VERIFICATION,
    _K.VERIFICATION_REJECTED: routes.VERIFICATION,
    _K.PAYMENT_METHOD_EXPIRING: routes.PAYMENT_METHODS,
    _K.SECURITY_CHANGE: routes.SECURITY,
}
RECORDS: Final = {"order": routes.order, "invoice": routes.invoice, "case": routes.case}


@dataclass(frozen=True)
class NoticeRow:
    """One notice in a language. `at` is relative while it is young, `exact` is the minute."""

    key: str
    title: str
    body: str
    href: str
    tone: Tone
    icon: Icon
    at: str
    exact: str
    unread: bool

    @classmethod
    def of(cls, told: Told, now: datetime, locale: str) -> "NoticeRow":
        """A row in a language."""
        tone, icon = LOOKS[told.kind]
        return cls(
            key=told.notification_id,
            title=title_of(told, locale),
            body=body_of(told, locale),
            href=href_of(told),
            tone=tone,
            icon=icon,
            at=ago(told.at, now, locale),
            exact=moment(told.at, locale),
            unread=not told.read,
        )


def title_of(told: Told, locale: str) -> str:
    """The bold line."""
    key = TITLES[told.kind]
    if told.kind is NoticeKind.ORDER_FAILED and told.values["need"] == "staff":
        key = "notice.order_delayed"
    if told.kind is NoticeKind.CASE_STATUS:
        key = STANDINGS.get(told.values["status"], key)
    return say(locale, key)


def body_of(told: Told, locale: str) -> str:
    """The sentence below it."""
    values = dict(told.values)
    match told.kind:
        case NoticeKind.SECURITY_CHANGE:
            return say(locale, SECURITY[values["what"]])
        case NoticeKind.ORDER_FAILED:
            return say(locale, NEEDS[values["need"]], **values)
        case NoticeKind.VERIFICATION_REJECTED if not values["reason"]:
            return say(locale, "notice.rejected.plain")
        case _ if "total" in values:
            return _invoice(told.kind, values, locale)
    if "line" in values:
        values["line"] = say(locale, LINES[values["line"]])
    if "expires" in values:
        values["expires"] = day(date.fromisoformat(values["expires"]), locale)
    return say(locale, BODIES[told.kind], **values)


def href_of(told: Told) -> str:
    """The page it is about."""
    kind, _, record_id = told.subject.partition(":")
    return PAGES[told.kind] if told.kind in PAGES else RECORDS[kind](record_id)


def ago(at: datetime, now: datetime, locale: str) -> str:
    """Minutes or hours on the same Japanese day, else that day."""
    minutes = max(0, int((now - at).total_seconds() // 60))
    if minutes < 1:
        return say(locale, "notices.ago.now")
    if minutes < 60:
        return say(locale, "notices.ago.minutes", count=minutes)
    local = at.astimezone(JAPAN).date()
    if local == now.astimezone(JAPAN).date():
        return say(locale, "notices.ago.hours", count=minutes // 60)
    return day(local, locale)


def _invoice(kind: NoticeKind, values: Mapping[str, str], locale: str) -> str:
    named = {"number": values["number"], "total": yen(Decimal(values["total"]), locale)}
    if values["due"] and kind in (NoticeKind.INVOICE_CREATED, NoticeKind.INVOICE_DUE):
        return say(locale, "notice.invoice.due", **named, due=day(date.fromisoformat(values["due"]), locale))
    return say(locale, "notice.invoice.plain", **named)
