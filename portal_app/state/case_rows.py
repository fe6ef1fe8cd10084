"""Questions to support as the screens show them: strings written on the server, and a few closed choices."""

import uuid
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from portal_app import routes
from portal_app.domain.cases import Attachment, Case, CaseThread, Message, RelatedKind, WaitingCase
from portal_app.state.asking import Asking

StatusName = Literal["new", "in_progress", "awaiting_customer", "closed"]
TopicName = Literal["billing", "internet", "sim", "vpn", "other", ""]
SUBJECT = "case:"
"""What the subjects of notices about questions begin with."""


@dataclass(frozen=True)
class CaseRow:
    """One line of the list."""

    key: str
    number: str
    href: str
    subject: str
    status: StatusName
    topic: TopicName
    changed: str
    unread: bool

    @classmethod
    def of(cls, case: Case, me: Asking, unread: Container[str]) -> "CaseRow":
        """A row in a language; `unread` holds the subjects of unread notices."""
        return cls(
            key=case.salesforce_case_id,
            number=case.number,
            href=routes.case(case.salesforce_case_id),
            subject=case.subject,
            status=case.status.value,
            topic=case.topic.value if case.topic else "",
            changed=me.clock(case.changed_at),
            unread=subject_of(case.salesforce_case_id) in unread,
        )


@dataclass(frozen=True)
class WaitingRow:
    """A question that has no number yet; `refused`: it never will."""

    key: str
    subject: str
    body: str
    at: str
    refused: bool

    @classmethod
    def of(cls, case: WaitingCase, me: Asking) -> "WaitingRow":
        """A row in a language."""
        return cls(case.key, case.subject, case.body, me.clock(case.at), case.refused)


@dataclass(frozen=True)
class CaseView:
    """The head of one question. `related`: what it is about, with a page of its own."""

    key: str = ""
    number: str = ""
    subject: str = ""
    status: StatusName = "in_progress"
    topic: TopicName = ""
    opened: str = ""
    changed: str = ""
    related: str = ""
    related_kind: Literal["service", "order", "invoice", ""] = ""
    related_href: str = ""
    changing: bool = False
    comments_action: str = ""
    close_action: str = ""
    reopen_action: str = ""

    @classmethod
    def of(cls, thread: CaseThread, me: Asking) -> "CaseView":
        """The head in a language."""
        case, about = thread.case, thread.related_id
        return cls(
            key=case.salesforce_case_id,
            number=case.number,
            subject=case.subject,
            status=case.status.value,
            topic=case.topic.value if case.topic else "",
            opened=me.clock(case.created_at),
            changed=me.clock(case.changed_at),
            related=thread.related_label or about,
            related_kind=thread.related_kind or "",
            changing=thread.changing,
            related_href=related_href(thread.related_kind, about) if thread.related_kind and about else "",
            comments_action=routes.case_api(case.salesforce_case_id, "comments"),
            close_action=routes.case_api(case.salesforce_case_id, "close"),
            reopen_action=routes.case_api(case.salesforce_case_id, "reopen"),
        )


@dataclass(frozen=True)
class MessageRow:
    """One entry of the conversation. `has_files`: some rows of files name it."""

    key: str
    author: Literal["you", "staff"]
    body: str
    at: str
    standing: Literal["sent", "waiting", "refused"]
    has_files: bool

    @classmethod
    def of(cls, message: Message, me: Asking) -> "MessageRow":
        """A row in a language; the body stays as it was written."""
        standing: Literal["sent", "waiting", "refused"] = "sent"
        if message.waiting or message.refused:
            standing = "refused" if message.refused else "waiting"
        at, has_files = me.clock(message.at), bool(message.attachments)
        return cls(message.key, message.author, message.body, at, standing, has_files)


@dataclass(frozen=True)
class FileRow:
    """One attachment of the message `message`, "" where it is of none. `href` is "" while it cannot be fetched."""

    message: str
    key: str
    name: str
    size: str
    href: str

    @classmethod
    def of(cls, file: Attachment, salesforce_case_id: str, message: str, key: str, *, here: bool = True) -> "FileRow":
        """A row; the door of the link asks anew whose file it is."""
        document = file.salesforce_document_id
        href = routes.case_file(salesforce_case_id, document) if document and here else ""
        return cls(message, key, file.name, size_words(file.size), href)


def file_rows(thread: CaseThread) -> list[FileRow]:
    """Every attachment of a conversation: message after message, then those of none."""
    case_id = thread.case.salesforce_case_id
    of_messages = [
        FileRow.of(file, case_id, one.key, f"{one.key}:{place}", here=not (one.waiting or one.refused))
        for one in thread.messages
        for place, file in enumerate(one.attachments)
    ]
    return of_messages + [FileRow.of(file, case_id, "", file.salesforce_document_id) for file in thread.files]


def subject_of(salesforce_case_id: str) -> str:
    """What notices about this question have as their subject."""
    return SUBJECT + salesforce_case_id


def related_href(kind: RelatedKind, related_id: str) -> str:
    """The page of what a question is about."""
    return {"service": routes.service, "order": routes.order, "invoice": routes.invoice}[kind](related_id)


def size_words(size: int) -> str:
    """Bytes as people say them; the picker in the browser says the same."""
    return f"{-(-size // 1000)} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def draft_owner(user_id: str) -> str:
    """By what a browser knows whose draft it keeps; says nothing about the customer."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"draft|{user_id}").hex[:16]
