"""What customers are told: the bell, and what goes by mail."""

from contextlib import AsyncExitStack

from portal_app.settings import Settings
from portal_app.storage.notification_preferences import NotificationPreferences
from portal_app.storage.notifications import Notifications
from portal_app.wiring.parts import Parts
from portal_app.workflows.billing_notices import BillingNotices
from portal_app.workflows.billing_reminders import BillingReminders
from portal_app.workflows.notices import Notices
from portal_app.workflows.security_notices import SecurityNotices


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs WHMCS's room; whoever has news comes after it."""
    db, clock = parts["database"], parts["clock"]
    notifications = Notifications(db, parts["cipher"], clock)
    notices = Notices(
        notifications=notifications,
        preferences=NotificationPreferences(db, clock),
        users=parts["users"],
        outbox=parts["outbox"],
        db=db,
        bus=parts["bus"],
        audit=parts["audit"],
    )
    return {
        "notifications": notifications,
        "notices": notices,
        "billing_notices": BillingNotices(notices, clock),
        "security_notices": SecurityNotices(notices),
        "billing_reminders": BillingReminders(
            notices=notices,
            users=parts["users"],
            invoices=parts["invoice_mirror"],
            pay_methods=parts["pay_methods"],
            clock=clock,
        ),
    }
