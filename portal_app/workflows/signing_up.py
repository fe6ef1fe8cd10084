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

from portal_app.domain.sign_up import SignUpDetails
from portal_app.errors import Busy, InvalidFields, InvalidInput, UpstreamError, UpstreamRejected
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.registration import Registration
from portal_app.security.audit import Audit
from portal_app.security.emails import clean_email
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
from portal_app.storage.signups import (
    AWAITING_EMAIL,
    COMPLETED,
    VERIFIED,
    WAITING_FOR_STAFF,
    LeaseLost,
    SignupRecord,
    Signups,
)
from portal_app.storage.users import Locale, Users
from portal_app.workflows.account_mails import ask_for_mail
from portal_app.workflows.findings import code_of
from portal_app.workflows.lanes import Lanes
from portal_app.workflows.sign_up_details import details_text
from portal_app.workflows.sign_up_moves import NUMBER_UNUSABLE
from portal_app.workflows.sign_up_steps import Decisions, SignUpSteps
from portal_app.workflows.signing_in import device_label
from portal_app.workflows.token_problems import usable

log = logging.getLogger(__name__)

Outcome = Literal["done", "waiting", "finishing", "refused"]

SETTLE: Final = timedelta(seconds=60)
CONFIRM_S: Final = 12.0
"""So long a browser waits for its account; then the worker goes on and a mail tells."""
RUN_S: Final = 60.0
BATCH: Final = 20
AT_ONCE: Final = 4
HTTP_ACCEPTED: Final = 202
ANSWER: Final = {"status": "check_your_mail"}
_OUTCOMES: Final[dict[str, Outcome]] = {"COMPLETED": "done", "WAITING_FOR_STAFF": "waiting", "REFUSED": "refused"}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of a verified sign-up so far. `tokens` only when it is done."""

    outcome: Outcome
    tokens: Tokens | None = None


class SigningUp:
    """`submit` by the form, `confirm` by the mailed link, `advance_due` by the worker."""

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
        self._users, self._accounts, self._cases = users, accounts, cases
        self._passwords, self._sessions, self._limits = passwords, sessions, limits
        self._outbox, self._db, self._index = outbox, db, index
        self._bus, self._audit, self._clock = bus, audit, clock
        self._lanes = Lanes("sign-up")
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
        self._check_password(details, email, password)
        await self._limits.hit("sign_up_email", self._index.of(f"account|{email}"))
        await self._limits.hit("sign_up_number", details.customer_number)
        await self._limits.hit("number_lookup", browser)
        account_id = await self._usable_account(details.customer_number, ip)
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
        found = usable(await self._tokens.find("verify", token), self._clock.now())
        async with self._lanes.of(found.token_id):
            record = await self._verified(found, password, ip)
        state = await self._made(record)
        if state != COMPLETED:
            return Confirmed(_OUTCOMES.get(state, "finishing"))
        return Confirmed("done", await self._sessions.start(record.user_id, device_label=device_label(user_agent)))

    async def advance(self, signup_id: str) -> str:
        """Take the steps that can be taken now; the state it came to. Nothing happens while somebody else does."""
        record = await self._signups.take(signup_id)
        if record is None:
            return (await self._signups.get(signup_id)).state
        return await self._steps.run(record)

    async def advance_due(self) -> str:
        """Every sign-up whose next try is due, decisions of staff included; one line about it."""
        due = await self._signups.claim_due(BATCH)
        decisions = await self._decisions([record for record in due if record.state == WAITING_FOR_STAFF])
        slots = asyncio.Semaphore(AT_ONCE)

        async def go_on(record: SignupRecord) -> None:
            async with slots:
                await self._go_on(record, decisions)

        await asyncio.gather(*(go_on(record) for record in due))
        return f"{len(due)} sign-ups"

    async def stop(self) -> None:
        """Cut off what still runs for browsers that no longer wait; the rows say where to go on."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _check_password(self, details: SignUpDetails, email: str, password: str) -> None:
        try:
            self._passwords.check_new(password, email)
        except InvalidInput as bad:
            raise InvalidFields({"password": bad.reason}) from None
        plain = _letters(password)
        names = details.first_name, details.last_name
        phones = details.phone, details.phone.replace("+81", "0", 1)
        own = (*names, "".join(names), "".join(reversed(names)), details.customer_number, *phones)
        if plain in {_letters(text) for text in own}:
            raise InvalidFields({"password": "password.is_own_data"})

    async def _usable_account(self, customer_number: str, ip: str) -> str:
        """The Salesforce account of the number. Unknown, linked and being linked read the same (one sentence)."""
        try:
            state = await self._accounts.find_by_customer_number(customer_number)
        except UpstreamRejected as refused:
            if refused.code != "more_than_one":
                raise
            state = None
        account_id = "" if state is None or state.linked else state.salesforce_account_id
        mapped = await self._users.find_customer_of_account(account_id)
        if not account_id or mapped is not None or await self._signups.is_claimed(account_id):
            await self._audit.record("sign_up.refused", outcome=NUMBER_UNUSABLE, client_ip=ip)
            raise InvalidFields({"customer_number": "signup.number_unusable"})
        return account_id

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

    async def _go_on(self, record: SignupRecord, decisions: Decisions | None) -> None:
        try:
            if record.state == WAITING_FOR_STAFF and decisions is None:
                await self._steps.failed(record, "staff_unreadable")
            else:
                with deadline(RUN_S, inherit=False):
                    await self._steps.run(record, decisions)
        except LeaseLost:
            return
        except Exception:
            # One row must not keep the others from their turn; its lease runs out and it is tried again.
            log.exception("sign_up_interrupted")

    async def _decisions(self, waiting: list[SignupRecord]) -> Decisions | None:
        """What staff decided about these, asked once for all of them; None when Salesforce does not say."""
        if not waiting:
            return {}
        try:
            return await self._cases.decisions([record.case_id for record in waiting])
        except (UpstreamError, Busy) as failure:
            log.warning("decisions_not_read", extra={"code": code_of(failure)})
            return None


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
