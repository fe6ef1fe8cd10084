"""The steps from a verified e-mail to an account, each its own transaction, for whoever holds the sign-up's lease.

    VERIFIED -> [WAITING_FOR_STAFF] -> PROVEN -> ADD_INTENT -> ADDED -> COMPLETED
    VERIFIED, WAITING_FOR_STAFF, PROVEN, ADD_INTENT -> REFUSED;  ADDED, NEEDS_REVIEW -> COMPENSATING -> REFUSED
    any -> NEEDS_REVIEW

A step that cannot be taken now leaves the row where it is, with the time of the next try (F12).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.cases import Cases, Decision
from portal_app.integrations.whmcs.registration import Registration
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.signups import (
    ADD_INTENT,
    ADDED,
    COMPENSATING,
    PROVEN,
    VERIFIED,
    WAITING_FOR_STAFF,
    LeaseLost,
    SignupRecord,
    Signups,
)
from portal_app.storage.users import Users
from portal_app.workflows.findings import code_of
from portal_app.workflows.sign_up_account import SignUpAccount
from portal_app.workflows.sign_up_moves import Failed, Later, SignUpMoves
from portal_app.workflows.sign_up_proof import SignUpProof

log = logging.getLogger(__name__)

RUN_S: Final = 60.0
"""Of all steps taken in one go; less than a lease, so that nobody else can be at it meanwhile."""

Step = Callable[[SignupRecord], Awaitable[SignupRecord]]
Decisions = Mapping[str, Decision]


class SignUpSteps:
    """`run` takes as many steps as can be taken now."""

    def __init__(
        self,
        *,
        signups: Signups,
        users: Users,
        accounts: Accounts,
        cases: Cases,
        registration: Registration,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        cache: Cache,
        audit: Audit,
        clock: Clock,
        settle: timedelta,
    ) -> None:
        self._signups, self._clock = signups, clock
        self.moves = SignUpMoves(signups, outbox, db, bus, audit, clock)
        self._proof = SignUpProof(self.moves, users, accounts, cases, clock)
        self._account = SignUpAccount(
            self.moves, self._proof, signups, users, registration, outbox, db, bus, cache, audit, clock, settle
        )

    async def run(self, record: SignupRecord, decisions: Decisions | None = None) -> str:
        """The state it came to. `record` is held by the caller's lease, which ends here."""
        steps = self._steps(decisions)
        try:
            while step := steps.get(record.state):
                record = await self._taken(step, record)
                if record.next_attempt_at is None or record.next_attempt_at > self._clock.now():
                    break
            await self._signups.release(record)
        except LeaseLost:
            return (await self._signups.get(record.signup_id)).state
        return record.state

    async def failed(self, record: SignupRecord, code: str) -> None:
        """The step could not be taken for a reason found outside of it. Raises: LeaseLost."""
        await self._signups.release(await self.moves.failed(record, code))

    def _steps(self, decisions: Decisions | None) -> dict[str, Step]:
        async def ask_staff(record: SignupRecord) -> SignupRecord:
            return await self._proof.ask_staff(record, decisions)

        return {
            VERIFIED: self._proof.prove,
            WAITING_FOR_STAFF: ask_staff,
            PROVEN: self._account.claim,
            ADD_INTENT: self._account.add,
            ADDED: self._account.finish,
            COMPENSATING: self._account.compensate,
        }

    async def _taken(self, step: Step, record: SignupRecord) -> SignupRecord:
        """The row after the step, or in the same state with the time of the next try."""
        try:
            return await step(record)
        except Later as later:
            return await self.moves.wait(record, later.at)
        except Failed as failed:
            return await self.moves.failed(record, failed.code, failed.not_before)
        except (UpstreamError, Busy, NotFound) as failure:
            return await self.moves.failed(record, code_of(failure))
        except LeaseLost:
            raise
        except Exception:
            # A person must see it in the end, and until then it must not be tried without a pause.
            log.exception("sign_up_surprised", extra={"state": record.state})
            return await self.moves.failed(record, "unexpected")
