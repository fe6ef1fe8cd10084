"""Making the account: the WHMCS client, then user and mapping in one transaction; or taking the client back.

WHMCS has no idempotency key. The intent is committed before the call; whoever finds an intent without an outcome waits
until WHMCS must have finished, looks under the e-mail, and adopts only a client that carries our marker (F1, F5, F7).
"""

import logging
from datetime import timedelta
from typing import Final

from portal_app.errors import Busy, Conflict, NotFound, UpstreamError, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.whmcs.registration import Registered, Registration
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.signups import ADD_INTENT, ADDED, COMPENSATING, COMPLETED, SignupRecord, Signups
from portal_app.storage.users import Users
from portal_app.workflows.account_writeback import NEW_SIGNUP, add_writeback
from portal_app.workflows.findings import code_of
from portal_app.workflows.sign_up_details import new_client, read_details
from portal_app.workflows.sign_up_moves import (
    BILLING_REFUSED,
    CLIENT_MAPPED,
    EMAIL_IN_WHMCS,
    LOCAL_CONFLICT,
    NUMBER_UNUSABLE,
    Failed,
    Later,
    SignUpMoves,
    email_of,
)
from portal_app.workflows.sign_up_proof import SignUpProof

log = logging.getLogger(__name__)

OUR_OWN_FAULT: Final = frozenset({"allowlist", "permission", "credential", "programming", "malformed"})
"""Refusals of the portal's credential or request, not of this person: put right by an operator, then repeated."""


