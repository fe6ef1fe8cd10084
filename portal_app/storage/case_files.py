"""Attachments on their way into a case: which file of which customer, where it lies in Salesforce, who sends it.

SENDING until Salesforce has the whole file, then READY; ATTACHED when it lies with its case; LEAVING when it is being
deleted. No byte of a file is here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher
from portal_app.storage.engine import Database
from portal_app.storage.tables.case_files import CaseFileRow
from portal_app.storage.upsert import insert_into

SENDING, READY, ATTACHED, LEAVING = "SENDING", "READY", "ATTACHED", "LEAVING"
BATCH: Final = 200
_ROW: Any = CaseFileRow


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file as it stands. `post_id` is "" until a message takes it; `size` in bytes, 0 until it has arrived."""

    file_id: str
    user_id: str
    name: str = field(repr=False)
    kind: str
    size: int
    state: str
    salesforce_document_id: str
    post_id: str


class CaseFiles:
    """The rows of one customer's files; names are sealed (C1)."""

    def __init__(self, db: Database, cipher: FieldCipher, clock: Clock) -> None:
        self._db, self._cipher, self._clock = db, cipher, clock

    async def begin(self, customer: Customer, file_id: str, name: str, kind: str) -> CaseFile | None:
        """A file that is about to arrive. None; or the file, when that id was begun before by this customer.

        Raises: NotFound when it is somebody else's.
        """
        row = {
            "file_id": file_id,
            "user_id": customer.user_id,
            "state": SENDING,
            "name_sealed": self._cipher.seal("case_files", "name", file_id, name),
            "kind": kind,
            "size": 0,
            "salesforce_document_id": "",
            "post_id": "",
            "created_at": self._clock.now(),
        }
        async with self._db.write() as tx:
            added = await tx.execute(insert_into(CaseFileRow, self._db.dialect).values(**row).on_conflict_do_nothing())
            if added.rowcount == 1:  # type: ignore[attr-defined]
                return None
        return await self.get(customer, file_id)

    async def arrived(self, file_id: str, salesforce_document_id: str, size: int) -> None:
        """Salesforce has the whole file: a message may take it."""
        values = {"state": READY, "salesforce_document_id": salesforce_document_id, "size": size}
        await self._set([file_id], values, _ROW.state == SENDING)

    async def get(self, customer: Customer, file_id: str) -> CaseFile:
        """One file, in whatever state. Raises: NotFound, alike for somebody else's."""
        return (await self._of_customer(customer, [file_id]))[0]

    async def ready_of(self, customer: Customer, file_ids: Sequence[str]) -> list[CaseFile]:
        """These files, in this order, each of which Salesforce has.

        Raises: NotFound when one is unknown, somebody else's, not here yet or being deleted.
        """
        found = await self._of_customer(customer, file_ids)
        if any(one.state not in (READY, ATTACHED) for one in found):
            raise NotFound("file")
        return found

    async def take_in(self, tx: AsyncSession, file_ids: Sequence[str], post_id: str) -> None:
        """A message takes these files, in the caller's transaction, after `ready_of` has found whose they are.

        May be repeated for the same message. Raises: NotFound when one went, or was sent with another message.
        """
        if not file_ids:
            return
        free = or_(_ROW.post_id == "", _ROW.post_id == post_id)
        ready = (_ROW.file_id.in_(file_ids), _ROW.state.in_((READY, ATTACHED)))
        taken = await tx.execute(update(CaseFileRow).where(*ready, free).values(post_id=post_id))
        if taken.rowcount != len(set(file_ids)):  # type: ignore[attr-defined]
            raise NotFound("file")

    async def release_in(self, tx: AsyncSession, post_id: str) -> None:
        """Their message was refused, in the caller's transaction: another one may take them, or nobody does."""
        await tx.execute(update(CaseFileRow).where(_ROW.post_id == post_id, _ROW.state == READY).values(post_id=""))

    async def attached(self, file_ids: Iterable[str]) -> None:
        """They lie with their case."""
        await self._set(list(file_ids), {"state": ATTACHED}, _ROW.state == READY)

    async def of_posts(self, post_ids: Iterable[str]) -> dict[str, list[CaseFile]]:
        """The files of these messages, by message, in the order they arrived. The caller knows whose messages."""
        wanted = list(post_ids)
        if not wanted:
            return {}
        found: dict[str, list[CaseFile]] = {}
        chosen = select(CaseFileRow).where(_ROW.post_id.in_(wanted))
        async with self._db.read() as session:
            for row in await session.scalars(chosen.order_by(_ROW.created_at, _ROW.file_id)):
                found.setdefault(row.post_id, []).append(self._opened(row))
        return found

    async def abandoned(self, older_than: timedelta) -> list[CaseFile]:
        """Files no message took in that time, and what is left of those that were being deleted; oldest first."""
        old = (_ROW.created_at < self._clock.now() - older_than, _ROW.state != ATTACHED)
        chosen = select(CaseFileRow).where(_ROW.post_id == "", *old).order_by(_ROW.created_at).limit(BATCH)
        async with self._db.read() as session:
            return [self._opened(row) for row in await session.scalars(chosen)]

    async def let_go(self, file_id: str) -> bool:
        """From now on no message can take it; False when one has."""
        free = (_ROW.file_id == file_id, _ROW.post_id == "")
        async with self._db.write() as tx:
            changed = await tx.execute(update(CaseFileRow).where(*free).values(state=LEAVING))
            return bool(changed.rowcount)  # type: ignore[attr-defined]

    async def forget(self, file_id: str) -> None:
        """There is no such file anywhere. One that a message took is kept."""
        async with self._db.write() as tx:
            await tx.execute(delete(CaseFileRow).where(_ROW.file_id == file_id, _ROW.post_id == ""))

    async def _of_customer(self, customer: Customer, file_ids: Sequence[str]) -> list[CaseFile]:
        mine = select(CaseFileRow).where(_ROW.file_id.in_(file_ids), _ROW.user_id == customer.user_id)
        async with self._db.read() as session:
            found = {row.file_id: self._opened(row) for row in await session.scalars(mine)}
        if set(found) != set(file_ids):
            raise NotFound("file")
        return [found[file_id] for file_id in dict.fromkeys(file_ids)]

    async def _set(self, file_ids: Sequence[str], values: dict[str, Any], *where: Any) -> None:
        if file_ids:
            async with self._db.write() as tx:
                await tx.execute(update(CaseFileRow).where(_ROW.file_id.in_(file_ids), *where).values(**values))

    def _opened(self, row: CaseFileRow) -> CaseFile:
        return CaseFile(
            row.file_id,
            row.user_id,
            self._cipher.open("case_files", "name", row.file_id, row.name_sealed),
            row.kind,
            row.size,
            row.state,
            row.salesforce_document_id,
            row.post_id,
        )
