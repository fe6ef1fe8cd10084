"""Hands out what the room `notices` has; `portal_app.wiring` passes these functions on."""

from portal_app.storage.notifications import Notifications
from portal_app.wiring.parts import part
from portal_app.workflows.billing_notices import BillingNotices
from portal_app.workflows.billing_reminders import BillingReminders
from portal_app.workflows.notices import Notices
from portal_app.workflows.security_notices import SecurityNotices


def notices() -> Notices:
    """Tells customers what happened, and shows them what they were told."""
    return part("notices")


def notifications() -> Notifications:
    """What customers were told, as it is kept."""
    return part("notifications")


def billing_notices() -> BillingNotices:
    """Tells of invoices that were read anew."""
    return part("billing_notices")


def billing_reminders() -> BillingReminders:
    """Reminds of what is due or expires soon."""
    return part("billing_reminders")


def security_notices() -> SecurityNotices:
    """Shows at the bell what a mail about the account's safety says."""
    return part("security_notices")
