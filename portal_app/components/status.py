"""Badges: a status in words and colour, never colour alone."""

from typing import Any

import reflex as rx

from portal_app.components.text import by_value
from portal_app.priming.choices import match

BADGE = "inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap"
GOOD, NOW, WARN, BAD, PLAIN = (
    "bg-good-soft text-good",
    "bg-accent-soft text-accent",
    "bg-warn-soft text-warn",
    "bg-bad-soft text-bad",
    "bg-sunken text-muted",
)

INVOICE_WORDS = {
    "unpaid": "status.unpaid",
    "overdue": "status.overdue",
    "paid": "status.paid",
    "cancelled": "status.cancelled",
    "refunded": "status.refunded",
    "collections": "status.collections",
    "payment_pending": "status.payment_pending",
}
INVOICE_TONES = {
    "unpaid": WARN,
    "overdue": BAD,
    "paid": GOOD,
    "collections": BAD,
    "payment_pending": WARN,
}
SERVICE_WORDS = {
    "pending": "service.pending",
    "active": "service.active",
    "suspended": "service.suspended",
    "terminated": "service.terminated",
    "cancelled": "service.cancelled",
    "fraud": "service.fraud",
    "completed": "service.completed",
}
SERVICE_TONES = {"pending": WARN, "active": GOOD, "suspended": BAD, "fraud": BAD}


AVAILABILITY_WORDS = {
    "check": "catalog.check",
    "checking": "catalog.checking",
    "here": "catalog.here",
    "available": "catalog.available",
    "unavailable": "catalog.unavailable",
    "not_sold": "catalog.not_sold",
}
AVAILABILITY_TONES = {"here": GOOD, "available": GOOD, "unavailable": BAD, "checking": NOW}


ORDER_WORDS = {
    "draft": "order.status.draft",
    "under_review": "order.status.under_review",
    "action_needed": "order.status.action_needed",
    "setting_up": "order.status.setting_up",
    "scheduled": "order.status.scheduled",
    "active": "order.status.active",
    "delayed": "order.status.delayed",
    "cancelled": "order.status.cancelled",
}
ORDER_TONES = {"under_review": NOW, "action_needed": WARN, "setting_up": NOW, "scheduled": NOW, "active": GOOD}


def order_badge(status: Any) -> rx.Component:
    """How an order stands; what is in none of these words is in progress."""
    return _badge(status, ORDER_WORDS, ORDER_TONES | {"delayed": WARN, "in_progress": NOW}, "order.status.in_progress")


def availability_badge(availability: Any) -> rx.Component:
    """Whether a plan can be had."""
    return _badge(availability, AVAILABILITY_WORDS, AVAILABILITY_TONES, "catalog.not_known")


CHECK_WORDS = {
    "not_requested": "availability.word.not_requested",
    "requested": "availability.word.requested",
    "pending_review": "availability.word.pending",
    "eligible": "availability.word.eligible",
    "ineligible": "availability.word.ineligible",
}
CHECK_TONES = {"requested": NOW, "pending_review": NOW, "eligible": GOOD, "ineligible": BAD}
DOCUMENT_WORDS = {
    "not_submitted": "document.word.not_submitted",
    "submitted": "document.word.submitted",
    "verified": "document.word.verified",
    "rejected": "document.word.rejected",
}
DOCUMENT_TONES = {"submitted": NOW, "verified": GOOD, "rejected": BAD}


def check_badge(standing: Any) -> rx.Component:
    """How the check of an address stands."""
    return _badge(standing, CHECK_WORDS, CHECK_TONES, "common.unknown")


def document_badge(standing: Any) -> rx.Component:
    """How an identity document stands."""
    return _badge(standing, DOCUMENT_WORDS, DOCUMENT_TONES, "common.unknown")


CASE_WORDS = {
    "new": "case.status.new",
    "in_progress": "case.status.in_progress",
    "awaiting_customer": "case.status.awaiting_customer",
    "closed": "case.status.closed",
}
CASE_TONES = {"new": NOW, "in_progress": NOW, "awaiting_customer": WARN}


def case_badge(status: Any) -> rx.Component:
    """How a question to support stands."""
    return _badge(status, CASE_WORDS, CASE_TONES, "case.status.in_progress")


def invoice_badge(status: Any) -> rx.Component:
    """The status of an invoice."""
    return _badge(status, INVOICE_WORDS, INVOICE_TONES, "status.other")


def service_badge(status: Any) -> rx.Component:
    """The status of a service."""
    return _badge(status, SERVICE_WORDS, SERVICE_TONES, "service.other")


SECOND_FACTOR_WORDS = {"on": "security.on", "off": "security.off"}


def second_factor_badge(standing: Any) -> rx.Component:
    """Whether signing in takes a code."""
    return _badge(standing, SECOND_FACTOR_WORDS, {"on": GOOD}, "common.unknown")


def _badge(status: Any, words: dict[str, str], tones: dict[str, str], other: str) -> rx.Component:
    tone = match(status, *tones.items(), PLAIN)
    return rx.el.span(
        by_value(status, words, other), class_name=f"{BADGE} {tone}", custom_attrs={"data-status": status}
    )
