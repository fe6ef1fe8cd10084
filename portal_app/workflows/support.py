"""What pages and doors ask of support: a customer's questions, the conversation of one, and writing into it.

What is read is Salesforce's with what is on its way there. What is written is sent by `workflows.support_posts`.
"""

from collections.abc import Awaitable, Sequence
from typing import Final, TypeVar

from portal_app.domain.case_texts import checked_case, checked_reply
from portal_app.domain.cases import CaseList, CaseStatus, CaseThread, NewCase, RelatedChoice
from portal_app.domain.customer import Customer
from portal_app.errors import (
    Busy,
    Conflict,
    InvalidFields,
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.case_rows import CaseState
from portal_app.integrations.salesforce.ids import checked_id
from portal_app.integrations.salesforce.support_cases import SupportCases
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.storage.case_files import CaseFiles
from portal_app.storage.case_posts import POSTED, REFUSED, SENT, CasePost, CasePosts, PostContent, PostKind
from portal_app.storage.engine import Database
from portal_app.storage.outbox import Outbox
from portal_app.workflows.support_posts import CASE_POST, KEPT_FOR, SYSTEM, SupportPosts, dedupe_key
from portal_app.workflows.support_related import Related
from portal_app.workflows.support_showing import SupportShowing

T = TypeVar("T")

CLOSED: Final = "case.closed"
NOT_ACCEPTED: Final = "case.not_accepted"
FILE_GONE: Final = "case.file_gone"


class Support:
    """Another customer's question reads as NotFound everywhere, and is noted (O1)."""

    def __init__(
        self,
        *,
        cases: SupportCases,
        sending: SupportPosts,
        posts: CasePosts,
        files: CaseFiles,
        shown: SupportShowing,
        related: Related,
        limits: Limits,
        outbox: Outbox,
        db: Database,
        audit: Audit,
    ) -> None:
        self._cases, self._sending, self._posts = cases, sending, posts
        self._files, self._shown, self._related = files, shown, related
        self._limits, self._outbox, self._db, self._audit = limits, outbox, db, audit

    async def list_cases(self, customer: Customer) -> CaseList:
        """A customer's questions, and those on their way. Raises: NotFound without an account; UpstreamError, Busy."""
        return await self._shown.list_cases(customer)

    async def get_thread(self, customer: Customer, case_id: str) -> CaseThread:
        """The conversation with each message's files, and what is on its way. Raises: NotFound, UpstreamError, Busy."""
        return await self._noted(customer, self._shown.get_thread(customer, case_id))

    async def refresh(self, customer: Customer) -> None:
        """The next read asks Salesforce."""
        await self._cases.clear(customer)

    async def related_choices(self, customer: Customer, also: tuple[str, str] = ("", "")) -> tuple[RelatedChoice, ...]:
        """What of their own a customer may ask about; `also` is the kind and id of one more, if it is theirs.

        Raises: UpstreamError, Busy, NotFound when it cannot be read.
        """
        return await self._related.choices(customer, also)

    async def open_case(self, customer: Customer, post: NewCase, *, post_id: str) -> str:
        """The id of the new question. The same `post_id` is the same question, however often.

        Raises: InvalidFields, TooManyTries, Conflict("case.not_accepted") when nothing was opened;
        UpstreamOutcomeUnknown when it is kept and will be sent; UpstreamError, Busy, NotFound.
        """
        checked_id("Account", customer.salesforce_account_id)
        if before := await self._posts.find(customer, post_id):
            return _outcome(before)
        post, topic = checked_case(post)
        about = await self._related.resolve(customer, post.related_kind, post.related_id)
        content = PostContent(
            body=post.body,
            subject=post.subject,
            topic=topic.value,
            related_kind=about.kind if about else "",
            related_id=about.id if about else "",
            related_label=about.label if about else "",
            file_ids=_each_once(post.file_ids),
        )
        return await self._send(customer, post_id, "open", None, content)

    async def reply(
        self, customer: Customer, case_id: str, body: str, file_ids: Sequence[str] = (), *, post_id: str
    ) -> None:
        """Say something in a question. Raises: as `open_case`; Conflict("case.closed"), NotFound."""
        if before := await self._posts.find(customer, post_id):
            _outcome(before)
            return
        text = checked_reply(body, file_ids)
        state = await self._state(customer, case_id)
        if state.shown is CaseStatus.CLOSED:
            raise Conflict(CLOSED)
        await self._send(customer, post_id, "comment", state, PostContent(body=text, file_ids=_each_once(file_ids)))

    async def close(self, customer: Customer, case_id: str, *, post_id: str) -> None:
        """Nothing more is wanted; one that is closed stays so. Raises: as `reply`, no Conflict of its own."""
        await self._move(customer, case_id, post_id, "close")

    async def reopen(self, customer: Customer, case_id: str, *, post_id: str) -> None:
        """There is more to say; one that is open stays so. Raises: as `close`."""
        await self._move(customer, case_id, post_id, "reopen")

    async def _move(self, customer: Customer, case_id: str, post_id: str, kind: PostKind) -> None:
        if before := await self._posts.find(customer, post_id):
            _outcome(before)
            return
        await self._send(customer, post_id, kind, await self._state(customer, case_id), PostContent())

    async def _state(self, customer: Customer, case_id: str) -> CaseState:
        """As it is now; while Salesforce does not answer, as it was a moment ago: the worker asks again (O2)."""
        try:
            return await self._noted(customer, self._cases.get_state(customer, case_id))
        except (UpstreamUnavailable, Busy):
            case = (await self._cases.get_thread(customer, case_id)).case
            return CaseState(case.salesforce_case_id, case.status.value, case.status is CaseStatus.CLOSED)

    async def _send(
        self, customer: Customer, post_id: str, kind: PostKind, state: CaseState | None, content: PostContent
    ) -> str:
        await self._limits.hit("case" if kind == "open" else "comment", customer.user_id)
        case_id = state.salesforce_case_id if state else ""
        post = await self._kept(customer, post_id, kind, case_id, content)
        if post is None:
            # Sent twice, in another tab say: that one is on its way.
            return _outcome(await self._posts.find(customer, post_id))
        try:
            return await self._sending.send(customer, post, state)
        except UpstreamRejected:
            raise Conflict(NOT_ACCEPTED) from None

    async def _kept(
        self, customer: Customer, post_id: str, kind: PostKind, case_id: str, content: PostContent
    ) -> CasePost | None:
        """Committed with its files and its outbox row; None when it was there."""
        try:
            await self._files.ready_of(customer, content.file_ids)
            async with self._db.write() as tx:
                post = await self._posts.add_in(tx, customer, post_id, kind, case_id, content)
                if post is not None:
                    await self._files.take_in(tx, content.file_ids, post_id)
                    await self._outbox.add(tx, CASE_POST, dedupe_key(post_id), {"post_id": post_id}, delay=KEPT_FOR)
        except NotFound:
            raise InvalidFields({"files": FILE_GONE}) from None
        return post

    async def _noted(self, customer: Customer, asked: Awaitable[T]) -> T:
        """What it gives; an id that is not this customer's is noted (A3)."""
        try:
            return await asked
        except NotFound:
            await self._audit.record("case.not_found", user_id=customer.user_id, outcome="refused")
            raise


def _outcome(post: CasePost | None) -> str:
    """What became of a post that was there. Raises: UpstreamOutcomeUnknown while nobody knows, Conflict."""
    if post is not None and post.state in (POSTED, SENT):
        return post.salesforce_case_id
    if post is not None and post.state == REFUSED:
        raise Conflict(NOT_ACCEPTED)
    raise UpstreamOutcomeUnknown(SYSTEM, CASE_POST, "kept")


def _each_once(file_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(file_ids))
