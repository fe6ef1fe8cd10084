"""A Salesforce account: which customer number it has, whether it is taken, and whether somebody is who they say.

Account ids given here come from our own record of a sign-up or from the mapping, never from a request. Contact data is
compared in here and not handed out.
"""

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from portal_app.errors import Conflict, UpstreamRejected
from portal_app.integrations.salesforce.account_rows import AccountRows, text_of
from portal_app.integrations.salesforce.client import BACKGROUND, NOBODY, Caller, SalesforceClient
from portal_app.integrations.salesforce.facts import (
    ContactFacts,
    FactsMatch,
    same_date,
    same_email,
    same_phone,
    same_postal_code,
)
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import PREFIXES, as_18, checked_id
from portal_app.integrations.salesforce.references import parse_whmcs_reference, whmcs_reference
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row
from portal_app.integrations.upstream import deadline
from portal_app.storage.clock import Clock
from portal_app.storage.flights import Flights

FOUND_TTL: Final = timedelta(seconds=30)
MISSING_TTL: Final = timedelta(seconds=10)
LOOKUP_S: Final = 10.0
MOST_KEPT: Final = 1000
CHECKED_AT_ONCE: Final = 200
ACTIVE: Final = "Active"
NUMBER_PATTERN: Final = r"[A-Z0-9-]{4,20}"


