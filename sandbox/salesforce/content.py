"""Files: a ContentVersion makes its ContentDocument, and its link when it is published to a record.

Source: object reference, ContentVersion, ContentDocument, ContentDocumentLink.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from sandbox.salesforce.errors import Error, error
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record, Records

TYPES = {"jpg": "JPG", "jpeg": "JPG", "png": "PNG", "pdf": "PDF", "txt": "TEXT", "gif": "GIF", "heic": "UNKNOWN"}


def check_version(records: Records, old: Record | None, new: Record) -> list[Error]:
    """A new version needs a path and a body."""
    missing = [name for name in ("PathOnClient", "VersionData") if old is None and new.get(name) is None]
    if not missing:
        return []
    return [error("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)]


def derive_version(records: Records, old: Record | None, new: Record) -> Record:
    if old is not None:
        return {}
    path = PurePosixPath(new["PathOnClient"])
    extension = path.suffix.removeprefix(".").lower()
    return {
        "Title": new.get("Title") or path.stem,
        "FileExtension": extension or None,
        "FileType": TYPES.get(extension, "UNKNOWN"),
        "IsLatest": True,
    }


def keep(records: Records, version: Record, data: bytes) -> None:
    """Store the bytes; make or move on the document; link it to the record it was published to."""
    versions, documents = OBJECTS["ContentVersion"], OBJECTS["ContentDocument"]
    shown: Record = {name: version.get(name) for name in ("Title", "FileExtension", "FileType", "OwnerId")}
    shown |= {"ContentSize": len(data), "LatestPublishedVersionId": version["Id"]}
    document_id = version.get("ContentDocumentId")
    earlier = records.having(versions, "ContentDocumentId", document_id) if document_id else []
    for one in earlier:
        if one["Id"] != version["Id"]:
            records.update(versions, one | {"IsLatest": False})
    if document_id:
        document = records.live(documents, document_id) or {}
        records.update(documents, document | shown)
    else:
        target = version.get("FirstPublishLocationId")
        document_id = records.insert(documents, shown | {"ParentId": target})["Id"]
        if target:
            link = {"ContentDocumentId": document_id, "LinkedEntityId": target}
            sharing = {"ShareType": "V", "Visibility": "AllUsers"}  # [U] which sharing the shortcut gives
            records.insert(OBJECTS["ContentDocumentLink"], link | sharing)
    more: Record = {
        "ContentDocumentId": document_id,
        "ContentSize": len(data),
        "VersionNumber": str(max(1, len(earlier))),
    }
    more["Checksum"] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    records.update(versions, version | more)
    records.store.execute("INSERT OR REPLACE INTO sf_files VALUES (?, ?)", version["Id"], data)


def data_of(records: Records, version_id: str) -> bytes:
    return records.store.value("SELECT data FROM sf_files WHERE id = ?", version_id) or b""


def delete(records: Records, document_id: str) -> None:
    """A document goes with its versions, their bytes, and its links."""
    for name in ("ContentVersion", "ContentDocumentLink"):
        for one in records.having(OBJECTS[name], "ContentDocumentId", document_id):
            records.update(OBJECTS[name], one | {"IsDeleted": True})
            records.store.execute("DELETE FROM sf_files WHERE id = ?", one["Id"])


def check_link(records: Records, old: Record | None, new: Record) -> list[Error]:
    """The same file is linked to the same record once."""
    if old is not None or not new.get("ContentDocumentId"):
        return []
    links = records.having(OBJECTS["ContentDocumentLink"], "ContentDocumentId", new["ContentDocumentId"])
    if new.get("LinkedEntityId") in {link["LinkedEntityId"] for link in links}:
        return [error("DUPLICATE_VALUE", "duplicate value found: this document is already linked to this record", [])]
    return []
