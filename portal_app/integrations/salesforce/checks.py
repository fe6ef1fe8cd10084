"""What staff decide about an account: whether internet can be had at its address, and whether its document is good.

Kept by account until an event or a write of our own clears it; checkout asks anew and never believes an old copy.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from portal_app.domain.customer import Customer
from portal_app.domain.documents import DocumentCheck, read_document
from portal_app.domain.eligibility import OPEN, Eligibility, read_eligibility
from portal_app.errors import NotFound, UpstreamReplyChanged
from portal_app.integrations.salesforce.cases import LONGEST_DESCRIPTION, LONGEST_SUBJECT
from portal_app.integrations.salesforce.client import Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18, checked_id
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row
from portal_app.integrations.upstream import deadline
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock

TTL: Final = timedelta(hours=12)
KEEP_FOR: Final = timedelta(hours=24)
"""Where one that is older may be shown while it is read anew, but never in place of an answer that failed (H4)."""
PAGE_S: Final = 14
TAG: Final = "checks"
OPERATION: Final = "GetChecks"
PENDING: Final = "Pending"
NOT_REQUESTED: Final = "Not Requested"
NEW: Final = "New"
SUPERSEDED: Final = "Internet availability: the customer has moved, do not answer"
AVAILABILITY_TOPIC: Final = "Internet"


@dataclass(frozen=True, slots=True)
class AccountChecks:
    """Both at one moment. None: a status stands there that nobody knows, so neither yes nor no."""

    eligibility: Eligibility | None
    document: DocumentCheck | None


class Checks:
    """What the portal asks of them. `origin` tells staff where a case came from."""

    def __init__(self, client: SalesforceClient, fields: FieldMap, cache: Cache, clock: Clock, *, origin: str) -> None:
        self._client, self._cache, self._clock, self._origin = client, cache, clock, origin
        self._account, self._case = fields.account, fields.case

    async def get(self, customer: Customer, *, anew: bool = False) -> AccountChecks:
        """This account's, from the copy, or `anew` from Salesforce.

        Raises: NotFound without an account; UpstreamError, Busy: there is no stale answer (H4).
        """
        checked_id("Account", customer.salesforce_account_id)

        async def load() -> AccountChecks:
            with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
                return await self._load(customer)

        found = await self._cache.fetch(
            customer, "checks", load, model=AccountChecks, ttl=TTL, keep_for=KEEP_FOR, tags=(TAG,), anew=anew
        )
        return self._still_good(found.value)

    async def request_availability(
        self, customer: Customer, reference: str, *, subject: str, description: str, salesforce_opportunity_id: str = ""
    ) -> str:
        """Have staff look at the address: the id of the one case with that reference, and the account is pending.

        The caller holds the account's lock and knows that no check is open. May be called again after any failure.
        Raises: NotFound, UpstreamOutcomeUnknown (do it again), UpstreamError, Busy.
        """
        account_id, case, account = checked_id("Account", customer.salesforce_account_id), self._case, self._account
        caller = Caller(customer.user_id)
        case_id = await self._client.find_by_key(case.kind, case.portal_reference, reference, caller=caller)
        if case_id is None:
            values = {
                case.account_id: account_id,
                case.subject: subject[:LONGEST_SUBJECT],
                case.description: description[:LONGEST_DESCRIPTION],
                case.origin: self._origin,
                case.topic: AVAILABILITY_TOPIC,
            }
            if salesforce_opportunity_id:
                values[case.opportunity_id] = salesforce_opportunity_id
            saved = await self._client.upsert(case.kind, case.portal_reference, reference, values, caller=caller)
            case_id = saved.record_id
        pending = {
            account.eligibility_status: PENDING,
            account.eligibility_requested_at: self._clock.now(),
            account.eligibility_case_id: case_id,
        }
        await self._write(customer, account_id, pending)
        return case_id

    async def reset_availability(self, customer: Customer) -> None:
        """The address changed: as if nobody had ever asked, and staff see on an open case that it is about no address.

        Raises: NotFound, UpstreamError, Busy.
        """
        account_id, account = checked_id("Account", customer.salesforce_account_id), self._account
        held = (await self.get(customer, anew=True)).eligibility
        if held is not None and held.state in OPEN and held.salesforce_case_id:
            # First: afterwards nobody knows any more which case it was.
            await self._supersede(customer, held.salesforce_case_id)
        unasked = {
            account.eligibility_status: NOT_REQUESTED,
            account.eligibility_requested_at: None,
            account.eligibility_case_id: None,
        }
        await self._write(customer, account_id, unasked)

    async def _supersede(self, customer: Customer, case_id: str) -> None:
        """A case that staff have deleted is superseded, too."""
        with suppress(NotFound):
            await self._client.update(
                self._case.kind, case_id, {self._case.subject: SUPERSEDED}, caller=Caller(customer.user_id)
            )

    async def clear(self, customer: Customer | str) -> None:
        """Somebody decided: the next who asks reads it anew."""
        await self._cache.clear(customer, TAG)

    async def _write(self, customer: Customer, account_id: str, values: dict[str, Any]) -> None:
        try:
            await self._client.update(self._account.kind, account_id, values, caller=Caller(customer.user_id))
        finally:
            await self.clear(customer)

    async def _load(self, customer: Customer) -> AccountChecks:
        account_id, names = checked_id("Account", customer.salesforce_account_id), self._account
        rows = await self._client.query(
            soql(
                "SELECT {a.id:literal}, {a.eligibility:literal}, {a.eligibility_status:literal}, "
                "{a.eligibility_requested_at:literal}, {a.eligibility_checked_at:literal}, "
                "{a.eligibility_notes:literal}, {a.eligibility_case_id:literal}, {a.verification_status:literal}, "
                "{a.verification_submitted_at:literal}, {a.verification_verified_at:literal}, "
                "{a.verification_rejection:literal} FROM {a.kind:literal} WHERE {a.id:literal} = {}",
                account_id,
                a=names,
            ),
            operation=OPERATION,
            caller=Caller(customer.user_id, checkout=True),
        )
        if not rows or as_18(rows[0].get(names.id)) != account_id:
            raise NotFound("account")
        return AccountChecks(await self._eligibility(customer, account_id, rows[0]), self._document(rows[0]))

    async def _eligibility(self, customer: Customer, account_id: str, row: Row) -> Eligibility | None:
        names = self._account
        return read_eligibility(
            _text(row.get(names.eligibility_status)),
            now=self._clock.now(),
            offering=_text(row.get(names.eligibility)),
            requested_at=_moment(row.get(names.eligibility_requested_at)),
            checked_at=_moment(row.get(names.eligibility_checked_at)),
            notes=_text(row.get(names.eligibility_notes)),
            salesforce_case_id=as_18(row.get(names.eligibility_case_id)) or "",
            picked_up=await self._picked_up(customer, account_id, row),
        )

    async def _picked_up(self, customer: Customer, account_id: str, row: Row) -> bool:
        """Whether staff have begun with an open check's case."""
        names, case = self._account, self._case
        case_id = as_18(row.get(names.eligibility_case_id))
        if row.get(names.eligibility_status) != PENDING or case_id is None:
            return False
        rows = await self._client.query(
            soql(
                "SELECT {c.status:literal} FROM {c.kind:literal} "
                "WHERE {c.id:literal} = {} AND {c.account_id:literal} = {}",
                case_id,
                account_id,
                c=case,
            ),
            operation="GetCheckCase",
            caller=Caller(customer.user_id, checkout=True),
        )
        return bool(rows) and rows[0].get(case.status) != NEW

    def _document(self, row: Row) -> DocumentCheck | None:
        names = self._account
        return read_document(
            _text(row.get(names.verification_status)),
            submitted_at=_moment(row.get(names.verification_submitted_at)),
            verified_at=_moment(row.get(names.verification_verified_at)),
            reason=_text(row.get(names.verification_rejection)),
        )

    def _still_good(self, checks: AccountChecks) -> AccountChecks:
        """A kept yes may have run out since it was read."""
        held = checks.eligibility
        until = held.valid_until() if held else None
        if held is None or until is None or self._clock.now() < until:
            return checks
        return AccountChecks(Eligibility(notes=held.notes), checks.document)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError):
        raise UpstreamReplyChanged(SYSTEM, OPERATION, "time") from None
