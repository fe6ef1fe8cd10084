"""Having staff look whether internet can be had at the customer's address: one question at a time for each account.

Salesforce keeps the question. Kept here is only the reference under which one was last asked, until its answer has
come: a repeat after a lost answer asks under the same one, and a later question never meets an old case.
"""

import uuid
from typing import Final, Protocol

from portal_app.domain.address import Address
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.eligibility import Eligibility, EligibilityState, answer_by, asking
from portal_app.errors import Busy, Conflict
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.opportunities import ELIGIBILITY_REQUEST, Opportunities
from portal_app.integrations.upstream import deadline
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.bus import Bus
from portal_app.storage.clock import JAPAN, Clock
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.outbox import Outbox
from portal_app.workflows.address import availability_lock

ASK_S: Final = 30.0
LIMIT: Final = "availability"
SUBJECT: Final = "Internet availability check"


class HasAddresses(Protocol):
    """The part of AddressBook used here."""

    async def get(self, customer: Customer) -> Address | None: ...

    async def is_settling(self, customer: Customer) -> bool: ...


class Availability:
    """`get` how it stands, `request` a check."""

    def __init__(
        self,
        *,
        checks: Checks,
        addresses: HasAddresses,
        opportunities: Opportunities,
        locks: AccountLocks,
        seen: LastSeen,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
        limits: Limits,
        index: KeyedIndex,
        clock: Clock,
    ) -> None:
        self._checks, self._addresses, self._opportunities = checks, addresses, opportunities
        self._locks, self._seen, self._outbox, self._db = locks, seen, outbox, db
        self._bus, self._audit, self._limits, self._index, self._clock = bus, audit, limits, index, clock

    async def get(self, customer: Customer) -> Eligibility | None:
        """How it stands, from the copy; None for a word of Salesforce's that nobody knows.

        Raises: NotFound without an account; UpstreamError, Busy.
        """
        return (await self._checks.get(customer)).eligibility

    async def request(self, customer: Customer) -> Eligibility:
        """The check that is open now, or that answered already; else a new one, of which the customer gets a mail.

        Raises: Conflict: "availability.no_address", "availability.wait" (a no holds for 30 days),
        "availability.settling" (a new address is on its way), "availability.unknown", "account.busy"; TooManyTries;
        NotFound without an account; UpstreamOutcomeUnknown (ask again: it stays one question); UpstreamError, Busy.
        """
        await self._limits.hit(LIMIT, customer.user_id)
        with deadline(ASK_S):
            try:
                async with self._locks.hold(availability_lock(customer)):
                    return await self._requested(customer)
            except TimeoutError:
                raise Busy("availability") from None

    async def _requested(self, customer: Customer) -> Eligibility:
        check = (await self._checks.get(customer, anew=True)).eligibility
        address = await self._addresses.get(customer)
        if address is None:
            raise Conflict("availability.no_address")
        if check is None:
            raise Conflict("availability.unknown")
        match asking(check, now=self._clock.now()):
            case "open":
                await self._end_lost(customer, check)
                return check
            case "eligible":
                return check
            case "wait":
                raise Conflict("availability.wait")
        if await self._addresses.is_settling(customer):
            # What is asked now would be taken back when the address arrives.
            raise Conflict("availability.settling")
        return await self._ask(customer, check, address)

    async def _ask(self, customer: Customer, check: Eligibility, address: Address) -> Eligibility:
        reference = await self._reference(customer, check, address)
        opportunity_id = await self._opportunities.find_or_create(
            customer, line=ProductLine.INTERNET, source=ELIGIBILITY_REQUEST
        )
        case_id = await self._checks.request_availability(
            customer,
            reference,
            subject=SUBJECT,
            description=_description(address),
            salesforce_opportunity_id=opportunity_id,
        )
        asked = Eligibility(
            EligibilityState.REQUESTED,
            requested_at=self._clock.now(),
            checked_at=check.checked_at,
            notes=check.notes,
            salesforce_case_id=case_id,
        )
        await self._told(customer, asked, reference)
        return asked

    async def _reference(self, customer: Customer, check: Eligibility, address: Address) -> str:
        """The last one, if it was for this address and nothing has been heard since; written down before it is used."""
        about = self._index.of(f"{address.key}|{check.requested_at}|{check.checked_at}")
        reference, _, last = (await self._seen.get(_subject(customer)) or "").partition("|")
        if last != about:
            reference = str(uuid.uuid4())
            await self._seen.put(_subject(customer), f"{reference}|{about}")
        return reference

    async def _end_lost(self, customer: Customer, check: Eligibility) -> None:
        """The answer to our own question was lost, but it is being looked at: what was to follow follows now."""
        reference, _, _ = (await self._seen.get(_subject(customer)) or "").partition("|")
        if reference:
            await self._told(customer, check, reference)

    async def _told(self, customer: Customer, check: Eligibility, reference: str) -> None:
        day = (check.requested_at or self._clock.now()).astimezone(JAPAN).date()
        values = {"answer_by": answer_by(day).isoformat()}
        mail = {"template": "availability_asked", "user_id": customer.user_id, "values": values}
        async with self._db.write() as tx:
            await self._outbox.add(tx, "mail", f"availability:{reference}:asked", mail)
            await self._audit.record(
                "availability.requested",
                user_id=customer.user_id,
                outcome="ok",
                detail={"case": check.salesforce_case_id},
                session=tx,
            )
            await self._seen.forget_in(tx, _subject(customer))
        await self._bus.publish(f"customer:{customer.user_id}:checks")
        await self._bus.publish("work:outbox")


def _subject(customer: Customer) -> str:
    return f"asking:{customer.salesforce_account_id}"


def _description(address: Address) -> str:
    """For staff. Which Japanese one it is stands on the contact."""
    lines = (address.postal_code, address.prefecture, address.city, address.address1, address.address2)
    return "\n".join(("Requested in the customer portal for this address:", *filter(None, lines)))
