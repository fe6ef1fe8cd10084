"""What tells customers, over a database of a test."""

from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.notification_preferences import NotificationPreferences
from portal_app.storage.notifications import Notifications
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users
from portal_app.workflows.notices import Notices


def notices_over(db: Database, cipher: FieldCipher, clock: Clock, *, outbox: Outbox, bus: Bus) -> Notices:
    """The real one."""
    index = KeyedIndex("index key of the tests")
    return Notices(
        notifications=Notifications(db, cipher, clock),
        preferences=NotificationPreferences(db, clock),
        users=Users(db, cipher, index, clock),
        outbox=outbox,
        db=db,
        bus=bus,
        audit=Audit(db, index, clock),
    )
