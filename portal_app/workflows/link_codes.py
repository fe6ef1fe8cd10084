"""The mailed code that stands in for WHMCS's second factor, which its API cannot take."""

import uuid
from datetime import timedelta
from typing import Final

from portal_app.errors import InvalidInput, TooManyTries
from portal_app.integrations.whmcs.logins import BillingAccount
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens, TokenRecord
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Locale

TTL: Final = timedelta(minutes=10)
MOST: Final = 5
WINDOW: Final = timedelta(hours=1)
PURPOSE: Final = "link_code"


class LinkCodes:
    """Six digits to the billing account's own e-mail, a reference for the browser that asked."""

    def __init__(self, tokens: EmailTokens, outbox: Outbox, db: Database, bus: Bus, clock: Clock) -> None:
        self._tokens, self._outbox, self._db, self._bus, self._clock = tokens, outbox, db, bus, clock

    async def send(self, account: BillingAccount, email: str, locale: Locale) -> str:
        """The reference; `email` is the login the code is for. Raises: TooManyTries."""
        subject = str(account.whmcs_client_id)
        payload = {"email": email, "whmcs_client_id": account.whmcs_client_id, "locale": locale}
        async with self._db.write() as tx:
            code, reference = await self._tokens.mint_code(tx, subject, ttl=TTL, payload=payload)
            made = await self._tokens.count_since(PURPOSE, subject, self._clock.now() - WINDOW, session=tx)
            if made > MOST:
                raise TooManyTries(int(WINDOW.total_seconds()))
            mail = {"template": "link_code", "to": account.email, "locale": locale, "values": {"code": code}}
            await self._outbox.add(tx, "mail", f"link-code:{uuid.uuid4()}", mail)
        await self._bus.publish("work:outbox")
        return reference

    async def pending(self, reference: str) -> TokenRecord:
        """What waits for its code. Raises: InvalidInput("code", "link.code_expired")."""
        found = await self._tokens.find_code(reference)
        if found is None or found.used_at or found.voided or found.expires_at <= self._clock.now():
            raise InvalidInput("code", "link.code_expired")
        return found

    def matches(self, pending: TokenRecord, code: str) -> bool:
        """Whether these are the digits; spaces around and between them do not matter."""
        return self._tokens.code_matches(pending, "".join(code.split()))

    async def failed(self, pending: TokenRecord) -> InvalidInput:
        """Count a wrong code; what to tell."""
        left = await self._tokens.failed(pending)
        return InvalidInput("code", "link.code_wrong" if left else "link.code_expired")
