"""From what a customer wrote to a question or a comment in Salesforce: one, whatever is lost on the way.

A post is committed, with the intent to send it and an outbox row, before anything leaves (F1). Who finds one without
an outcome waits until the lost write has settled, looks for it by the question's external id or the comment's first
line, and only then sends it (again) (F4, F8). So it is there once: never twice, never not at all.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Protocol, cast

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.case_texts import reference_of, with_related
from portal_app.domain.cases import RelatedChoice, RelatedKind, Topic
from portal_app.domain.customer import Customer
from portal_app.errors import (
    Busy,
    NotFound,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.case_rows import CaseState
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.integrations.upstream import deadline
from portal_app.integrations.upstream.deadline import begins_within
from portal_app.security.audit import Audit
from portal_app.storage.bus import Bus
from portal_app.storage.case_posts import MOVES, POSTED, WAITING, CasePost, CasePosts, PostContent
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.storage.users import Users

log = logging.getLogger(__name__)

CASE_POST: Final = "case_post"
SYSTEM: Final = "salesforce"
SETTLE: Final = timedelta(seconds=60)
"""Longer than a write to Salesforce may take: until then Salesforce may still be at it (F4)."""
KEPT_FOR: Final = SETTLE + timedelta(seconds=5)
BEGIN_S: Final = 10.0
"""A write begins so soon after its intent or is not sent: what it did late would be looked for too early."""
SEND_S: Final = 25.0
DELIVER_S: Final = 60.0
"""Less than the lease of an outbox row."""
GIVE_UP_AFTER: Final = timedelta(hours=23)
"""Before the outbox does: the customer is told that it was not sent."""
OURS_TO_REPAIR: Final = frozenset({"no_access", "field", "object", "query", "storage", "required"})
"""Refusals of the portal's rights, not of this message: put right by an operator, then repeated."""


class TakesFiles(Protocol):
    """What a message does with its files, as `storage.case_files.CaseFiles` does."""

    async def take_in(self, tx: AsyncSession, file_ids: Sequence[str], post_id: str) -> None: ...

    async def release_in(self, tx: AsyncSession, post_id: str) -> None: ...

    async def of_posts(self, post_ids: Iterable[str]) -> Mapping[str, Sequence[Any]]: ...


class AttachesFiles(Protocol):
    """Has files lie with their question, as `workflows.case_files.CaseFileDesk` does; twice is the same as once."""

    async def attach(self, customer: Customer, case_id: str, file_ids: Sequence[str]) -> None: ...


