"""A customer's own data: WHMCS first, then the Salesforce contact, and the language of our own mails.

The second half is an outbox row written BEFORE WHMCS is told, as for an address: due at once when WHMCS took the
change, a minute later when nobody knows. Its handler reads WHMCS, and only what is there goes on to Salesforce (F1). So
no change is lost, whatever fails in between, and a failed second half is repeated and never shown as an error.
"""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from portal_app.domain.customer import Customer
from portal_app.domain.phones import clean_phone
from portal_app.domain.profile import AccountProfile, ProfileChange
from portal_app.errors import Busy, NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.salesforce.contacts import UNCHANGED, ContactDetails, Contacts
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.profiles import ClientProfiles
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users

log = logging.getLogger(__name__)

PROFILE_WRITEBACK: Final = "profile_writeback"
TOPIC: Final = "profile"
SETTLE: Final = timedelta(seconds=60)
"""Longer than a write to WHMCS may take: until then WHMCS may still be at it (F4)."""
DELIVER_S: Final = 60.0
"""Less than the lease of an outbox row."""
_SURELY_NOT_DONE: Final = (UpstreamUnavailable, UpstreamRejected, NotFound, Busy)
_OF_CONTACT: Final = ("phone", "birth_date")


class Profiles:
    """What the portal asks about a customer's own data. Name and customer number are read only."""

    def __init__(
        self,
        *,
        whmcs_profiles: ClientProfiles,
        contacts: Contacts,
        users: Users,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
    ) -> None:
        self._whmcs, self._contacts, self._users = whmcs_profiles, contacts, users
        self._outbox, self._db, self._bus, self._audit = outbox, db, bus, audit

    async def get(self, customer: Customer, *, anew: bool = False) -> AccountProfile:
        """The profile as WHMCS holds it; `email` is the one the customer signs in with. A language is always there.

        Raises: NotFound, UpstreamError, Busy.
        """
        held = await self._whmcs.get(customer, anew=anew)
        user = await self._users.get(customer.user_id)
        ours: Any = user.locale
        return replace(held, email=user.email, language=held.language or ours)

    async def complete(self, customer: Customer) -> bool:
        """Whether a technician, a parcel and a bill would find this customer. Raises: as get."""
        return (await self._whmcs.get(customer)).complete

    async def is_settling(self, customer: Customer) -> bool:
        """Whether Salesforce does not know of a change yet, or nobody knows whether there was one."""
        return bool(await self._outbox.unsent(_prefix(customer.user_id)))

    async def change(self, customer: Customer, change: ProfileChange) -> None:
        """Have it be so from now on. May be repeated; what is so already is written nowhere.

        Raises: NotFound, UpstreamUnavailable, UpstreamRejected, Busy when nothing was changed;
        UpstreamOutcomeUnknown: it is found out within minutes, and told to the customer's pages.
        """
        held = await self._whmcs.get(customer, anew=True)
        wanted = change.differences(held)
        if wanted:
            await self._write(customer, held, wanted)
        await self._users.set_locale(customer.user_id, change.language)
        await self._tell(customer)

    async def _write(self, customer: Customer, held: AccountProfile, wanted: Mapping[str, Any]) -> None:
        key = await self._note_for_contact(customer, held, wanted)
        try:
            await self._whmcs.update(customer, wanted)
        except _SURELY_NOT_DONE:
            await self._outbox.withdraw(key)
            await self._note(customer, "failed", wanted)
            raise
        except UpstreamOutcomeUnknown:
            await self._note(customer, "unknown", wanted)
            await self._tell(customer)
            raise
        if await self._outbox.hasten(key):
            await self._bus.publish("work:outbox")
        await self._note(customer, "ok", wanted)

    async def _note_for_contact(self, customer: Customer, held: AccountProfile, wanted: Mapping[str, Any]) -> str:
        """The key of the second half; nothing waits under it where Salesforce is not concerned."""
        key = f"{_prefix(customer.user_id)}{uuid.uuid4()}"
        known = {name: _plain(wanted[name]) for name in _OF_CONTACT if name in wanted}
        if known and customer.salesforce_account_id:
            payload = {
                "key": key,
                "user_id": customer.user_id,
                "whmcs_client_id": customer.whmcs_client_id,
                "salesforce_account_id": customer.salesforce_account_id,
                "phone_before": clean_phone(held.phone),
            }
            async with self._db.write() as tx:
                await self._outbox.add(tx, PROFILE_WRITEBACK, key, payload | {"wanted": known}, delay=SETTLE)
        return key

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        """Handles outbox rows of kind `profile_writeback`, those of one customer in the order they were made.

        Raises: Busy while an earlier one waits; UpstreamError, Busy; NotFound without client or account.
        """
        customer = Customer(payload["user_id"], payload["whmcs_client_id"], payload["salesforce_account_id"])
        key = str(payload["key"])
        with deadline(DELIVER_S):
            await self._in_turn(customer, key)
            there = await self._whmcs.get(customer, anew=True)
            arrived = {
                name: getattr(there, name)
                for name, value in payload["wanted"].items()
                if _plain(getattr(there, name)) == value
            }
            if arrived:
                await self._write_contact(customer, arrived, str(payload["phone_before"]))
        await self._outbox.happened(key)  # before the pages hear of it, which ask whether it still waits
        await self._tell(customer)

    async def _in_turn(self, customer: Customer, key: str) -> None:
        if any(not row.given_up for row in await self._outbox.ahead_of(_prefix(customer.user_id), key)):
            raise Busy(PROFILE_WRITEBACK)

    async def _write_contact(self, customer: Customer, arrived: Mapping[str, Any], before: str) -> None:
        """What no repeat can mend is left to a person."""
        born: Any = arrived.get("birth_date", UNCHANGED)
        details = ContactDetails(phone=arrived.get("phone", ""), phone_before=before, birth_date=born)
        try:
            await self._contacts.write_details(customer, details)
        except (NotFound, UpstreamRejected) as refused:
            log.error("profile not written to a contact", exc_info=refused, extra={"user_id": customer.user_id})
            await self._audit.record("profile.contact", user_id=customer.user_id, outcome="failed")

    async def _note(self, customer: Customer, outcome: str, wanted: Mapping[str, Any]) -> None:
        detail = dict.fromkeys(wanted, True)
        await self._audit.record("profile.changed", user_id=customer.user_id, outcome=outcome, detail=detail)

    async def _tell(self, customer: Customer) -> None:
        await self._bus.publish(f"customer:{customer.user_id}:{TOPIC}")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _prefix(user_id: str) -> str:
    return f"{PROFILE_WRITEBACK}:{user_id}:"
