"""How a sign-up's row moves: each move is one transaction with the mail and the audit row it causes."""

import logging
from datetime import datetime
from typing import Any, Final

from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.signups import NEEDS_REVIEW, REFUSED, SignupRecord, Signups
from portal_app.storage.work_queue import pause

log = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 28
"""Of one step: 5 s, 15 s, 1, 5, 15 min, then hourly make a day (F12). Then a person must look."""

NUMBER_UNUSABLE: Final = "number_unusable"
EMAIL_TAKEN: Final = "email_taken"
EMAIL_IN_WHMCS: Final = "email_in_whmcs"
BILLING_REFUSED: Final = "billing_refused"
NOT_CONFIRMED: Final = "not_confirmed"
LOCAL_CONFLICT: Final = "local_conflict"
CASE_GONE: Final = "case_gone"
CLIENT_MAPPED: Final = "client_mapped"
MAILS: Final = {
    NUMBER_UNUSABLE: "signup_failed",
    EMAIL_TAKEN: "have_account",
    EMAIL_IN_WHMCS: "link_instead",
    BILLING_REFUSED: "signup_failed",
    NOT_CONFIRMED: "signup_not_confirmed",
    LOCAL_CONFLICT: "signup_failed",
}
"""Why a sign-up ended without an account -> the mail that says so."""


class Later(Exception):
    """The step waits until then; nothing went wrong."""

    def __init__(self, at: datetime) -> None:
        super().__init__("later")
        self.at = at


class Failed(Exception):
    """The step failed and is tried again, not before that time."""

    def __init__(self, code: str, not_before: datetime) -> None:
        super().__init__(code)
        self.code, self.not_before = code, not_before


class SignUpMoves:
    """Every move raises LeaseLost when somebody else took the row over; the old holder then writes nothing (K9)."""

    def __init__(self, signups: Signups, outbox: Outbox, db: Database, bus: Bus, audit: Audit, clock: Clock) -> None:
        self._signups, self._outbox, self._db = signups, outbox, db
        self._bus, self._audit, self._clock = bus, audit, clock

    async def to(self, record: SignupRecord, state: str, *, mail: str = "", **changes: Any) -> SignupRecord:
        """On to another state, with a mail to the address of the sign-up where one is due."""
        async with self._db.write() as tx:
            if mail:
                await self._outbox.add(tx, "mail", f"sign-up:{record.signup_id}:{state}", _mail(record, mail))
            moved = await self._signups.step_in(
                tx, record, state, **{"attempts": 0, "error_code": "", "next_attempt_at": self._clock.now(), **changes}
            )
        if mail:
            await self._bus.publish("work:outbox")
        return moved

    async def refuse(self, record: SignupRecord, code: str) -> SignupRecord:
        """The end, without an account; the mail says what to do."""
        async with self._db.write() as tx:
            await self._outbox.add(tx, "mail", f"sign-up:{record.signup_id}:refused", _mail(record, MAILS[code]))
            await self._audit.record("sign_up.refused", outcome=code, detail={"signup": record.signup_id}, session=tx)
            refused = await self._signups.step_in(tx, record, REFUSED, error_code=code)
        log.info("sign_up_refused", extra={"reason": code})
        await self._bus.publish("work:outbox")
        return refused

    async def wait(self, record: SignupRecord, at: datetime) -> SignupRecord:
        """Stay, and look again then."""
        return await self._signups.step(record, record.state, next_attempt_at=at)

    async def failed(self, record: SignupRecord, code: str, not_before: datetime | None = None) -> SignupRecord:
        """Stay, and try again after a growing pause; after a day of that a person must look."""
        attempts = record.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            return await self.give_up(record, code)
        at = self._clock.now() + pause(record.attempts)
        log.warning("sign_up_step_failed", extra={"state": record.state, "reason": code, "attempts": attempts})
        return await self._signups.step(
            record, record.state, attempts=attempts, next_attempt_at=max(at, not_before or at), error_code=code
        )

    async def give_up(self, record: SignupRecord, code: str) -> SignupRecord:
        """Leave it to a person, as it is."""
        log.error("sign_up_needs_review", extra={"state": record.state, "reason": code})
        async with self._db.write() as tx:
            await self._audit.record(
                "sign_up.needs_review", outcome=code, detail={"signup": record.signup_id}, session=tx
            )
            return await self._signups.step_in(tx, record, NEEDS_REVIEW, error_code=code)


def email_of(record: SignupRecord) -> str:
    """The verified address. Raises: LookupError when the payload is gone, which ends with the sign-up."""
    if record.payload is None:
        raise LookupError("payload")
    return record.payload.email


def _mail(record: SignupRecord, template: str) -> dict[str, Any]:
    return {"template": template, "to": email_of(record), "locale": record.locale, "values": {}}
