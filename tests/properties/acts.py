"""What people, staff and machines do in a story: a method for each rule, named by the rule."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from portal_app.domain.sign_up import SignUpDetails
from portal_app.errors import PortalError
from portal_app.security.sessions import Session
from portal_app.storage.idempotency import KEEP
from portal_app.workflows.linking import CodeNeeded
from tests.fakes.becoming_world import BROWSER, FIREFOX, HANAKO, IP, STRANGER
from tests.fakes.troubles import Troubles
from tests.properties.process import Outside, Process
from tests.properties.scenes import PEOPLE, WAITS, Step
from tests.properties.town import Town

OUTSIDE: Final = {"wait", "restart", "decide", "weather", "appear", "take", "remember"}
"""What the portal takes no part in."""


class Acts:
    """`sent`: every form with its password; its place is its key. `surprises`: what should not have happened."""

    process: Process
    outside: Outside
    troubles: Troubles
    town: Town

    def __init__(self) -> None:
        self.sent: list[tuple[SignUpDetails, str]] = []
        self._sent_at: list[datetime] = []
        self.sessions: list[Session] = []
        self.references: list[str] = []
        self.surprises: list[str] = []
        self.changed_passwords = 0

    # What people do

    async def _submit(self, step: Step) -> None:
        number, address = step.which % 3, step.which // 3
        other = (step.who + 1) % PEOPLE
        facts = {} if step.right else STRANGER
        email = [self.town.mail(step.who), self.town.second_mail(step.who), self.town.mail(other)][address]
        details = replace(
            HANAKO, customer_number=self.town.number(other if number == 2 else step.who), email=email, **facts
        )
        self.town.typed[email] = self.town.password(step.who)
        self.sent.append((details, self.town.password(step.who)))
        self._sent_at.append(self.process.clock.now())
        await self._send(len(self.sent) - 1)

    async def _again(self, step: Step) -> None:
        """The same form with the same key, as long as keys are remembered (K11)."""
        if self.sent:
            which = len(self.sent) - 1 - step.which % len(self.sent)
            if self.process.clock.now() - self._sent_at[which] < KEEP:
                await self._send(which)

    async def _send(self, which: int) -> None:
        details, password = self.sent[which]
        key = f"key-of-form-{which:08}"
        begun = await self.process.idempotency.begin("anon:x", "sign_up", key, "fingerprint")
        if begun.record is None:
            return
        try:
            await self.process.signing_up.submit(
                details, password, key=begun.record, locale="en", ip=IP, browser=BROWSER
            )
        except PortalError:
            await self.process.idempotency.forget(begun.record)
            raise

    async def _confirm(self, step: Step) -> None:
        mail = self._mail("verify_email", step.which)
        token, to = (mail["values"]["token"], mail["to"]) if mail else ("x" * 43, "")
        password = self.town.typed.get(to, "nobody's password") if step.right else "wrong password 99"
        confirmed = await self.process.confirm(token, password)
        if confirmed.tokens:
            self.sessions.append(confirmed.tokens.session)
        if (confirmed.outcome == "done") != (confirmed.tokens is not None):
            self.surprises.append(f"{confirmed.outcome} and its session do not go together")

    async def _resend(self, step: Step) -> None:
        address = self.town.second_mail(step.who) if step.which % 2 else self.town.mail(step.who)
        self.town.resent[address] += 1
        await self.process.recovery.resend(address, locale="en", ip=IP)

    async def _link(self, step: Step) -> None:
        password = self.town.billing_password(step.who) if step.right else "wrong"
        linked = await self.process.linking.link(
            self.town.mail(step.who), password, ip=IP, user_agent=FIREFOX, device=None, locale="en"
        )
        if isinstance(linked, CodeNeeded):
            self.references.append(linked.reference)
        else:
            self.sessions.append(linked.tokens.session)

    async def _code(self, step: Step) -> None:
        if not self.references:
            return
        mail = self._mail("link_code", step.which)
        code = mail["values"]["code"] if mail and step.right else "0"
        reference = self.references[step.which % len(self.references)]
        linked = await self.process.linking.finish(reference, code, ip=IP, user_agent=FIREFOX)
        self.sessions.append(linked.tokens.session)

    async def _first_password(self, step: Step) -> None:
        if not self.sessions:
            return
        session = self.sessions[step.which % len(self.sessions)]
        self.changed_passwords += 1
        await self.process.recovery.set_first_password(session, self.town.new_password, user_agent=FIREFOX)

    async def _forgot(self, step: Step) -> None:
        await self.process.recovery.forgot(self.town.mail(step.who), locale="ja", ip=IP)

    async def _reset(self, step: Step) -> None:
        mail = self._mail("reset_password", step.which)
        self.changed_passwords += 1
        await self.process.recovery.reset(mail["values"]["token"] if mail else "x" * 43, self.town.new_password, ip=IP)

    async def _sign_in(self, step: Step) -> None:
        email = self.town.second_mail(step.who) if step.which % 2 else self.town.mail(step.who)
        await self._signs_in(email, self.town.password(step.who) if step.right else self.town.new_password)

    def _mail(self, template: str, which: int) -> dict[str, Any] | None:
        """One of that kind that arrived, 0 for the newest."""
        mails = [mail for mail in self.outside.mails if mail["template"] == template]
        return mails[-1 - which % len(mails)] if mails else None

    # What machines do

    async def _deliver(self, step: Step) -> None:
        await self.process.deliver()

    async def _advance(self, step: Step) -> None:
        await self.process.signing_up.advance_due()

    async def _housekeep(self, step: Step) -> None:
        await self.process.signups.prune()
        await self.process.tokens.prune()
        await self.process.idempotency.prune()
        await self.process.outbox.prune()

    # What happens outside

    async def _wait(self, step: Step) -> None:
        await asyncio.sleep(WAITS[step.which])

    async def _decide(self, step: Step) -> None:
        self.town.decide_one(step.which, approve=step.right)

    async def _weather(self, step: Step) -> None:
        down: list[set[Any]] = [{"whmcs"}, {"salesforce"}, {"whmcs", "salesforce"}, set()]
        self.troubles.down = down[step.which]

    async def _repair(self, step: Step) -> None:
        """A person looks after a sign-up that was left to them, or tries to with one that was not."""
        rows = await self.process.rows("SELECT signup_id FROM signups ORDER BY state = 'NEEDS_REVIEW' DESC, created_at")
        if rows:
            signup_id = rows[step.which % len(rows)][0]
            repair = self.process.signing_up.repair
            await (repair.resume(signup_id) if step.right else repair.refuse(signup_id))

    async def _remember(self, step: Step) -> None:
        self.town.billing_password_is_reset(step.who)

    async def _appear(self, step: Step) -> None:
        self.town.client_appears(step.who)

    async def _take(self, step: Step) -> None:
        self.town.account_is_taken(step.who)

    async def _signs_in(self, email: str, password: str) -> None:
        signed_in = await self.process.signing_in.sign_in(email, password, device=None, ip=IP, user_agent=FIREFOX)
        if signed_in.tokens.session.customer is None:
            self.surprises.append("somebody signed in who is no customer")