class SupportPosts:
    """`send` while the customer waits, `deliver` for the outbox."""

    def __init__(
        self,
        *,
        cases: SupportCases,
        posts: CasePosts,
        files: TakesFiles,
        desk: AttachesFiles,
        users: Users,
        outbox: Outbox,
        db: Database,
        bus: Bus,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._cases, self._posts, self._files, self._desk = cases, posts, files, desk
        self._users, self._outbox, self._db, self._bus = users, outbox, db, bus
        self._audit, self._clock = audit, clock

    async def send(self, customer: Customer, post: CasePost, state: CaseState | None) -> str:
        """The question's id, with a post that was committed a moment ago in it. `state`: of a question there is.

        Raises: UpstreamOutcomeUnknown while it is kept and will be sent; UpstreamRejected, NotFound when it never will.
        """
        try:
            with begins_within(BEGIN_S), deadline(SEND_S):
                case_id = await self._write(customer, post, state)
        except (UpstreamRejected, NotFound) as refusal:
            if not _is_ours_to_repair(refusal):
                await self._refuse(customer, post, refusal, told=True)
                raise
            await self._not_sent(customer, post)
        except (UpstreamUnavailable, Busy):
            await self._not_sent(customer, post)
        except UpstreamError:
            await self._note(customer, post, "unknown")
            await self._tell(customer)
        else:
            return await self._settled(customer, post, case_id)
        raise UpstreamOutcomeUnknown(SYSTEM, CASE_POST, "kept")

    async def deliver(self, payload: Mapping[str, Any], reference: str) -> None:
        """Handles outbox rows of kind `case_post`.

        Raises: Busy while a write of it may still be under way; UpstreamError, Busy; NotFound without the customer.
        """
        post = await self._posts.find_any(str(payload["post_id"]))
        if post is None or post.state not in (WAITING, POSTED):
            return
        customer = await self._users.find_customer(post.user_id)
        if customer is None:
            raise NotFound("customer")
        try:
            with deadline(DELIVER_S):
                case_id = await self._delivered(customer, post) if post.state == WAITING else post.salesforce_case_id
                if case_id is not None:
                    await self._finish(customer, post, case_id)
        except (UpstreamRejected, NotFound):
            raise
        except Exception:
            await self._go_on(post)
            raise
        await self._tell(customer)

    async def _delivered(self, customer: Customer, post: CasePost) -> str | None:
        """None: it needs nothing more. Raises: as `deliver`."""
        try:
            return await self._again(customer, post)
        except (UpstreamRejected, NotFound) as refusal:
            if _is_ours_to_repair(refusal):
                await self._posts.not_sent(post.post_id)
                # As the outbox repeats it: what it hears was rejected it leaves to a person.
                raise UpstreamUnavailable(SYSTEM, CASE_POST, "not_allowed") from None
            await self._refuse(customer, post, refusal, told=False)
        except (UpstreamUnavailable, Busy) as unsent:
            if not await self._gave_up(customer, post, unsent):
                raise
        return None

    async def _again(self, customer: Customer, post: CasePost) -> str | None:
        """Look first; send when it is not there, alone."""
        if post.kind in MOVES and await self._posts.is_overtaken(post):
            await self._posts.overtaken(post.post_id)
            return None
        if _may_be_under_way(post, self._clock) or await self._must_wait(post):
            raise Busy(CASE_POST)
        found, state = await self._look(customer, post)
        if found is None:
            if not await self._posts.intend(post, SETTLE):
                raise Busy(CASE_POST)
            try:
                with begins_within(BEGIN_S):
                    found = await self._write(customer, post, state)
            except (UpstreamUnavailable, Busy):
                await self._posts.not_sent(post.post_id)
                raise
        await self._posts.posted(post.post_id, found)
        await self._cases.clear(customer)  # a copy from before would be all there is to see of it
        await self._note(customer, post, "ok")
        return found

    async def _look(self, customer: Customer, post: CasePost) -> tuple[str | None, CaseState | None]:
        """The question's id when the post is there already; how the question stands.

        Raises: UpstreamUnavailable also when the look itself is refused: that says nothing about the post.
        """
        try:
            return await self._seen(customer, post)
        except UpstreamRejected as refused:
            log.error("a post could not be looked for", exc_info=refused, extra={"user_id": customer.user_id})
            raise UpstreamUnavailable(SYSTEM, CASE_POST, refused.code) from None

    async def _seen(self, customer: Customer, post: CasePost) -> tuple[str | None, CaseState | None]:
        if post.kind == "open":
            return await self._cases.find_by_reference(customer, reference_of(post.post_id)), None
        state = await self._cases.get_state(customer, post.salesforce_case_id, background=True)
        there = post.kind == "comment" and await self._cases.find_comment(
            customer, state.salesforce_case_id, post.marker
        )
        return state.salesforce_case_id if there else None, state

    async def _write(self, customer: Customer, post: CasePost, state: CaseState | None) -> str:
        content = post.content
        if post.kind == "open":
            return await self._cases.create(
                customer,
                reference_of(post.post_id),
                subject=content.subject,
                description=with_related(content.body, _related(content)),
                topic=Topic(content.topic),
                salesforce_contact_id=await self._users.find_contact(customer.user_id),
            )
        if state is None:
            raise ValueError("a question there is has a state")
        if post.kind == "comment":
            await self._cases.comment(customer, state, post.post_id, content.body)
        elif await self._must_wait(post):
            raise Busy(CASE_POST)
        else:
            await self._cases.set_status(customer, state, closed=post.kind == "close")
        return state.salesforce_case_id

    async def _must_wait(self, post: CasePost) -> bool:
        """Closing and opening again keep their order, also behind a reply that opens the question again."""
        return post.kind in MOVES and await self._posts.is_unsettled(post, SETTLE)

    async def _settled(self, customer: Customer, post: CasePost, case_id: str) -> str:
        """It is in Salesforce. What cannot be noted, or attached, now the worker sees to, which finds it there."""
        try:
            await self._posts.posted(post.post_id, case_id)
            await self._note(customer, post, "ok")
            await self._finish(customer, post, case_id)
        except (UpstreamError, Busy, NotFound) as failure:
            log.warning("files not attached yet", exc_info=failure, extra={"user_id": customer.user_id})
            await self._hasten(post)
        except Exception as failure:
            log.exception("post not noted", extra={"user_id": customer.user_id})
            raise UpstreamOutcomeUnknown(SYSTEM, CASE_POST, "not_noted") from failure
        finally:
            await self._tell(customer)
        return case_id

    async def _finish(self, customer: Customer, post: CasePost, case_id: str) -> None:
        """Its files lie with it, nothing waits for it any more."""
        if files := (await self._files.of_posts([post.post_id])).get(post.post_id):
            await self._desk.attach(customer, case_id, [one.file_id for one in files])
        await self._posts.done(post.post_id)
        await self._outbox.happened(dedupe_key(post.post_id))
        await self._cases.clear(customer)

    async def _not_sent(self, customer: Customer, post: CasePost) -> None:
        """It surely did not leave: the worker tries at once."""
        await self._posts.not_sent(post.post_id)
        await self._note(customer, post, "later")
        await self._hasten(post)
        await self._tell(customer)

    async def _hasten(self, post: CasePost) -> None:
        await self._outbox.hasten(dedupe_key(post.post_id))
        await self._bus.publish("work:outbox")

    async def _gave_up(self, customer: Customer, post: CasePost, why: Exception) -> bool:
        """Salesforce was away for a day. What surely never left is given up, and the customer writes it anew.

        What may be there is looked for until Salesforce answers.
        """
        if self._clock.now() - post.created_at < GIVE_UP_AFTER:
            return False
        now = await self._posts.find_any(post.post_id)
        if now is not None and now.state == WAITING and now.intent_at is None:
            await self._refuse(customer, post, why, told=False)
            return True
        return False

    async def _go_on(self, post: CasePost) -> None:
        """The outbox ends its row after a day: another one takes its place, for as long as anything is open."""
        age = self._clock.now() - post.created_at
        if age >= GIVE_UP_AFTER:
            key = f"{dedupe_key(post.post_id)}:{age.days + 1}"
            async with self._db.write() as tx:
                await self._outbox.add(tx, CASE_POST, key, {"post_id": post.post_id}, delay=timedelta(hours=1))

    async def _refuse(self, customer: Customer, post: CasePost, why: Exception, *, told: bool) -> None:
        code = why.code if isinstance(why, UpstreamError) else "gone" if isinstance(why, NotFound) else "unavailable"
        async with self._db.write() as tx:
            if await self._posts.refuse_in(tx, post.post_id, code or "refused", told=told):
                await self._files.release_in(tx, post.post_id)
            await self._record(customer, post, "refused", tx)
        await self._outbox.happened(dedupe_key(post.post_id))
        await self._tell(customer)

    async def _note(self, customer: Customer, post: CasePost, outcome: str) -> None:
        await self._record(customer, post, outcome, None)

    async def _record(self, customer: Customer, post: CasePost, outcome: str, tx: AsyncSession | None) -> None:
        event, detail = f"case.{post.kind}", {"files": len(post.content.file_ids)}
        await self._audit.record(event, user_id=customer.user_id, outcome=outcome, detail=detail, session=tx)

    async def _tell(self, customer: Customer) -> None:
        await self._bus.publish(f"customer:{customer.user_id}:cases")


def dedupe_key(post_id: str) -> str:
    """Of the outbox row that sees to it."""
    return f"{CASE_POST}:{post_id}"


def _related(content: PostContent) -> RelatedChoice | None:
    if not content.related_kind:
        return None
    return RelatedChoice(cast(RelatedKind, content.related_kind), content.related_id, content.related_label)


def _is_ours_to_repair(refusal: Exception) -> bool:
    return isinstance(refusal, UpstreamRejected) and refusal.code in OURS_TO_REPAIR


def _may_be_under_way(post: CasePost, clock: Clock) -> bool:
    return post.intent_at is not None and clock.now() < post.intent_at + SETTLE
