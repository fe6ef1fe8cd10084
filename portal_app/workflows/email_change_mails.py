"""Which mail a wished-for address gets: a link, or that it has an account already. Decided after the answer (P5)."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from portal_app.errors import NotFound, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.whmcs.registration import Registration
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import UserRecord, Users

EMAIL_CHANGE_MAIL: Final = "email_change_mail"
PURPOSE: Final = "email_change"
TTL: Final = timedelta(hours=24)
MOST_A_DAY: Final = 5


class EmailChangeMails:
    """Delivers outbox rows of kind `email_change_mail`."""

    def __init__(
        self,
        *,
        users: Users,
        tokens: EmailTokens,
        registration: Registration,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._users, self._tokens, self._registration = users, tokens, registration
        self._outbox, self._db, self._bus, self._clock = outbox, db, bus, clock

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        """Hand on one mail; a repeat of the same `reference` hands on nothing more.

        Raises: UpstreamError, Busy when WHMCS cannot say whose the address is.
        """
        user = await self._asking(payload)
        if user is None:
            return
        email = str(payload["email"])
        taken = await self._users.find_by_email(email) is not None or await self._known_to_whmcs(user, email)
        template = "email_change_taken" if taken else "email_change"
        since = self._clock.now() - timedelta(days=1)
        with suppress(_NothingToSend):
            async with self._db.write() as tx:
                # Made in either case: so all are counted, and an older link ends with each.
                token = await self._tokens.mint(
                    tx, PURPOSE, user.user_id, ttl=TTL, version=payload["version"], payload={"email": email}
                )
                values = {} if taken else {"token": token}
                mail = {"template": template, "to": email, "locale": payload["locale"], "values": values}
                made = await self._tokens.count_since(PURPOSE, user.user_id, since, session=tx)
                key = f"{EMAIL_CHANGE_MAIL}:mail:{reference}"
                if made > MOST_A_DAY or not await self._outbox.add(tx, "mail", key, mail):
                    raise _NothingToSend
        await self._bus.publish("work:outbox")

    async def _asking(self, payload: Mapping[str, Any]) -> UserRecord | None:
        """Whoever asked, while they still are who they were."""
        try:
            user = await self._users.get(payload["user_id"])
        except NotFound:
            return None
        same = not user.disabled and self._users.sign_in_version(user) == payload["version"]
        return user if same else None

    async def _known_to_whmcs(self, user: UserRecord, email: str) -> bool:
        """Whether it belongs to another client, or to a login that is not this user's."""
        customer = await self._users.find_customer(user.user_id)
        try:
            found = await self._registration.find_by_email(email, portal_user_id=user.user_id, background=True)
        except UpstreamRejected as refused:
            # About our credential, never about this address: the mail waits until an operator has put it right.
            raise UpstreamUnavailable(refused.system, refused.operation, refused.code) from None
        return found is not None and (customer is None or found.whmcs_client_id != customer.whmcs_client_id)


class _NothingToSend(Exception):
    """The mail is on its way already, or was sent too often: a new token would only make the last one worthless."""
