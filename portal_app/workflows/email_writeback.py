"""WHMCS and Salesforce hear of a new address: a row for each, so that neither waits for the other (E7).

What is written is the address the user has when it is written, so rows may come late and twice. They go in the order
they were made: a slow first write never lands on a later one, and each row finds the contact by the address it left.
"""

import logging
import uuid
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound, UpstreamRejected
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.profiles import ClientProfiles
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users

log = logging.getLogger(__name__)

TO_WHMCS: Final = "email_to_whmcs"
TO_SALESFORCE: Final = "email_to_salesforce"
DELIVER_S: Final = 60.0
"""Less than the lease of an outbox row."""


async def add_writebacks(outbox: Outbox, tx: AsyncSession, user_id: str, *, before: str) -> None:
    """In the transaction that changed it. `before`: the old address, by which the contact may have to be found."""
    reference = uuid.uuid4()
    for kind in (TO_WHMCS, TO_SALESFORCE):
        key = f"{_prefix(kind, user_id)}{reference}"
        await outbox.add(tx, kind, key, {"key": key, "user_id": user_id, "before": before})


class EmailWriteback:
    """Delivers outbox rows of the kinds `email_to_whmcs` and `email_to_salesforce`."""

    def __init__(
        self, *, profiles: ClientProfiles, contacts: Contacts, users: Users, outbox: Outbox, bus: Bus, audit: Audit
    ) -> None:
        self._profiles, self._contacts, self._users = profiles, contacts, users
        self._outbox, self._bus, self._audit = outbox, bus, audit

    async def to_whmcs(self, payload: Mapping[str, Any], reference: str) -> None:
        """Doing it again changes nothing.

        Raises: UpstreamError; Busy, also while an earlier one waits; NotFound for a user or client that is gone.
        """
        await self._in_turn(TO_WHMCS, payload)
        customer = await self._users.find_customer(payload["user_id"])
        if customer is None:
            return
        try:
            with deadline(DELIVER_S):
                await self._profiles.update_email(customer, await self._email(customer))
        except UpstreamRejected as refused:
            await self._left_to_a_person(customer, TO_WHMCS, refused)
            raise
        await self._bus.publish(f"customer:{customer.user_id}:profile")

    async def to_salesforce(self, payload: Mapping[str, Any], reference: str) -> None:
        """Doing it again changes nothing. Raises: as to_whmcs; NotFound without a contact that is theirs."""
        await self._in_turn(TO_SALESFORCE, payload)
        customer = await self._users.find_customer(payload["user_id"])
        if customer is None or not customer.salesforce_account_id:
            return
        try:
            with deadline(DELIVER_S):
                await self._contacts.write_email(customer, await self._email(customer), before=str(payload["before"]))
        except (NotFound, UpstreamRejected) as refused:
            await self._left_to_a_person(customer, TO_SALESFORCE, refused)
            raise

    async def _in_turn(self, kind: str, payload: Mapping[str, Any]) -> None:
        ahead = await self._outbox.ahead_of(_prefix(kind, payload["user_id"]), str(payload["key"]))
        if any(not row.given_up for row in ahead):
            raise Busy(kind)

    async def _email(self, customer: Customer) -> str:
        return (await self._users.get(customer.user_id)).email

    async def _left_to_a_person(self, customer: Customer, where: str, why: Exception) -> None:
        log.error("address not written", exc_info=why, extra={"user_id": customer.user_id, "kind": where})
        await self._audit.record("email.writeback", user_id=customer.user_id, outcome="failed", detail={"to": where})


def _prefix(kind: str, user_id: str) -> str:
    return f"{kind}:{user_id}:"