class SignUpAccount:
    """The steps PROVEN, ADD_INTENT, ADDED and COMPENSATING."""

    def __init__(
        self,
        moves: SignUpMoves,
        proof: SignUpProof,
        signups: Signups,
        users: Users,
        registration: Registration,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        cache: Cache,
        audit: Audit,
        clock: Clock,
        settle: timedelta,
    ) -> None:
        self._moves, self._proof, self._signups, self._users = moves, proof, signups, users
        self._registration, self._outbox, self._db, self._bus = registration, outbox, db, bus
        self._cache, self._audit, self._clock, self._settle = cache, audit, clock, settle

    async def claim(self, record: SignupRecord) -> SignupRecord:
        """Take the customer number for this sign-up alone, right before the intent (F13)."""
        if code := await self._proof.taken(record):
            return await self._moves.refuse(record, code)
        try:
            return await self._signups.claim_account(record, ADD_INTENT)
        except Conflict:
            return await self._moves.refuse(record, NUMBER_UNUSABLE)

    async def add(self, record: SignupRecord) -> SignupRecord:
        """AddClient, at most once for each intent, and never before a look at what is there."""
        if record.last_attempt_at is not None and self._clock.now() < record.last_attempt_at + self._settle:
            raise Later(record.last_attempt_at + self._settle)
        if (found := await self._under_its_email(record)) is not None:
            return await self._met(record, found)
        if not self._just_claimed(record) and (code := await self._proof.taken(record)):
            return await self._moves.refuse(record, code)
        intent = await self._signups.step(record, ADD_INTENT, last_attempt_at=self._clock.now())
        try:
            whmcs_client_id = await self._send(intent)
        except UpstreamRejected as refused:
            return await self._refused(intent, refused)
        return await self._moves.to(intent, ADDED, whmcs_client_id=whmcs_client_id)

    async def finish(self, record: SignupRecord) -> SignupRecord:
        """User, mapping, write-back, mail and the end of the sign-up, all or nothing."""
        try:
            done = await self._completed(record)
        except Conflict as conflict:
            log.error("sign_up_compensating", extra={"reason": conflict.reason})
            return await self._moves.to(record, COMPENSATING, error_code=conflict.reason)
        await self._cache.clear(record.user_id)
        await self._bus.publish("work:outbox")
        return done

    async def compensate(self, record: SignupRecord) -> SignupRecord:
        """The client we made becomes Inactive; only one with our marker, and never one that a user is mapped to.

        It may be that nobody knows yet whether it was made.
        """
        if not record.whmcs_client_id:
            found = await self._under_its_email(record)
            if found is None or found.portal_user_id != record.user_id:
                return await self._moves.refuse(record, LOCAL_CONFLICT)
            record = await self._moves.to(record, COMPENSATING, whmcs_client_id=found.whmcs_client_id)
        if await self._users.find_customer_of_client(record.whmcs_client_id) is not None:
            return await self._moves.give_up(record, CLIENT_MAPPED)
        try:
            await self._registration.deactivate(record.whmcs_client_id, record.user_id)
        except NotFound:
            log.error("sign_up_client_not_ours", extra={"whmcs_client_id": record.whmcs_client_id})
        return await self._moves.refuse(record, LOCAL_CONFLICT)

    @staticmethod
    def _just_claimed(record: SignupRecord) -> bool:
        """Whether all was read a moment ago: any later try comes after a failure or a crash (F13)."""
        return not record.attempts and record.last_attempt_at is None

    async def _under_its_email(self, record: SignupRecord) -> Registered | None:
        return await self._registration.find_by_email(email_of(record), portal_user_id=record.user_id)

    async def _met(self, record: SignupRecord, found: Registered) -> SignupRecord:
        """Somebody is there under this e-mail: ourselves from an earlier try, or a customer who should link."""
        if found.portal_user_id == record.user_id:
            return await self._moves.to(record, ADDED, whmcs_client_id=found.whmcs_client_id)
        return await self._moves.refuse(record, EMAIL_IN_WHMCS)

    async def _send(self, intent: SignupRecord) -> int:
        """Raises: UpstreamRejected; Failed with the time before which nobody may try again."""
        assert intent.payload is not None and intent.last_attempt_at is not None
        details = read_details(intent.payload.details_json)
        try:
            return await self._registration.add(new_client(details, email_of(intent), intent.user_id, intent.locale))
        except (UpstreamUnavailable, Busy):
            # Surely not sent, so there is nothing to wait for (F5). A crash before this line only waits too long.
            await self._signups.step(intent, ADD_INTENT, last_attempt_at=None)
            raise
        except UpstreamRejected:
            raise
        except UpstreamError as lost:
            raise Failed(code_of(lost), intent.last_attempt_at + self._settle) from lost

    async def _refused(self, intent: SignupRecord, refused: UpstreamRejected) -> SignupRecord:
        if refused.code in OUR_OWN_FAULT:
            await self._signups.step(intent, ADD_INTENT, last_attempt_at=None)
            raise refused
        # Whatever else it complains of, a hook of its own for one, WHMCS may have made the client before.
        if found := await self._under_its_email(intent):
            return await self._met(intent, found)
        if refused.code == "email_taken":
            return await self._moves.refuse(intent, EMAIL_IN_WHMCS)
        log.error("sign_up_billing_refused", extra={"code": refused.code})
        return await self._moves.refuse(intent, BILLING_REFUSED)

    async def _completed(self, record: SignupRecord) -> SignupRecord:
        assert record.payload is not None
        details = read_details(record.payload.details_json)
        async with self._db.write() as tx:
            await self._users.create_linked(
                tx,
                user_id=record.user_id,
                email=email_of(record),
                password_hash=record.payload.password_hash,
                locale=record.locale,
                whmcs_client_id=record.whmcs_client_id,
                sf_account_id=record.sf_account_id,
                sf_contact_id=record.sf_contact_id,
            )
            await add_writeback(
                self._outbox,
                tx,
                reference=record.signup_id,
                salesforce_account_id=record.sf_account_id,
                whmcs_client_id=record.whmcs_client_id,
                first_name=details.first_name,
                last_name=details.last_name,
                source=NEW_SIGNUP,
            )
            welcome = {"template": "welcome", "user_id": record.user_id, "locale": record.locale, "values": {}}
            await self._outbox.add(tx, "mail", f"sign-up:{record.signup_id}:welcome", welcome)
            await self._audit.record(
                "sign_up.completed",
                user_id=record.user_id,
                outcome="ok",
                detail={"signup": record.signup_id, "whmcs_client": record.whmcs_client_id},
                session=tx,
            )
            return await self._signups.step_in(tx, record, COMPLETED)
