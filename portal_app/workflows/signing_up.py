"""Signing up: what the form starts, what the mailed link proves, and what the worker brings to an end.

The row in `signups` is the recovery point. Whoever holds its lease takes the steps of `sign_up_steps`; nothing that can
sign in exists before the last of them.
"""

import asyncio
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from portal_app.domain.emails import clean_email
from portal_app.domain.sign_up import SignUpDetails
from portal_app.errors import Busy, InvalidInput
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.registration import Registration
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions, Tokens
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens, TokenRecord
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.idempotency import IdempotencyKeys, KeyRecord
from portal_app.storage.outbox import Outbox
from portal_app.storage.signups import AWAITING_EMAIL, COMPLETED, VERIFIED, SignupRecord, Signups
from portal_app.storage.users import Locale, Users
from portal_app.workflows.account_mails import ask_for_mail
from portal_app.workflows.lanes import Lanes
from portal_app.workflows.sign_up_checks import SignUpChecks
from portal_app.workflows.sign_up_details import details_text
from portal_app.workflows.sign_up_due import DueSignUps
from portal_app.workflows.sign_up_repair import SignUpRepair
from portal_app.workflows.sign_up_steps import RUN_S, SignUpSteps
from portal_app.workflows.signing_in import device_label
from portal_app.workflows.token_problems import usable

log = logging.getLogger(__name__)

Outcome = Literal["done", "waiting", "finishing", "refused"]

