"""Tells customers what happened: by the bell always, by mail where they want it. Once, whoever brings the news."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.domain.notices import CHOICES, Bell, Notice, NoticeKind, Told, choice_of
from portal_app.errors import InvalidInput, NotFound
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.notification_preferences import NotificationPreferences
from portal_app.storage.notifications import Notifications
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users

MAIL: Final = "mail"
TOPIC: Final = "notifications"
LATEST: Final = 10
"""As many does the bell's panel show."""
TEMPLATES: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.ELIGIBILITY_ELIGIBLE: "availability_yes",
    NoticeKind.ELIGIBILITY_INELIGIBLE: "availability_no",
    NoticeKind.VERIFICATION_VERIFIED: "document_verified",
    NoticeKind.VERIFICATION_REJECTED: "document_rejected",
    NoticeKind.ORDER_ACTIVATED: "order_active",
    NoticeKind.ORDER_FAILED: "order_needs_you",
}
"""Mails that had a name before there were notices; every other one is called as its kind."""


class Notices:
    """`tell_in` joins the caller's transaction: nothing is told that did not happen. `announce` follows its commit."""

    def __init__(
        self,
        *,
        notifications: Notifications,
        preferences: NotificationPreferences,
        users: Users,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
    ) -> None:
        self._notifications, self._preferences = notifications, preferences
        self._users, self._outbox = users, outbox
        self._db, self._bus, self._audit = db, bus, audit

    async def tell_in(self, tx: AsyncSession, user_id: str, notice: Notice) -> bool:
        """Keep it for the bell, and put its mail into the outbox if they want that one by mail; whether it is new."""
        new = await self._notifications.add_in(
            tx, user_id, notice.kind, notice.source_id, subject=notice.subject, values=notice.values
        )
        if new and notice.mail is not None and await self._wants_mail(tx, user_id, notice.kind):
            payload: dict[str, object] = {
                "template": TEMPLATES.get(notice.kind, notice.kind.value),
                "user_id": user_id,
                "values": {**notice.values, **notice.record, **notice.mail},
            }
            await self._outbox.add(tx, MAIL, f"notice:{notice.kind}:{notice.source_id}:{user_id}", payload)
        return new

    async def announce(self, user_id: str) -> None:
        """Open pages show it, and its mail leaves; after the commit."""
        await self._bus.publish(f"customer:{user_id}:{TOPIC}")
        await self._bus.publish("work:outbox")

    async def tell(self, user_id: str, notice: Notice) -> bool:
        """Both, in a transaction of its own; whether it is new. What was told already costs one read."""
        if await self._notifications.knows(user_id, notice.kind, notice.source_id):
            return False
        async with self._db.write() as tx:
            new = await self.tell_in(tx, user_id, notice)
        if new:
            await self.announce(user_id)
        return new

    async def list(self, customer: Customer, *, limit: int, before: str | None = None) -> tuple[Told, ...]:
        """Newest first, what was dismissed left out; those behind the notification `before`."""
        return await self._notifications.list(customer.user_id, limit=limit, before=before)

    async def bell(self, customer: Customer) -> Bell:
        """How many are unread, and the latest ten; one question to the database."""
        return await self._notifications.bell(customer.user_id, latest=LATEST)

    async def unread(self, customer: Customer) -> int:
        """How many they have not opened."""
        return await self._notifications.unread(customer.user_id)

    async def unread_subjects(self, customer: Customer, prefix: str = "case:") -> set[str]:
        """The records of which something is unread, as "case:500..."."""
        return await self._notifications.unread_subjects(customer.user_id, prefix)

    async def read(self, customer: Customer, notification_id: str) -> None:
        """It was opened. Raises NotFound for an unknown one and for somebody else's, alike."""
        await self._theirs(customer, notification_id, await self._notifications.read(customer.user_id, notification_id))

    async def read_all(self, customer: Customer) -> None:
        """Nothing is unread any more."""
        if await self._notifications.read_all(customer.user_id):
            await self._show(customer)

    async def read_subject(self, customer: Customer, subject: str) -> None:
        """What it is about was opened ("case:500..."), so there is nothing new about it. Mostly costs one read."""
        if subject not in await self._notifications.unread_subjects(customer.user_id, subject):
            return
        if await self._notifications.read_subject(customer.user_id, subject):
            await self._show(customer)

    async def dismiss(self, customer: Customer, notification_id: str) -> None:
        """It is not shown again. Raises NotFound as `read`."""
        gone = await self._notifications.dismiss(customer.user_id, notification_id)
        await self._theirs(customer, notification_id, gone)

    async def mail_choices(self, customer: Customer) -> dict[str, bool]:
        """For every choice, by name and in order: whether it comes by mail."""
        chosen = await self._preferences.of(customer.user_id)
        return {one.name: one.locked or chosen.get(one.name, one.default) for one in CHOICES}

    async def choose_mail(self, customer: Customer, name: str, mail: bool) -> None:
        """Raises InvalidInput for what is no choice, and for what always comes by mail."""
        if not any(one.name == name and not one.locked for one in CHOICES):
            raise InvalidInput("kind", "notices.no_choice")
        await self._preferences.put(customer.user_id, name, mail)
        await self._show(customer)

    async def _theirs(self, customer: Customer, notification_id: str, found: bool) -> None:
        if not found:
            detail = {"kind": "notification"}
            await self._audit.record("foreign_record", user_id=customer.user_id, outcome="denied", detail=detail)
            raise NotFound("notification", notification_id)
        await self._show(customer)

    async def _wants_mail(self, tx: AsyncSession, user_id: str, kind: NoticeKind) -> bool:
        if await self._users.is_disabled_in(tx, user_id):
            return False  # what a mail leads to is closed to them
        choice = choice_of(kind)
        chosen = await self._preferences.find_in(tx, user_id, choice.name)
        return choice.default if chosen is None else chosen

    async def _show(self, customer: Customer) -> None:
        await self._bus.publish(f"customer:{customer.user_id}:{TOPIC}")
