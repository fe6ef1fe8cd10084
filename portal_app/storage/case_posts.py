"""What customers send to support, kept from before Salesforce hears of it until Salesforce has it.

WAITING: not known to be there. POSTED: it is there, its files may not be with it yet. SENT: all done. REFUSED: it will
never be there. SAME: the same words as another post that was waiting when it came; whatever becomes of that one became
of it. While `intent_at` stands, a write may be under way or its answer was lost: who wants to send it (again)
waits until that has settled, looks, and takes the intent over, so two never send the same.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.case_posts import CasePostRow
from portal_app.storage.upsert import insert_into

PostKind = Literal["open", "comment", "close", "reopen"]
WAITING, POSTED, SENT, REFUSED, SAME = "WAITING", "POSTED", "SENT", "REFUSED", "SAME"
MOVES: Final = ("close", "reopen")
OVERTAKEN: Final = "overtaken"
INSTANT: Final = timedelta(microseconds=1)
KEEP: Final = timedelta(days=400)
SHOWN: Final = timedelta(days=14)
"""A refused one is shown so long."""
MOST: Final = 200
_ROW: Any = CasePostRow
_SEALED: Final = ("case_posts", "body")


@dataclass(frozen=True, slots=True)
class PostContent:
    """What was written. Of a reply only body and files; of closing and opening again nothing."""

    body: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    topic: str = ""
    related_kind: str = ""
    related_id: str = ""
    related_label: str = field(default="", repr=False)
    file_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CasePost:
    """One intent as it stands; `content` is empty once Salesforce has it."""

    post_id: str
    user_id: str
    salesforce_case_id: str
    kind: PostKind
    state: str
    content: PostContent
    error_code: str
    created_at: datetime
    intent_at: datetime | None

    @property
    def marker(self) -> str:
        """By what its comment, or its question, is known again."""
        return UUID(self.post_id).hex


class CasePosts:
    """Rows of `case_posts`; what was written is sealed (C1), and told apart by a keyed hash."""

    def __init__(self, db: Database, cipher: FieldCipher, index: KeyedIndex, clock: Clock) -> None:
        self._db, self._cipher, self._index, self._clock = db, cipher, index, clock

    async def add_in(
        self,
        tx: AsyncSession,
        customer: Customer,
        post_id: str,
        kind: PostKind,
        salesforce_case_id: str,
        content: PostContent,
    ) -> CasePost | None:
        """Keep it in the caller's transaction, with the intent to send it now.

        None when it is there already, under that id or as the same text for the same case that still waits; of that
        one it is another name from now on.
        """
        now, text = self._clock.now(), json.dumps(asdict(content), ensure_ascii=False)
        of_case = (_ROW.salesforce_case_id == salesforce_case_id, _ROW.user_id == customer.user_id)
        last = await tx.scalar(select(func.max(_ROW.created_at)).where(*of_case))
        row = CasePostRow(
            post_id=post_id,
            user_id=customer.user_id,
            salesforce_case_id=salesforce_case_id,
            kind=kind,
            state=WAITING,
            # Wishes keep their order: one may be the same as the last but one.
            body_hash=self._index.of(f"case_post|{kind}|{post_id if kind in MOVES else text}"),
            body_sealed=self._cipher.seal(*_SEALED, post_id, text),
            # Later than every other of that case, whatever the clock says: which wish was the last one matters.
            created_at=max(now, last + INSTANT) if last is not None else now,
            intent_at=now,
        )
        insert = insert_into(CasePostRow, self._db.dialect).values(**row.model_dump()).on_conflict_do_nothing()
        added = await tx.execute(insert)
        if added.rowcount == 1:  # type: ignore[attr-defined]
            return self._opened(row)
        waits = (*of_case, _ROW.body_hash == row.body_hash, _ROW.state == WAITING, _ROW.post_id != post_id)
        if same := await tx.scalar(select(_ROW.post_id).where(*waits)):
            named = row.model_dump() | {"state": SAME, "error_code": same, "body_sealed": "", "intent_at": None}
            await tx.execute(insert_into(CasePostRow, self._db.dialect).values(**named).on_conflict_do_nothing())
        return None

    async def find(self, customer: Customer, post_id: str) -> CasePost | None:
        """One of this customer's, by any of its names; None for unknown and somebody else's alike."""
        found = await self._one(_ROW.post_id == post_id, _ROW.user_id == customer.user_id)
        return await self.find(customer, found.error_code) if found and found.state == SAME else found

    async def find_any(self, post_id: str) -> CasePost | None:
        """Whoever's it is, for the worker."""
        return await self._one(_ROW.post_id == post_id)

    async def shown(self, customer: Customer, kind: PostKind, salesforce_case_id: str = "") -> list[CasePost]:
        """What Salesforce is not known to have, oldest first: waiting, or refused lately without their being told."""
        lately = _ROW.created_at >= self._clock.now() - SHOWN
        refused = and_(_ROW.state == REFUSED, _ROW.body_sealed != "", lately)
        mine = (_ROW.user_id == customer.user_id, _ROW.salesforce_case_id == salesforce_case_id, _ROW.kind == kind)
        return await self._many(*mine, or_(_ROW.state == WAITING, refused))

    async def ids_of_case(self, customer: Customer, salesforce_case_id: str) -> dict[str, bool]:
        """Ids of this customer's posts in that question.

        Whether Salesforce has each of them with its files.
        """
        mine = (_ROW.user_id == customer.user_id, _ROW.salesforce_case_id == salesforce_case_id)
        statement = select(_ROW.post_id, _ROW.state).where(*mine).order_by(_ROW.created_at.desc()).limit(MOST)
        async with self._db.read() as session:
            return {row.post_id: row.state == SENT for row in await session.execute(statement)}

    async def is_moving(self, customer: Customer, salesforce_case_id: str) -> bool:
        """Whether closing or opening again waits."""
        mine = (_ROW.user_id == customer.user_id, _ROW.salesforce_case_id == salesforce_case_id)
        return await self._is_any(*mine, _ROW.kind.in_(MOVES), _ROW.state == WAITING)

    async def is_overtaken(self, post: CasePost) -> bool:
        """Whether the customer has asked since for closing or opening again."""
        return await self._is_any(
            _ROW.salesforce_case_id == post.salesforce_case_id,
            _ROW.kind.in_(MOVES),
            _ROW.post_id != post.post_id,
            _ROW.created_at > post.created_at,
            _ROW.state != SAME,
        )

    async def is_unsettled(self, post: CasePost, settle: timedelta) -> bool:
        """Whether an earlier write to that question may still be under way."""
        return await self._is_any(
            _ROW.salesforce_case_id == post.salesforce_case_id,
            _ROW.post_id != post.post_id,
            _ROW.created_at < post.created_at,
            _ROW.intent_at > self._clock.now() - settle,
        )

    async def wrote_since(self, salesforce_case_id: str, kinds: Iterable[PostKind], at: datetime) -> bool:
        """Whether a customer did one of these in that question since then."""
        return await self._is_any(
            _ROW.salesforce_case_id == salesforce_case_id, _ROW.kind.in_(list(kinds)), _ROW.created_at >= at
        )

    async def intend(self, post: CasePost, settle: timedelta) -> bool:
        """From now on the caller may send it, alone; False while somebody else may be at it, or it waits no more."""
        now = self._clock.now()
        free = or_(_ROW.intent_at.is_(None), _ROW.intent_at <= now - settle)
        return await self._set(post.post_id, {"intent_at": now}, _ROW.state == WAITING, free)

    async def not_sent(self, post_id: str) -> bool:
        """It surely did not leave: anybody may send it at once."""
        return await self._set(post_id, {"intent_at": None}, _ROW.state == WAITING)

    async def posted(self, post_id: str, salesforce_case_id: str) -> bool:
        """Salesforce has it: nothing of it is kept but where it is."""
        values = {"state": POSTED, "salesforce_case_id": salesforce_case_id, "body_sealed": "", "intent_at": None}
        return await self._set(post_id, values | {"sent_at": self._clock.now()}, _ROW.state == WAITING)

    async def done(self, post_id: str) -> bool:
        """Its files are with it, too."""
        return await self._set(post_id, {"state": SENT}, _ROW.state == POSTED)

    async def overtaken(self, post_id: str) -> bool:
        """A later wish took its place. What may be under way of it is still waited for."""
        values = {"state": SENT, "body_sealed": "", "error_code": OVERTAKEN}
        return await self._set(post_id, values, _ROW.state == WAITING)

    async def refuse_in(self, tx: AsyncSession, post_id: str, code: str, *, told: bool) -> bool:
        """Salesforce will never have it. `told`: the customer heard it at once, so nothing of it is kept."""
        values: dict[str, Any] = {"state": REFUSED, "error_code": code[:60], "intent_at": None}
        values |= {"body_sealed": ""} if told else {}
        waits = (_ROW.post_id == post_id, _ROW.state == WAITING)
        changed = await tx.execute(update(CasePostRow).where(*waits).values(**values))
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    async def waiting(self) -> tuple[int, datetime | None]:
        """How many Salesforce is not known to have, and since when the oldest waits (UTC)."""
        async with self._db.read() as session:
            row = (
                await session.execute(
                    select(func.count(), func.min(_ROW.created_at)).where(_ROW.state.in_((WAITING, POSTED)))
                )
            ).one()
        return int(row[0]), row[1]

    async def unsent(self, limit: int) -> list[CasePost]:
        """What waits, oldest first, then what was refused lately; nothing of what was written."""
        lately = and_(_ROW.state == REFUSED, _ROW.created_at >= self._clock.now() - SHOWN)
        chosen = select(CasePostRow).where(or_(_ROW.state.in_((WAITING, POSTED)), lately))
        async with self._db.read() as session:
            rows = await session.scalars(chosen.order_by(_ROW.state == REFUSED, _ROW.created_at).limit(limit))
            return [_as_post(row, PostContent()) for row in rows]

    async def prune(self) -> int:
        """Forget what ended 400 days ago: until then it says which file came with which message; how many."""
        old = and_(_ROW.state.in_((SENT, REFUSED, SAME)), _ROW.created_at < self._clock.now() - KEEP)
        return await delete_in_batches(self._db, CasePostRow, _ROW.post_id, old)

    async def _one(self, *where: Any) -> CasePost | None:
        async with self._db.read() as session:
            row = await session.scalar(select(CasePostRow).where(*where).limit(1))
            return self._opened(row) if row is not None else None

    async def _many(self, *where: Any) -> list[CasePost]:
        chosen = select(CasePostRow).where(*where).order_by(_ROW.created_at, _ROW.post_id).limit(MOST)
        async with self._db.read() as session:
            return [self._opened(row) for row in await session.scalars(chosen)]

    async def _is_any(self, *where: Any) -> bool:
        async with self._db.read() as session:
            return await session.scalar(select(_ROW.post_id).where(*where).limit(1)) is not None

    async def _set(self, post_id: str, values: dict[str, Any], *where: Any) -> bool:
        async with self._db.write() as tx:
            changed = await tx.execute(update(CasePostRow).where(_ROW.post_id == post_id, *where).values(**values))
            return bool(changed.rowcount)  # type: ignore[attr-defined]

    def _opened(self, row: CasePostRow) -> CasePost:
        said = json.loads(self._cipher.open(*_SEALED, row.post_id, row.body_sealed)) if row.body_sealed else {}
        return _as_post(row, PostContent(**said | {"file_ids": tuple(said.get("file_ids", ()))}))


def _as_post(row: CasePostRow, content: PostContent) -> CasePost:
    return CasePost(
        row.post_id,
        row.user_id,
        row.salesforce_case_id,
        cast(PostKind, row.kind),
        row.state,
        content,
        row.error_code,
        row.created_at,
        row.intent_at,
    )
