"""Whose customer number is it: recognised by contact facts, or else by staff through a case.

The number alone proves nothing: it is printed on letters. Until it is proven nothing of the account is shown.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from portal_app.errors import NotFound
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.cases import Cases, Decision
from portal_app.storage.clock import Clock
from portal_app.storage.signups import PROVEN, WAITING_FOR_STAFF, SignupRecord
from portal_app.storage.users import Users
from portal_app.workflows.sign_up_details import CASE_SUBJECT, case_text, facts_of, read_details
from portal_app.workflows.sign_up_moves import (
    CASE_GONE,
    EMAIL_TAKEN,
    NOT_CONFIRMED,
    NUMBER_UNUSABLE,
    SignUpMoves,
    email_of,
)

LONGEST_WAIT: Final = timedelta(days=30)
FIRST_LOOKS: Final = timedelta(seconds=15)
LOOKS: Final = ((timedelta(minutes=10), FIRST_LOOKS), (timedelta(days=1), timedelta(minutes=1)))
LATE_LOOKS: Final = timedelta(minutes=10)


class SignUpProof:
    """The steps VERIFIED and WAITING_FOR_STAFF."""

    def __init__(self, moves: SignUpMoves, users: Users, accounts: Accounts, cases: Cases, clock: Clock) -> None:
        self._moves, self._users, self._accounts, self._cases, self._clock = moves, users, accounts, cases, clock

    async def prove(self, record: SignupRecord) -> SignupRecord:
        """Compare what was claimed with the account's contacts; open a case for staff where that is not enough."""
        if code := await self.taken(record):
            return await self._moves.refuse(record, code)
        assert record.payload is not None
        details, email = read_details(record.payload.details_json), email_of(record)
        match = await self._accounts.match_facts(record.sf_account_id, facts_of(details, email))
        if match.proven:
            return await self._moves.to(record, PROVEN, sf_contact_id=match.salesforce_contact_id)
        # The same reference again gives the same case, so a crash before the next line opens no second one.
        case_id = await self._cases.open_number_check(
            record.signup_id,
            salesforce_account_id=record.sf_account_id,
            subject=CASE_SUBJECT,
            description=case_text(details, email, match, record.signup_id),
        )
        at = self._clock.now() + FIRST_LOOKS
        return await self._moves.to(
            record, WAITING_FOR_STAFF, mail="signup_waiting", case_id=case_id, next_attempt_at=at
        )

    async def ask_staff(self, record: SignupRecord, decisions: Mapping[str, Decision] | None) -> SignupRecord:
        """Go on as staff decided. `decisions` holds answers read for many at once; None reads this one."""
        if decisions is None:
            decisions = await self._cases.decisions([record.case_id])
        decision = decisions.get(record.case_id)
        if decision == "approved":
            return await self._moves.to(record, PROVEN)
        age = self._clock.now() - (record.verified_at or record.created_at)
        if decision == "rejected" or age >= LONGEST_WAIT:
            return await self._moves.refuse(record, NOT_CONFIRMED)
        if decision is None:
            return await self._moves.give_up(record, CASE_GONE)
        # Asked and answered: failures before this one are over, so that only a whole day of them needs a person.
        return await self._moves.to(record, WAITING_FOR_STAFF, next_attempt_at=self._next_look(age))

    async def taken(self, record: SignupRecord) -> str:
        """Why this sign-up can no longer become an account, "" while it can."""
        if await self._users.find_by_email(email_of(record)) is not None:
            return EMAIL_TAKEN
        try:
            state = await self._accounts.get_state(record.sf_account_id)
        except NotFound:
            return NUMBER_UNUSABLE
        mapped = await self._users.find_customer_of_account(record.sf_account_id)
        return NUMBER_UNUSABLE if state.linked or mapped is not None else ""

    def _next_look(self, age: timedelta) -> datetime:
        every = next((every for until, every in LOOKS if age < until), LATE_LOOKS)
        return self._clock.now() + every
