"""Questions to support, as the portal speaks of them. A customer sees four statuses, whatever staff work with."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

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
    """One entry of the thread. `body` is plain text; `waiting`: Salesforce is not known to have it yet."""

    key: str
    author: Author
    body: str = field(repr=False)
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One question as lists show it. `number` as Salesforce counts, with leading zeros."""

    salesforce_case_id: str
    number: str
    subject: str = field(repr=False)
    status: CaseStatus
    topic: Topic | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CaseThread:
    """One question with the whole conversation, oldest first. `related`: what the customer said it is about.

    `as_of`: the time of the copy.
    """

    case: Case
    messages: tuple[Message, ...]
    related_kind: RelatedKind | None = None
    related_id: str = ""
    related_label: str = field(default="", repr=False)
    as_of: datetime | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class CaseList:
    """All of a customer's questions, last changed first, with the time of the copy."""

    items: tuple[Case, ...]
    as_of: datetime
    stale: bool = False
