"""Questions to support, as the portal speaks of them. A customer sees four statuses, whatever staff work with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

Author = Literal["you", "staff"]
RelatedKind = Literal["service", "order", "invoice"]


class CaseStatus(StrEnum):
    """What a customer is told."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    AWAITING_CUSTOMER = "awaiting_customer"
    CLOSED = "closed"


class Topic(StrEnum):
    """What a question is about; `portal-domain` names Salesforce's own words for these."""

    BILLING = "billing"
    INTERNET = "internet"
    SIM = "sim"
    VPN = "vpn"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a case. `size` in bytes."""

    salesforce_document_id: str
    name: str = field(repr=False)
    size: int
    kind: str


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the thread. `body` is plain text.

    `waiting`: Salesforce is not known to have it yet. `refused`: it will never have it, the customer must write anew.
    """

    key: str
    author: Author
    body: str = field(repr=False)
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    waiting: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One question as lists show it. `number` as Salesforce counts, with leading zeros.

    `post`: by what the portal opened it, in hex; "" for one that staff opened.
    """

    salesforce_case_id: str
    number: str
    subject: str = field(repr=False)
    status: CaseStatus
    topic: Topic | None
    created_at: datetime
    changed_at: datetime
    post: str = ""


@dataclass(frozen=True, slots=True)
class CaseThread:
    """One question with the whole conversation, oldest first. `related`: what the customer said it is about.

    `files` came with none of the customer's own messages: staff added them. `changing`: closing or reopening was asked
    for and is not known to have happened. `as_of` and `stale` as in CaseList.
    """

    case: Case
    messages: tuple[Message, ...]
    related_kind: RelatedKind | None = None
    related_id: str = ""
    related_label: str = field(default="", repr=False)
    files: tuple[Attachment, ...] = ()
    changing: bool = False
    as_of: datetime | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A question that was sent and is not known to be in Salesforce yet; `refused`: it will never be there."""

    key: str
    subject: str = field(repr=False)
    body: str = field(repr=False)
    at: datetime
    refused: bool = False


@dataclass(frozen=True, slots=True)
class CaseList:
    """All of a customer's questions, last changed first, with the time of the copy (UTC).

    `waiting`: those that have no number yet, newest first. `stale`: Salesforce did not answer, this is the last copy.
    """

    items: tuple[Case, ...]
    as_of: datetime
    stale: bool = False
    waiting: tuple[WaitingCase, ...] = ()


@dataclass(frozen=True, slots=True)
class RelatedChoice:
    """Something of the customer's own that a question may be about. `label` without the word for its kind."""

    kind: RelatedKind
    id: str
    label: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewCase:
    """What the form of a new question holds, as typed. `related_kind` and `related_id` are "" for nothing."""

    subject: str = field(repr=False)
    body: str = field(repr=False)
    topic: str
    related_kind: str = ""
    related_id: str = ""
    file_ids: tuple[str, ...] = ()


_STATUSES: Final[Mapping[str, CaseStatus]] = {
    "new": CaseStatus.NEW,
    "open": CaseStatus.IN_PROGRESS,
    "in progress": CaseStatus.IN_PROGRESS,
    "working": CaseStatus.IN_PROGRESS,
    "escalated": CaseStatus.IN_PROGRESS,
    "on hold": CaseStatus.IN_PROGRESS,
    "awaiting customer": CaseStatus.AWAITING_CUSTOMER,
    "waiting on customer": CaseStatus.AWAITING_CUSTOMER,
    "pending customer": CaseStatus.AWAITING_CUSTOMER,
    "closed": CaseStatus.CLOSED,
    "resolved": CaseStatus.CLOSED,
    "cancelled": CaseStatus.CLOSED,
}
"""What staff work with, in lower case, as a customer is told. Of all others only open or closed is told."""


def fold(status: str, is_closed: bool) -> CaseStatus:
    """What a customer is told of that status. Salesforce's own word on whether it is closed is the last one."""
    if is_closed:
        return CaseStatus.CLOSED
    return _STATUSES.get(status.strip().replace("_", " ").casefold(), CaseStatus.IN_PROGRESS)
