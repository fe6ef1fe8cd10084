"""Making a WHMCS client for somebody who signs up, and finding out afterwards whether it was made.

WHMCS has no idempotency key. Our marker, the portal's user id in an admin-only custom field, tells our client from one
that was there before: only a client with our marker is adopted or taken back.
"""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import date

from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.client import BACKGROUND, NOBODY, Caller, WhmcsClient
from portal_app.integrations.whmcs.identities import find_client_with_email, get_client, users_with_email
from portal_app.integrations.whmcs.replies import SYSTEM
from portal_app.integrations.whmcs.wire import WireClient

READ_BACK_S = 8
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewClient:
    """Who becomes a client. Names and address in roman letters, phone E.164, prefecture by its romanised name."""

    portal_user_id: str
    customer_number: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    company: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    postal_code: str = field(repr=False)
    prefecture: str = field(repr=False)
    city: str = field(repr=False)
    address1: str = field(repr=False)
    address2: str = field(repr=False)
    language: str
    marketing: bool
    birth_date: date | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Registered:
    """What WHMCS already has under an e-mail. `whmcs_client_id` 0: a login that owns no client.

    `portal_user_id` is our marker, "" on a client the portal did not make.
    """

    whmcs_client_id: int
    portal_user_id: str


class Registration:
    """What sign-up asks of WHMCS. Without a `birth_date_field_id` the birth date is not sent."""

    def __init__(
        self,
        client: WhmcsClient,
        *,
        customer_number_field_id: int,
        portal_user_field_id: int,
        birth_date_field_id: int | None = None,
    ) -> None:
        self._client = client
        self._number_field, self._marker_field = customer_number_field_id, portal_user_field_id
        self._birth_field = birth_date_field_id

    async def find_by_email(
        self, email: str, *, portal_user_id: str = "", background: bool = False
    ) -> Registered | None:
        """Who has this e-mail: the owner of a client as a login, or a client as its own.

        Of several, which WHMCS lets in when they come at one instant, the one marked `portal_user_id` is preferred,
        then any marked one. None means that AddClient would take it. Raises: UpstreamError, Busy.
        """
        caller = BACKGROUND if background else NOBODY
        users = await users_with_email(self._client, email, caller)
        owned = sorted({link.id for user in users for link in user.clients if link.is_owner})
        clients = [await self._find(client_id, caller) for client_id in owned]
        if not any(clients):
            clients = [await find_client_with_email(self._client, email, caller)]
        found = [Registered(client.id, self._marker(client)) for client in clients if client is not None]
        found.sort(key=lambda one: (not portal_user_id or one.portal_user_id != portal_user_id, not one.portal_user_id))
        return next(iter(found), Registered(0, "") if users else None)

    async def add(self, details: NewClient) -> int:
        """The new client's id. WHMCS sends no mail; its login gets a password nobody knows.

        Raises: UpstreamRejected("email_taken") and other codes of refusals.py; UpstreamUnavailable and Busy when it
        surely was not made; UpstreamOutcomeUnknown: wait, then find_by_email.
        """
        custom_fields = self._custom_fields(details)
        added = await self._client.add_client(
            _profile(details),
            custom_fields=custom_fields,
            password=secrets.token_urlsafe(32),
            marketing=details.marketing,
        )
        await self._read_back(added.clientid, custom_fields)
        return added.clientid

    async def deactivate(self, whmcs_client_id: int, portal_user_id: str) -> None:
        """Takes back a client of ours. Repeat-safe. Raises: NotFound for a client without this very marker."""
        if not portal_user_id or await self.portal_user_of(whmcs_client_id) != portal_user_id:
            raise NotFound("client", whmcs_client_id)
        await self._client.update_client(whmcs_client_id, {"status": "Inactive"})

    async def portal_user_of(self, whmcs_client_id: int) -> str:
        """The marker of a client, "" when it has none. Raises: NotFound, UpstreamError, Busy."""
        return self._marker(await get_client(self._client, whmcs_client_id, NOBODY))

    async def _find(self, whmcs_client_id: int, caller: Caller) -> WireClient | None:
        try:
            return await get_client(self._client, whmcs_client_id, caller)
        except NotFound:  # deleted a moment ago
            return None

    def _marker(self, client: WireClient) -> str:
        return client.field(self._marker_field)

    def _custom_fields(self, details: NewClient) -> dict[int, str]:
        fields = {self._number_field: details.customer_number, self._marker_field: details.portal_user_id}
        if self._birth_field is not None and details.birth_date is not None:
            fields[self._birth_field] = details.birth_date.isoformat()
        return fields

    async def _read_back(self, whmcs_client_id: int, sent: dict[int, str]) -> None:
        """WHMCS ignores a wrong field id or encoding without a word. The client is made all the same: staff look."""
        try:
            with deadline(READ_BACK_S):
                kept = await get_client(self._client, whmcs_client_id, NOBODY)
        except (UpstreamError, Busy, NotFound):
            return
        for field_id, value in sent.items():
            if kept.field(field_id) != value:
                facts = {"system": SYSTEM, "operation": "AddClient", "code": f"field_{field_id}"}
                log.error("custom field not kept", extra=facts)


def _profile(details: NewClient) -> dict[str, str]:
    return {
        "firstname": details.first_name,
        "lastname": details.last_name,
        "companyname": details.company,
        "email": details.email,
        "address1": details.address1,
        "address2": details.address2,
        "city": details.city,
        "state": details.prefecture,
        "postcode": details.postal_code,
        "country": "JP",
        "phonenumber": details.phone,
        "language": details.language,
    }
