"""Attachments: from a browser into Salesforce while they arrive, then with a message into its case, and back.

A file lies with nobody until its message goes out; one that no message takes within a day is deleted again.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final

from portal_app.domain.attachments import ArrivingFile, Receipt, title_of
from portal_app.domain.cases import Attachment
from portal_app.domain.customer import Customer
from portal_app.domain.uploads import UploadRefused
from portal_app.errors import (
    Busy,
    Conflict,
    NotFound,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.case_files import CaseDocuments
from portal_app.integrations.salesforce.client import Caller
from portal_app.integrations.salesforce.download import Download
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.storage.case_files import LEAVING, SENDING, CaseFile, CaseFiles

ABANDONED: Final = timedelta(hours=24)
SENT, READ, DISCARD = "attachment.sent", "attachment.read", "attachment.discard"
log = logging.getLogger(__name__)


class CaseFileDesk:
    """What the doors, the messages and the hourly job ask for."""

    def __init__(self, *, case_files: CaseFiles, documents: CaseDocuments, limits: Limits, audit: Audit) -> None:
        self._rows, self._documents, self._limits, self._audit = case_files, documents, limits, audit

    async def count(self, customer: Customer) -> None:
        """One file more. Raises: TooManyTries."""
        await self._limits.hit("attachment", customer.user_id)

    async def receive(
        self, customer: Customer, file_id: str, name: str, size: int, pieces: AsyncIterator[bytes]
    ) -> Receipt:
        """Hand a file over to Salesforce while it arrives. `size` in bytes, as announced.

        The same `file_id` again is the same file: it is answered without reading any piece.
        Raises: UploadRefused, Conflict("upload.in_progress"), UpstreamError, Busy, and what `pieces` raises; then
        there is no such file, or it is deleted within a day.
        """
        try:
            arriving = ArrivingFile(name, size)
            before = await self._rows.begin(customer, file_id, arriving.name, arriving.kind)
            if before is not None:
                return _receipt(await self._settled(customer, before))
            return await self._take(customer, file_id, arriving, pieces)
        except UploadRefused as refusal:
            detail: dict[str, str | int | bool | None] = {"reason": refusal.reason, "bytes": size}
            await self._audit.record(SENT, outcome="refused", user_id=customer.user_id, detail=detail)
            raise

    async def discard(self, customer: Customer, file_id: str) -> None:
        """The customer does not send it after all.

        Raises: NotFound, also for one that was sent with a message; TooManyTries.
        """
        await self._limits.hit("attachment_read", customer.user_id)
        try:
            file = await self._rows.get(customer, file_id)
        except NotFound:
            await self._audit.record(DISCARD, outcome="not_found", user_id=customer.user_id)
            raise
        if not await self._rows.let_go(file_id):
            raise NotFound("file")
        try:
            await self._delete(file, Caller(customer.user_id))
        except (UpstreamError, Busy):
            log.warning("an attachment is deleted later", extra={"user_id": customer.user_id})

    async def attach(self, customer: Customer, case_id: str, file_ids: Sequence[str]) -> None:
        """Have these files lie with the case; each once, however often it is asked and whatever answer was lost.

        Raises: NotFound, UpstreamOutcomeUnknown (again later), UpstreamError, Busy.
        """
        if file_ids:
            files = await self._rows.ready_of(customer, file_ids)
            await self._documents.attach(customer, case_id, [one.salesforce_document_id for one in files])
            await self._rows.attached(file_ids)

    async def list_of(self, customer: Customer, case_id: str) -> dict[str, Attachment]:
        """The files of the case the customer may see, by document. Raises: NotFound, UpstreamError, Busy."""
        found = await self._documents.list_of(customer, case_id)
        return {one.salesforce_document_id: one for one in found}

    async def open(self, customer: Customer, case_id: str, document_id: str) -> tuple[Attachment, Download]:
        """One file and its bytes, as of now.

        Raises: NotFound alike for whatever the customer may not see; Conflict("upload.too_large_to_read"),
        TooManyTries, UpstreamError, Busy.
        """
        await self._limits.hit("attachment_read", customer.user_id)
        try:
            return await self._documents.open(customer, case_id, document_id)
        except NotFound:
            await self._audit.record(READ, outcome="not_found", user_id=customer.user_id)
            raise
        except UpstreamReplyChanged as refused:
            if refused.code != "too_large":
                raise
            raise Conflict("upload.too_large_to_read") from None

    async def sweep(self) -> str:
        """Delete what no message took within a day, in Salesforce first. One that is refused holds up no other.

        Raises: UpstreamError, Busy.
        """
        gone, refused = 0, list[UpstreamError]()
        for file in await self._rows.abandoned(ABANDONED):
            try:
                if file.state == LEAVING or await self._rows.let_go(file.file_id):
                    await self._delete(file)
                    gone += 1
            except (UpstreamRejected, UpstreamReplyChanged) as refusal:
                refused.append(refusal)
        if refused:
            raise refused[0]
        return f"{gone} abandoned"

    async def _take(
        self, customer: Customer, file_id: str, arriving: ArrivingFile, pieces: AsyncIterator[bytes]
    ) -> Receipt:
        title = title_of(arriving.name, file_id)
        try:
            stored = await self._documents.keep(
                customer, title, arriving.name, arriving.size, checked(arriving, pieces)
            )
        except UpstreamOutcomeUnknown as lost:
            # It lies with nobody, and is looked for and deleted in a day: the customer may simply send it again.
            await self._note(customer, "unknown", arriving)
            raise UpstreamUnavailable(lost.system, lost.operation, lost.code) from None
        except Exception:
            await self._rows.forget(file_id)
            raise
        await self._rows.arrived(file_id, stored.salesforce_document_id, stored.size)
        await self._note(customer, "ok", arriving)
        return Receipt(file_id, arriving.name, stored.size, arriving.kind)

    async def _settled(self, customer: Customer, before: CaseFile) -> CaseFile:
        """A file that was begun earlier, whose answer may have been lost. Raises: Conflict while it is not here."""
        if before.state == SENDING:
            stored = await self._documents.find(title_of(before.name, before.file_id), caller=Caller(customer.user_id))
            if stored is not None:
                await self._rows.arrived(before.file_id, stored.salesforce_document_id, stored.size)
                return await self._rows.get(customer, before.file_id)
        if before.state in (SENDING, LEAVING):
            raise Conflict("upload.in_progress")
        return before

    async def _delete(self, file: CaseFile, caller: Caller = Caller(background=True)) -> None:
        document_id = file.salesforce_document_id
        if not document_id:
            stored = await self._documents.find(title_of(file.name, file.file_id), caller=caller)
            document_id = stored.salesforce_document_id if stored else ""
        if document_id:
            await self._documents.delete(document_id, caller=caller)
        await self._rows.forget(file.file_id)

    async def _note(self, customer: Customer, outcome: str, arriving: ArrivingFile) -> None:
        detail = {"kind": arriving.kind, "bytes": arriving.size}
        await self._audit.record(SENT, outcome=outcome, user_id=customer.user_id, detail=detail)


async def checked(arriving: ArrivingFile, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces as they may be handed on, the last only when all is well. Raises: UploadRefused."""
    async for piece in pieces:
        if passed := arriving.feed(piece):
            yield passed
    yield arriving.finish()


def _receipt(file: CaseFile) -> Receipt:
    return Receipt(file.file_id, file.name, file.size, file.kind)