@dataclass(frozen=True, slots=True)
class AccountState:
    """All that sign-up and linking may know of an account: no name, no address, no mail.

    `linked`: it has a billing account or is active in the portal. `whmcs_client_id` is None where none is written, or
    where what is written is no id: then it is `unreadable`.
    """

    salesforce_account_id: str
    linked: bool
    portal_active: bool
    whmcs_client_id: int | None = None
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What the nightly check compares with the mapping. `written`: something stands where the billing account goes."""

    customer_number: str
    whmcs_client_id: int | None
    written: bool
    portal_active: bool


class Accounts:
    """What the portal asks about accounts."""

    def __init__(
        self,
        client: SalesforceClient,
        fields: FieldMap,
        clock: Clock,
        *,
        active_status: str = ACTIVE,
        number_pattern: str = NUMBER_PATTERN,
    ) -> None:
        self._client, self._fields, self._clock = client, fields, clock
        self._rows = AccountRows(client, fields)
        self._active, self._number = active_status, re.compile(number_pattern)
        self._kept: OrderedDict[str, tuple[float, AccountState | None]] = OrderedDict()
        self._flights: Flights[AccountState | None] = Flights()
        self._generation = 0

    async def find_by_customer_number(
        self, customer_number: str, *, fresh: bool = False, caller: Caller = NOBODY
    ) -> AccountState | None:
        """The one account with that number, at most 30 s old (10 s when there was none); `fresh` asks again.

        None for a text that is no customer number, without asking. Raises: UpstreamRejected("more_than_one") when two
        accounts share the number; UpstreamError, Busy.
        """
        number = unicodedata.normalize("NFKC", customer_number).strip().upper()
        if not self._number.fullmatch(number):
            return None
        now = self._clock.now().timestamp()
        kept = self._kept.get(number)
        if kept is not None and now < kept[0] and not fresh:
            return kept[1]
        if fresh:
            return await self._look_up(number, caller)
        return await self._flights.wait(number, lambda: self._look_up_for_all(number, caller))

    async def get_state(self, salesforce_account_id: str, *, caller: Caller = NOBODY) -> AccountState:
        """Read now. Raises: NotFound, UpstreamError, Busy."""
        return self._state(await self._rows.account(salesforce_account_id, caller))

    async def list_checks(
        self, salesforce_account_ids: Iterable[str], *, caller: Caller = BACKGROUND
    ) -> dict[str, AccountCheck]:
        """Read now, by account id of 18 characters, a few hundred in one query.

        One that is gone is left out, and so is an id that is no account's. Raises: UpstreamError, Busy.
        """
        wanted = [
            text
            for text in dict.fromkeys(map(as_18, salesforce_account_ids))
            if text and text.startswith(PREFIXES["Account"])
        ]
        found: dict[str, AccountCheck] = {}
        for start in range(0, len(wanted), CHECKED_AT_ONCE):
            part = wanted[start : start + CHECKED_AT_ONCE]
            for account_id, row in (await self._rows.checked(part, caller)).items():
                found[account_id] = self._check(row)
        return found

    async def mark_portal_active(self, salesforce_account_id: str, *, source: str, caller: Caller = NOBODY) -> None:
        """Set the portal status, and where the registration came from unless that is known. Twice is the same as once.

        Raises: NotFound; UpstreamOutcomeUnknown (do it again); UpstreamError, Busy.
        """
        names = self._fields.account
        row = await self._rows.account(salesforce_account_id, caller)
        changes = {}
        if text_of(row, "portal_status") != self._active:
            changes[names.portal_status] = self._active
        if not text_of(row, "registration_source"):
            changes[names.registration_source] = source
        await self._write(salesforce_account_id, changes, caller)

    async def write_whmcs_client(
        self,
        salesforce_account_id: str,
        whmcs_client_id: int,
        first_name: str,
        last_name: str,
        *,
        caller: Caller = NOBODY,
    ) -> None:
        """Write `#<id> - <First Last>` where nothing is written yet. Twice is the same as once.

        Raises: Conflict("accounts.other_client") when another client, or something unreadable, is written there;
        NotFound; UpstreamOutcomeUnknown (do it again); UpstreamError, Busy.
        """
        text = whmcs_reference(whmcs_client_id, first_name, last_name)
        written = text_of(await self._rows.account(salesforce_account_id, caller), "whmcs_account")
        if written and parse_whmcs_reference(written) != whmcs_client_id:
            raise Conflict("accounts.other_client")
        await self._write(salesforce_account_id, {} if written else {self._fields.account.whmcs_account: text}, caller)

    async def match_facts(
        self, salesforce_account_id: str, facts: ContactFacts, *, caller: Caller = NOBODY
    ) -> FactsMatch:
        """Which facts are true of one and the same contact of that account; of several, the one they fit best.

        Raises: NotFound for an unknown account; UpstreamError, Busy.
        """
        account_id = checked_id(self._fields.account.kind, salesforce_account_id)
        await self._rows.account(account_id, caller)
        matches = [self._compare(facts, row) for row in await self._rows.contacts(account_id, caller)]
        return max(matches, key=lambda match: (match.proven, match.email, match.score), default=FactsMatch())

    async def stop(self) -> None:
        """Cancel look-ups under way."""
        await self._flights.stop()

    async def _look_up_for_all(self, number: str, caller: Caller) -> AccountState | None:
        with deadline(LOOKUP_S, inherit=False):
            return await self._look_up(number, caller)

    async def _look_up(self, number: str, caller: Caller) -> AccountState | None:
        generation, operation = self._generation, "FindAccount"
        mine = await self._rows.with_number(number, operation, caller)
        if len(mine) > 1:
            raise UpstreamRejected(SYSTEM, operation, "more_than_one")
        state = self._state(mine[0]) if mine else None
        if generation == self._generation:
            self._keep(number, state)
        return state

    def _keep(self, number: str, state: AccountState | None) -> None:
        until = self._clock.now() + (FOUND_TTL if state else MISSING_TTL)
        self._kept[number] = (until.timestamp(), state)
        self._kept.move_to_end(number)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _check(self, row: Row) -> AccountCheck:
        number, written = text_of(row, "customer_number").strip().upper(), text_of(row, "whmcs_account").strip()
        active = text_of(row, "portal_status") == self._active
        return AccountCheck(number, parse_whmcs_reference(written), bool(written), active)

    def _compare(self, facts: ContactFacts, contact: Row) -> FactsMatch:
        # Only what is the person's own: phone and postal code of a company's account stand on its web site.
        phones = (text_of(contact, "phone"), text_of(contact, "mobile_phone"))
        match = FactsMatch(
            email=same_email(facts.email, text_of(contact, "email")),
            phone=any(same_phone(facts.phone, stored) for stored in phones),
            postal_code=same_postal_code(facts.postal_code, text_of(contact, "postal_code")),
            birth_date=same_date(facts.birth_date, text_of(contact, "birth_date")),
        )
        if not match.proven:
            return match
        contact_id = checked_id(self._fields.contact.kind, contact.get("id"))
        return FactsMatch(match.email, match.phone, match.postal_code, match.birth_date, contact_id)

    async def _write(self, salesforce_account_id: str, changes: dict[str, Any], caller: Caller) -> None:
        self._forget()
        if changes:
            kind = self._fields.account.kind
            try:
                await self._client.update(kind, salesforce_account_id, changes, caller=caller)
            finally:
                self._forget()

    def _forget(self) -> None:
        """Also what is being looked up at this moment is not kept."""
        self._generation += 1
        self._kept.clear()
        self._flights.part(lambda number: True)

    def _state(self, row: Row) -> AccountState:
        account_id = checked_id(self._fields.account.kind, row.get("id"))
        written = text_of(row, "whmcs_account").strip()
        active = text_of(row, "portal_status") == self._active
        client_id = parse_whmcs_reference(written)
        unreadable = bool(written) and client_id is None
        return AccountState(account_id, bool(written) or active, active, client_id, unreadable)
