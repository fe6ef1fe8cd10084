"""Files of cases in Salesforce Files: up, down, and lying with a case. Whose case it is, is asked anew every time.

Source: Salesforce object reference, ContentVersion, ContentDocument, ContentDocumentLink.
"""

import logging
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from portal_app.domain.attachments import extension_of, name_of_title
from portal_app.domain.cases import Attachment
from portal_app.domain.customer import Customer
from portal_app.errors import (
    Busy,
    NotFound,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
)
from portal_app.integrations.salesforce.client import BACKGROUND, Caller, SalesforceClient
from portal_app.integrations.salesforce.download import Download
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18, checked_id
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.support_cases import TAG, SupportCases
from portal_app.integrations.salesforce.transfer import FileTransfer
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row
from portal_app.storage.cache import Cache

CASE, DOCUMENT = "Case", "ContentDocument"
VISIBLE: Final = "AllUsers"
LARGEST_DOWNLOAD: Final = 25 * 1024 * 1024
TTL: Final = timedelta(seconds=30)
KEEP_FOR: Final = timedelta(minutes=15)
"""As long as the conversation they stand beside; without a time of their own they never stand for a failed answer."""
# What a link leads to: standard fields, reached by a relationship, which no installation can rename.
_OF_DOCUMENT: Final = {
    "title": "ContentDocument.Title",
    "extension": "ContentDocument.FileExtension",
    "size": "ContentDocument.ContentSize",
    "version": "ContentDocument.LatestPublishedVersionId",
}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file Salesforce has. `size` in bytes."""

    salesforce_document_id: str
    size: int


class CaseDocuments:
    """What the portal asks of the files of cases. A case that is hidden from customers has none for them."""

    def __init__(
        self,
        client: SalesforceClient,
        transfer: FileTransfer,
        cases: SupportCases,
        fields: FieldMap,
        cache: Cache,
    ) -> None:
        self._client, self._transfer, self._cases, self._cache = client, transfer, cases, cache
        self._file, self._link = fields.file, fields.file_link

    async def keep(self, customer: Customer, title: str, name: str, size: int, pieces: AsyncIterator[bytes]) -> Stored:
        """Hand a file over that lies with no record yet. `title` is its own, so that it is found again.

        What `pieces` raises is raised, and then no file came to be.
        Raises: UpstreamUnavailable, UpstreamRejected, Busy (no file came to be); UpstreamOutcomeUnknown.
        """
        values = {self._file.title: title, self._file.path: name}
        try:
            await self._transfer.upload(values, size, pieces, caller=Caller(customer.user_id))
        except UpstreamOutcomeUnknown:
            log.warning("an upload got no answer", extra={"system": SYSTEM, "operation": "UploadFile"})
        found = await self._found(customer, title)
        if found is None or found.size != size:
            raise UpstreamOutcomeUnknown(SYSTEM, "UploadFile", "unconfirmed")
        return found

    async def find(self, title: str, *, caller: Caller = BACKGROUND) -> Stored | None:
        """The file with that title, which only one of ours has. Raises: UpstreamError, Busy."""
        names = self._file
        rows = await self._client.query(
            soql(
                "SELECT {f.document_id:literal}, {f.size:literal} FROM {f.kind:literal} "
                "WHERE {f.title:literal} = {} LIMIT 1",
                title,
                f=names,
            ),
            operation="FindFile",
            caller=caller,
        )
        return Stored(_document_of(rows[0].get(names.document_id)), _size(rows[0].get(names.size))) if rows else None

    async def attach(self, customer: Customer, case_id: str, document_ids: Collection[str]) -> None:
        """Have these files lie with the case, to be seen by the customer too; each once, however often it is asked.

        Raises: NotFound for an unknown, foreign or hidden case; UpstreamOutcomeUnknown (again later), UpstreamError,
        Busy.
        """
        case_id = await self._own_case(customer, case_id)
        try:
            there = await self._linked(customer, case_id, document_ids) if document_ids else ()
            lying = {_document_of(row.get(self._link.document_id)) for row in there}
            for document_id in dict.fromkeys(document_ids):
                if document_id not in lying:
                    await self._lay(customer, case_id, checked_id(DOCUMENT, document_id))
        finally:
            await self._cache.clear(customer, TAG)

    async def list_of(self, customer: Customer, case_id: str) -> tuple[Attachment, ...]:
        """The files of the case the customer may see, from a copy of at most 30 s. Raises as `attach` does."""

        async def load() -> tuple[Attachment, ...]:
            own = await self._own_case(customer, case_id)
            return tuple(_attachment(self._document_id(row), row) for row in await self._linked(customer, own))

        name = f"case_files:{checked_id(CASE, case_id)}"
        found = await self._cache.fetch(
            customer, name, load, model=tuple[Attachment, ...], ttl=TTL, keep_for=KEEP_FOR, tags=(TAG,)
        )
        return found.value

    async def open(self, customer: Customer, case_id: str, document_id: str) -> tuple[Attachment, Download]:
        """One file of the case and its bytes, asked of Salesforce at this moment.

        Raises: NotFound alike for what is unknown, foreign, hidden or not with this case; UpstreamReplyChanged
        ("too_large") for one over the cap; UpstreamError, Busy.
        """
        wanted = checked_id(DOCUMENT, document_id)
        own = await self._own_case(customer, case_id)
        rows = await self._linked(customer, own, [wanted])
        if not rows:
            raise NotFound("file")
        attachment = _attachment(self._document_id(rows[0]), rows[0])
        if attachment.salesforce_document_id != wanted:
            raise NotFound("file")
        if attachment.size > LARGEST_DOWNLOAD:
            raise UpstreamReplyChanged(SYSTEM, "DownloadFile", "too_large")
        version_id = str(_parent(rows[0]).get("LatestPublishedVersionId"))
        caller = Caller(customer.user_id)
        return attachment, await self._transfer.download(version_id, size=attachment.size, caller=caller)

    async def delete(self, document_id: str, *, caller: Caller = BACKGROUND) -> None:
        """Have no such file, in no version; nothing happens when there is none. Raises: UpstreamError, Busy."""
        try:
            await self._client.delete(DOCUMENT, document_id, caller=caller)
        except NotFound:
            return

    async def _found(self, customer: Customer, title: str) -> Stored | None:
        try:
            return await self.find(title, caller=Caller(customer.user_id))
        except (UpstreamError, Busy):
            return None

    async def _own_case(self, customer: Customer, case_id: str) -> str:
        """Asked anew, by id and account, and looked at again in the answer (O1, O2). Raises: NotFound."""
        return (await self._cases.get_state(customer, case_id)).salesforce_case_id

    async def _linked(
        self, customer: Customer, case_id: str, document_ids: Collection[str] | None = None
    ) -> tuple[Row, ...]:
        """Links of the case that customers may see, of these files or of all."""
        names = self._link
        asked = soql(
            "SELECT {l.document_id:literal}, {l.linked_to:literal}, {l.visibility:literal}, {d[title]:literal}, "
            "{d[extension]:literal}, {d[size]:literal}, {d[version]:literal} FROM {l.kind:literal} "
            "WHERE {l.linked_to:literal} = {} AND {l.visibility:literal} = {}",
            case_id,
            VISIBLE,
            l=names,
            d=_OF_DOCUMENT,
        )
        rows = await self._client.query(asked, operation="ListFiles", caller=Caller(customer.user_id))
        return tuple(
            row
            for row in rows
            if as_18(row.get(names.linked_to)) == case_id
            and row.get(names.visibility) == VISIBLE
            and (document_ids is None or self._document_id(row) in document_ids)
        )

    async def _lay(self, customer: Customer, case_id: str, document_id: str) -> None:
        names = self._link
        values = {
            names.document_id: document_id,
            names.linked_to: case_id,
            names.share_type: "V",
            names.visibility: VISIBLE,
        }
        try:
            await self._client.create(names.kind, values, caller=Caller(customer.user_id))
        except UpstreamRejected as refused:
            if refused.code != "duplicate_value":
                raise

    def _document_id(self, row: Row) -> str:
        return _document_of(row.get(self._link.document_id))


def _document_of(record_id: Any) -> str:
    try:
        return checked_id(DOCUMENT, record_id)
    except NotFound:
        raise UpstreamReplyChanged(SYSTEM, "ListFiles", "ContentDocumentId") from None


def _parent(row: Row) -> Row:
    parent = row.get(DOCUMENT)
    return parent if isinstance(parent, dict) else {}


def _size(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        raise UpstreamReplyChanged(SYSTEM, "ListFiles", "ContentSize") from None


def _attachment(document_id: str, row: Row) -> Attachment:
    parent = _parent(row)
    name = name_of_title(str(parent.get("Title") or "file"), str(parent.get("FileExtension") or ""))
    return Attachment(document_id, name, _size(parent.get("ContentSize")), extension_of(name))
