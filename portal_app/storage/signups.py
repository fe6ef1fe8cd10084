"""Sign-ups on their way to an account: the durable rows that `workflows.signing_up` moves (F1).

Whoever holds a row's lease may move it; a move by anybody else raises LeaseLost and changes nothing (K9).
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import Conflict, NotFound
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import DecryptionFailed, FieldCipher, KeyedIndex
from portal_app.storage.engine import MOST_ROWS, Database
from portal_app.storage.leases import FREED, LEASE, Lease, LeaseLost, held_by, is_free, once
from portal_app.storage.signup_overview import SignupOverview
from portal_app.storage.signup_records import (
    ADD_INTENT,
    ADDED,
    ADVANCING,
    AWAITING_EMAIL,
    COMPENSATING,
    COMPLETED,
    EXPIRED,
    NEEDS_REVIEW,
    PROVEN,
    REFUSED,
    TERMINAL,
    VERIFIED,
    WAITING_FOR_STAFF,
    SignupPayload,
    SignupRecord,
    opened,
    sealed,
    without_payload,
)
from portal_app.storage.tables.id_mappings import IdMapping
from portal_app.storage.tables.signups import SignupRow
from portal_app.storage.users import normalised

__all__ = [
    "ADDED",
    "ADD_INTENT",
    "AWAITING_EMAIL",
    "COMPENSATING",
    "COMPLETED",
    "EXPIRED",
    "NEEDS_REVIEW",
    "PROVEN",
    "REFUSED",
    "VERIFIED",
    "WAITING_FOR_STAFF",
    "LeaseLost",
    "SignupPayload",
    "SignupRecord",
    "Signups",
]

LONGEST_CODE: Final = 60
_ROW: Any = SignupRow
_MAPPED: Any = IdMapping
_COLUMNS: Any = SignupRow.__table__.c  # type: ignore[attr-defined]
_MAY_CHANGE: Final = frozenset(
    {
        "sf_contact_id",
        "case_id",
        "whmcs_client_id",
        "attempts",
        "last_attempt_at",
        "next_attempt_at",
        "error_code",
        "verified_at",
    }
)


class Signups(SignupOverview):
    """What was typed is sealed; e-mail and customer number are found by keyed hashes (C1)."""

    def __init__(self, db: Database, cipher: FieldCipher, index: KeyedIndex, clock: Clock) -> None:
        super().__init__(db, clock)
        self._cipher, self._index = cipher, index

    async def new_row(
        self,
        session: AsyncSession,
        *,
        signup_id: str,
        user_id: str,
        details_json: str,
        password_hash: str,
        locale: str,
        email: str,
        customer_number: str,
        sf_account_id: str,
    ) -> None:
        """Join the caller's transaction with a sign-up that waits for its e-mail to be verified."""
        now, payload = self._clock.now(), SignupPayload(details_json, password_hash, normalised(email))
        session.add(
            SignupRow(
                signup_id=signup_id,
                user_id=user_id,
                state=AWAITING_EMAIL,
                payload_sealed=sealed(self._cipher, signup_id, payload),
                locale=locale,
                email_index=self._email_index(email),
                number_index=self._index.of(f"signup_number|{customer_number}"),
                sf_account_id=sf_account_id,
                created_at=now,
                updated_at=now,
            )
        )
        await session.flush()

    async def get(self, signup_id: str) -> SignupRecord:
        """As it is now, held by nobody in particular. Raises NotFound, DecryptionFailed."""
        async with self._db.read() as session:
            row = await session.scalar(select(SignupRow).where(_ROW.signup_id == signup_id))
        if row is None:
            raise NotFound("signup", signup_id)
        return opened(self._cipher, row)

    async def waiting_for_mail(self, email: str) -> SignupRecord | None:
        """The newest sign-up of that address that was not verified yet. Raises DecryptionFailed."""
        newest = (
            select(SignupRow)
            .where(_ROW.email_index == self._email_index(email), _ROW.state == AWAITING_EMAIL)
            .order_by(_ROW.created_at.desc(), _ROW.signup_id.desc())
            .limit(1)
        )
        async with self._db.read() as session:
            row = await session.scalar(newest)
        return None if row is None else opened(self._cipher, row)

    async def take(self, signup_id: str) -> SignupRecord | None:
        """Hold a row for 90 s, whatever state it is in. None when somebody else does, or there is no such row.

        Raises: DecryptionFailed, and then holds nothing.
        """
        async with self._db.write() as session:
            taken = await session.execute(self._taking(_ROW.signup_id == signup_id))
            row = taken.one_or_none()
            return None if row is None else opened(self._cipher, row)

    async def claim_due(self, limit: int) -> list[SignupRecord]:
        """Up to `limit` rows to go on with now, longest due first, each held for 90 s.

        One whose payload does not open is left to a person, so it blocks nobody.
        """
        due = (
            select(_ROW.signup_id)
            .where(_ROW.state.in_(ADVANCING), _ROW.next_attempt_at <= self._clock.now())
            .where(is_free(SignupRow, self._clock.now()))
            .order_by(_ROW.next_attempt_at, _ROW.signup_id)
            .limit(min(limit, MOST_ROWS))
            .with_for_update(skip_locked=True)  # says nothing on SQLite, where the writer is alone anyway
        )
        async with self._db.write() as session:
            rows = (await session.execute(self._taking(_ROW.signup_id.in_(once(due))))).all()
        claimed = []
        for row in sorted(rows, key=lambda row: (row.next_attempt_at, row.signup_id)):
            try:
                claimed.append(opened(self._cipher, row))
            except DecryptionFailed:
                with suppress(LeaseLost):
                    await self.step(without_payload(row), NEEDS_REVIEW, error_code="unreadable")
        return claimed

    async def step(self, record: SignupRecord, to_state: str, **changes: Any) -> SignupRecord:
        """Like `step_in`, as a transaction of its own."""
        async with self._db.write() as session:
            return await self.step_in(session, record, to_state, **changes)

    async def step_in(self, session: AsyncSession, record: SignupRecord, to_state: str, **changes: Any) -> SignupRecord:
        """Move a held row within the caller's transaction; the record as it is then, held for 90 s from now.

        At the end of a sign-up its payload, claim and lease go. `changes` are the fields that F12 and the steps note.
        Raises: LeaseLost when somebody else took the row meanwhile or ended it, so that the transaction is undone.
        """
        if record.state in TERMINAL:
            raise LeaseLost(f"signup {record.signup_id} ended")
        changes = self._allowed(record, to_state, changes)
        ended = to_state in TERMINAL
        values: dict[str, Any] = {**changes, "state": to_state, "updated_at": self._clock.now()}
        values |= FREED if to_state not in (*ADVANCING, AWAITING_EMAIL) else {"lease_until": self._clock.now() + LEASE}
        values |= {"payload_sealed": "", "claimed_account": None} if ended else {}
        await self._write_held(session, record, values)
        return replace(record, state=to_state, payload=None if ended else record.payload, **changes)

    async def claim_account(self, record: SignupRecord, to_state: str) -> SignupRecord:
        """Move a held row and take its Salesforce account for it alone; again for the same row changes nothing.

        Raises: Conflict when another live sign-up has it, or a user is mapped to it. LeaseLost.
        """
        try:
            async with self._db.write() as session:
                moved = await self.step_in(session, record, to_state)
                # Whoever holds the same account makes this wait; a mapping they leave behind is then seen below.
                await self._write_held(session, moved, {"claimed_account": record.sf_account_id})
                if not record.sf_account_id or await self._is_mapped(session, record.sf_account_id):
                    raise Conflict("signup.number_unusable")
        except IntegrityError:
            raise Conflict("signup.number_unusable") from None
        return moved

    async def is_claimed(self, sf_account_id: str) -> bool:
        """Whether a live sign-up took that account."""
        async with self._db.read() as session:
            claimed = select(_ROW.signup_id).where(_ROW.claimed_account == sf_account_id)
            return await session.scalar(claimed) is not None

    async def release(self, record: SignupRecord) -> None:
        """Let go of a row; nothing happens when it is no longer ours."""
        async with self._db.write() as session:
            await session.execute(update(SignupRow).where(*self._held(record)).values(**FREED))

    def _email_index(self, email: str) -> str:
        return self._index.of(f"signup_email|{normalised(email)}")

    def _taking(self, which: Any) -> Any:
        now = self._clock.now()
        values = Lease.from_now(now).taken_on(SignupRow)
        return update(SignupRow).where(which, is_free(SignupRow, now)).values(**values).returning(*_COLUMNS)

    def _allowed(self, record: SignupRecord, to_state: str, changes: dict[str, Any]) -> dict[str, Any]:
        if unknown := changes.keys() - _MAY_CHANGE:
            raise TypeError(f"a step does not change {sorted(unknown)}")
        if "error_code" in changes:
            changes["error_code"] = changes["error_code"][:LONGEST_CODE]
        # A row that goes on by itself always has a time; one that does not never has.
        at = changes.get("next_attempt_at", record.next_attempt_at) or self._clock.now()
        return {**changes, "next_attempt_at": at if to_state in ADVANCING else None}

    def _held(self, record: SignupRecord) -> tuple[Any, ...]:
        return (_ROW.signup_id == record.signup_id, *held_by(SignupRow, record.lease_owner, record.fence))

    async def _write_held(self, session: AsyncSession, record: SignupRecord, values: dict[str, Any]) -> None:
        done = await session.execute(update(SignupRow).where(*self._held(record)).values(**values))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost(f"signup {record.signup_id}")

    async def _is_mapped(self, session: AsyncSession, sf_account_id: str) -> bool:
        mapped = select(_MAPPED.user_id).where(_MAPPED.sf_account_id == sf_account_id, _MAPPED.sf_account_id != "")
        return await session.scalar(mapped) is not None
