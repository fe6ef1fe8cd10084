"""A customer moves: WHMCS first, in roman letters; then Salesforce, in Japanese, where the old availability ends.

The second half is an outbox row written BEFORE WHMCS is told: due at once when WHMCS took the address, a minute later
when nobody knows. Its handler reads WHMCS, and only an address that is there goes on to Salesforce (F1). So no move is
lost, whatever fails in between, and a failed second half is repeated and never shown as an error.
"""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from portal_app.domain.address import Address, AddressChange, JapaneseAddress
from portal_app.domain.customer import Customer
from portal_app.errors import (
    Busy,
    Conflict,
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.addresses import Addresses
from portal_app.security.audit import Audit
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import Bus
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox

log = logging.getLogger(__name__)

ADDRESS_WRITEBACK: Final = "address_writeback"
SETTLE: Final = timedelta(seconds=60)
"""Longer than a write to WHMCS may take: until then WHMCS may still be at it (F4)."""
DELIVER_S: Final = 60.0
"""Less than the lease of an outbox row: a second worker must not take back a check that was asked for meanwhile."""
_SURELY_NOT_DONE: Final = (UpstreamUnavailable, UpstreamRejected, NotFound, Busy)


class AddressBook:
    """What the portal asks about a customer's address in both systems."""

    def __init__(
        self,
        whmcs_addresses: Addresses,
        contacts: Contacts,
        checks: Checks,
        locks: AccountLocks,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
    ) -> None:
        self._whmcs, self._contacts, self._checks = whmcs_addresses, contacts, checks
        self._locks, self._outbox, self._db, self._bus, self._audit = locks, outbox, db, bus, audit

    async def get(self, customer: Customer, *, anew: bool = False) -> Address | None:
        """The address as WHMCS holds it; None when it is incomplete. Raises: NotFound, UpstreamError, Busy."""
        return await self._whmcs.get(customer, anew=anew)

    async def is_settling(self, customer: Customer) -> bool:
        """Whether Salesforce does not know of a change yet, or nobody knows whether there was one.

        Until then an availability that was found belongs to another address, and none may be asked for: it would be
        taken back.
        """
        return bool(await self._outbox.unsent(_prefix(customer.user_id)))

    async def changed_since(self, customer: Customer, at: datetime) -> bool:
        """Whether the customer changed it then or later, or may have, in the portal and within the last 30 days."""
        return await self._outbox.added_since(_prefix(customer.user_id), at)

    async def change(self, customer: Customer, change: AddressChange) -> None:
        """Have the customer live there from now on. May be repeated; the same address again resets nothing.

        Raises: NotFound, UpstreamUnavailable, UpstreamRejected, Busy when nothing was changed;
        UpstreamOutcomeUnknown: it is found out within minutes, and told to the customer's pages.
        """
        before = await self._whmcs.get(customer, anew=True)
        # While an earlier move waits, the availability may be older than what WHMCS says.
        moved = before is None or before.key != change.roman.key or await self.is_settling(customer)
        key = f"{_prefix(customer.user_id)}{uuid.uuid4()}"
        payload = self._payload(customer, change, moved, key) | {"before": before.key if before else ""}
        async with self._db.write() as tx:
            await self._outbox.add(tx, ADDRESS_WRITEBACK, key, payload, delay=SETTLE)
        try:
            await self._whmcs.update(customer, change.roman)
        except _SURELY_NOT_DONE:
            await self._outbox.withdraw(key)
            await self._note(customer, "failed", moved)
            raise
        except UpstreamOutcomeUnknown:
            await self._note(customer, "unknown", moved)
            await self._tell(customer)
            raise
        await self._outbox.hasten(key)
        await self._note(customer, "ok", moved)
        await self._tell(customer)
        await self._bus.publish("work:outbox")

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        """Handles outbox rows of kind `address_writeback`, those of one customer in the order they were made.

        Raises: Busy while an earlier one waits; UpstreamError, Busy; NotFound without client or account.
        """
        customer = Customer(payload["user_id"], payload["whmcs_client_id"], payload["salesforce_account_id"])
        with deadline(DELIVER_S):
            await self._deliver(customer, payload)

    async def _deliver(self, customer: Customer, payload: Mapping[str, Any]) -> None:
        key, wanted = str(payload["key"]), Address(**payload["roman"])
        overtaken = await self._in_turn(customer, key)
        held = await self._whmcs.get(customer, anew=True)
        there = held.key if held is not None else ""
        if customer.salesforce_account_id and there == wanted.key:
            if payload["moved"]:
                await self._reset(customer)
            await self._write_contact(customer, JapaneseAddress(**payload["japanese"]))
            for earlier in overtaken:
                await self._outbox.withdraw(earlier)
        elif customer.salesforce_account_id and payload["moved"] and there != payload.get("before", there):
            await self._elsewhere(customer, key)
        await self._outbox.happened(key)  # before the pages hear of it, which ask whether it still waits
        await self._tell(customer)

    async def _elsewhere(self, customer: Customer, key: str) -> None:
        """WHMCS spells it in its own way, or it is yet another one: not where the availability was found.

        A later move that waits sees to it all.
        """
        waiting = [row.dedupe_key for row in await self._outbox.unsent(_prefix(customer.user_id))]
        if waiting[-1:] == [key]:
            await self._reset(customer)
            await self._left_to_a_person(customer)

    async def _in_turn(self, customer: Customer, key: str) -> list[str]:
        """Keys of earlier ones that were given up, and are made good by this one."""
        ahead = await self._outbox.ahead_of(_prefix(customer.user_id), key)
        if any(not row.given_up for row in ahead):
            raise Busy(ADDRESS_WRITEBACK)
        return [row.dedupe_key for row in ahead]

    async def _reset(self, customer: Customer) -> None:
        """Alone: somebody who asks for a check at this moment asked for the old address, and must have asked before."""
        try:
            async with self._locks.hold(availability_lock(customer)):
                await self._checks.reset_availability(customer)
        except Conflict:
            raise Busy(ADDRESS_WRITEBACK) from None

    async def _write_contact(self, customer: Customer, address: JapaneseAddress) -> None:
        """What no repeat can mend is left to a person; the order itself carries the address."""
        try:
            await self._contacts.write_address(customer, address)
        except (NotFound, UpstreamRejected) as refused:
            await self._left_to_a_person(customer, refused)

    async def _left_to_a_person(self, customer: Customer, why: Exception | None = None) -> None:
        log.error("address not written to a contact", exc_info=why, extra={"user_id": customer.user_id})
        await self._audit.record("address.contact", user_id=customer.user_id, outcome="failed")

    async def _note(self, customer: Customer, outcome: str, moved: bool) -> None:
        detail = {"moved": moved}
        await self._audit.record("address.changed", user_id=customer.user_id, outcome=outcome, detail=detail)

    async def _tell(self, customer: Customer) -> None:
        for topic in ("address", "checks"):
            await self._bus.publish(f"customer:{customer.user_id}:{topic}")

    def _payload(self, customer: Customer, change: AddressChange, moved: bool, key: str) -> dict[str, Any]:
        return {
            "key": key,
            "user_id": customer.user_id,
            "whmcs_client_id": customer.whmcs_client_id,
            "salesforce_account_id": customer.salesforce_account_id,
            "moved": moved,
            "roman": asdict(change.roman),
            "japanese": asdict(change.japanese),
        }


def availability_lock(customer: Customer) -> str:
    """Held by whoever asks for a check of the address, and by whoever takes one back."""
    return f"availability:{customer.salesforce_account_id}"


def _prefix(user_id: str) -> str:
    return f"{ADDRESS_WRITEBACK}:{user_id}:"