SETTLE: Final = timedelta(seconds=60)
CONFIRM_S: Final = 12.0
"""So long a browser waits for its account; then the worker goes on and a mail tells."""
HTTP_ACCEPTED: Final = 202
ANSWER: Final = {"status": "check_your_mail"}
_OUTCOMES: Final[dict[str, Outcome]] = {"COMPLETED": "done", "WAITING_FOR_STAFF": "waiting", "REFUSED": "refused"}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of a verified sign-up so far. `tokens` only when it is done."""

    outcome: Outcome
    tokens: Tokens | None = None


class SigningUp:
    """`submit` by the form, `confirm` by the mailed link, `advance_due` by the worker, `repair` by a person."""

    def __init__(
        self,
        *,
        signups: Signups,
        tokens: EmailTokens,
        idempotency: IdempotencyKeys,
        users: Users,
        accounts: Accounts,
        cases: Cases,
        registration: Registration,
        passwords: Passwords,
        sessions: Sessions,
        limits: Limits,
        outbox: Outbox,
        db: Database,
        index: KeyedIndex,
        bus: Bus,
        cache: Cache,
        audit: Audit,
        clock: Clock,
        settle: timedelta = SETTLE,
    ) -> None:
        self._signups, self._tokens, self._idempotency = signups, tokens, idempotency
        self._users, self._passwords, self._sessions = users, passwords, sessions
        self._outbox, self._db = outbox, db
        self._bus, self._audit, self._clock = bus, audit, clock
        self._lanes = Lanes("sign-up")
        self._checks = SignUpChecks(
            signups=signups,
            users=users,
            accounts=accounts,
            passwords=passwords,
            limits=limits,
            index=index,
            audit=audit,
        )
        self._running: set[asyncio.Task[str]] = set()
        self._steps = SignUpSteps(
            signups=signups,
            users=users,
            accounts=accounts,
            cases=cases,
            registration=registration,
            outbox=outbox,
            db=db,
            bus=bus,
            cache=cache,
            audit=audit,
            clock=clock,
            settle=settle,
        )
        self._due = DueSignUps(signups, cases, self._steps)
        self.repair = SignUpRepair(signups, self._steps)

    async def submit(
        self,
        details: SignUpDetails,
        password: str,
        *,
        key: KeyRecord,
        locale: Locale,
        ip: str,
        browser: str,
    ) -> None:
        """Note a sign-up and have a mail sent. The work is the same whether or not the e-mail is known (P5).

        `key` is the idempotency key begun for this request: it succeeds in the same transaction, with `ANSWER`.
        `browser` is whatever tells one browser from another, for the limit on customer numbers.
        Raises: InvalidFields (password, customer_number), TooManyTries, UpstreamError, Busy; then nothing is stored.
        """
        email = clean_email(details.email)
        account_id = await self._checks.usable_account(details, email, password, ip=ip, browser=browser)
        password_hash = await self._passwords.hash(password)
        signup_id = str(uuid.uuid4())
        async with self._db.write() as tx:
            await self._signups.new_row(
                tx,
                signup_id=signup_id,
                user_id=str(uuid.uuid4()),
                details_json=details_text(details),
                password_hash=password_hash,
                locale=locale,
                email=email,
                customer_number=details.customer_number,
                sf_account_id=account_id,
            )
            await ask_for_mail(self._outbox, tx, "signup", signup_id=signup_id)
            await self._idempotency.succeeded(tx, key, HTTP_ACCEPTED, ANSWER)
            detail = {"signup": signup_id}
            await self._audit.record("sign_up.submitted", outcome="ok", detail=detail, client_ip=ip, session=tx)
        await self._bus.publish("work:outbox")

    async def confirm(self, token: str, password: str, *, ip: str, user_agent: str, locale: Locale) -> Confirmed:
        """The mailed link was opened and the password of the sign-up typed: that verifies the e-mail.

        Then the account is made. What is not done in time the worker finishes, and a mail says so. A link works once;
        five wrong passwords end it.
        Raises: InvalidInput("token" | "password", ...), Busy.
        """
        if not password:
            raise InvalidInput("password", "sign_in.password_missing")
        found = usable(await self._tokens.find("verify", token), self._clock.now())
        async with self._lanes.of(found.token_id):
            record = await self._verified(found, password, ip)
        state = await self._made(record)
        if state != COMPLETED:
            return Confirmed(_OUTCOMES.get(state, "finishing"))
        if locale != record.locale:
            await self._users.set_locale(record.user_id, locale)  # chosen by hand since the form
        return Confirmed("done", await self._sessions.start(record.user_id, device_label=device_label(user_agent)))

    async def advance(self, signup_id: str) -> str:
        """Take the steps that can be taken now; the state it came to. Nothing happens while somebody else does."""
        record = await self._signups.take(signup_id)
        if record is None:
            return (await self._signups.get(signup_id)).state
        return await self._steps.run(record)

    async def advance_due(self) -> str:
        """Every sign-up whose next try is due, decisions of staff included; one line about it."""
        return f"{await self._due.advance()} sign-ups"

    async def stop(self) -> None:
        """Cut off what still runs for browsers that no longer wait; the rows say where to go on."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _verified(self, found: TokenRecord, password: str, ip: str) -> SignupRecord:
        """Held by our lease, with the e-mail verified and the link used, in one transaction."""
        signup = await self._signups.get(found.subject)
        if signup.payload is None:
            raise InvalidInput("token", "token.expired")
        if not (await self._passwords.verify(password, signup.payload.password_hash)).ok:
            left = await self._tokens.failed(found)
            raise InvalidInput("password", "verify.password_wrong") if left else InvalidInput("token", "token.void")
        record = await self._signups.take(found.subject)
        if record is None:
            raise Busy("sign-up")
        try:
            return await self._note_verified(record, found, ip)
        except BaseException:
            await self._signups.release(record)
            raise

    async def _note_verified(self, record: SignupRecord, found: TokenRecord, ip: str) -> SignupRecord:
        now = self._clock.now()
        async with self._db.write() as tx:
            if record.state != AWAITING_EMAIL or not await self._tokens.use(tx, found):
                raise InvalidInput("token", "token.used")
            detail = {"signup": record.signup_id}
            await self._audit.record("sign_up.verified", outcome="ok", detail=detail, client_ip=ip, session=tx)
            return await self._signups.step_in(tx, record, VERIFIED, verified_at=now, next_attempt_at=now)

    async def _made(self, record: SignupRecord) -> str:
        """The state after the steps, or the one it is in when the browser has waited long enough."""
        task = asyncio.create_task(self._run(record), name="sign-up")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=CONFIRM_S)
        return task.result() if done else record.state

    async def _run(self, record: SignupRecord) -> str:
        try:
            # Ends before the lease does, so that nobody else can be at it.
            with deadline(RUN_S, inherit=False):
                return await self._steps.run(record)
        except Exception:
            # The e-mail is verified: the worker goes on from the row, and the customer is told to wait for a mail.
            log.exception("sign_up_interrupted")
            return record.state
