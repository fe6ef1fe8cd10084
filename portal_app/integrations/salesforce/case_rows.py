"""Rows of questions and of what was said in them, as the portal speaks of them; and which of them customers may see."""

import logging
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from portal_app.domain.case_texts import REFERENCE, unmarked, without_related, written
from portal_app.domain.cases import Case, CaseStatus, Message, RelatedChoice, Topic, fold
from portal_app.integrations.salesforce.approved_rows import id_of, moment
from portal_app.integrations.salesforce.fields import CaseFields, CommentFields, EmailFields
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

TOPICS: Final[Mapping[Topic, str]] = {
    Topic.BILLING: "Billing",
    Topic.INTERNET: "Internet",
    Topic.SIM: "SIM",
    Topic.VPN: "VPN",
    Topic.OTHER: "Other",
}
DRAFT: Final = "5"
"""Status of an e-mail that was not sent."""
_BY_WORD: Final = {word.casefold(): topic for topic, word in TOPICS.items()}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CaseState:
    """A question of this customer's as it stands now, in Salesforce's own words."""

    salesforce_case_id: str
    status: str
    is_closed: bool

    @property
    def shown(self) -> CaseStatus:
        """What the customer is told."""
        return fold(self.status, self.is_closed)


@dataclass(frozen=True, slots=True)
class Opening:
    """How a question begins: the first message, None where there is none, and what it is about."""

    message: Message | None
    related: RelatedChoice | None = field(default=None, repr=False)


def is_visible(row: Row, names: CaseFields, account_id: str, hidden_origins: Collection[str]) -> bool:
    """Whether it is this account's, and no system-made one (O2). Another account's raises the alarm."""
    if as_18(row.get(names.account_id)) != account_id:
        log.error("record of another account", extra={"system": SYSTEM, "kind": "case"})
        return False
    reference, origin = _text(row.get(names.portal_reference)), _text(row.get(names.origin)).casefold()
    if origin in {one.casefold() for one in hidden_origins}:
        return False
    return not reference or reference.startswith(REFERENCE)


def read_case(row: Row, names: CaseFields, operation: str) -> Case:
    """Raises: UpstreamReplyChanged."""
    state, reference = read_state(row, names, operation), _text(row.get(names.portal_reference))
    return Case(
        salesforce_case_id=state.salesforce_case_id,
        number=_text(row.get(names.number)),
        subject=" ".join(written(_text(row.get(names.subject))).split()),
        status=state.shown,
        topic=_BY_WORD.get(_text(row.get(names.topic)).casefold()),
        created_at=moment(row.get(names.created_at), operation),
        changed_at=moment(row.get(names.changed_at), operation),
        post=reference.removeprefix(REFERENCE) if reference.startswith(REFERENCE) else "",
    )


def read_state(row: Row, names: CaseFields, operation: str) -> CaseState:
    """Raises: UpstreamReplyChanged."""
    return CaseState(
        id_of(row.get(names.id), operation), _text(row.get(names.status)), row.get(names.is_closed) is True
    )


def read_opening(row: Row, names: CaseFields, operation: str) -> Opening:
    """The description: the customer's own words where the portal opened it, else the staff's."""
    text, ours = _text(row.get(names.description)), _text(row.get(names.portal_reference)).startswith(REFERENCE)
    body, related = without_related(text) if ours else (text, None)
    body = written(body)
    key, at = id_of(row.get(names.id), operation), moment(row.get(names.created_at), operation)
    return Opening(Message(key, "you" if ours else "staff", body, at) if body else None, related)


def read_comment(row: Row, names: CommentFields, operation: str, ours: Container[str] = ()) -> Message:
    """Known again by its post where the portal wrote it, else by its own id.

    `ours`: posts that were found before: who repeats their mark quotes them. Raises: UpstreamReplyChanged.
    """
    post, body = unmarked(_text(row.get(names.body)))
    post = "" if post in ours else post
    key = post or id_of(row.get(names.id), operation)
    at = moment(row.get(names.created_at), operation)
    return Message(key, "you" if post else "staff", written(body), at)


def read_email(row: Row, names: EmailFields, operation: str) -> Message:
    """Its plain text, never its HTML. Raises: UpstreamReplyChanged."""
    author = row.get(names.incoming) is True
    key, at = id_of(row.get(names.id), operation), moment(row.get(names.sent_at), operation)
    return Message(key, "you" if author else "staff", written(_text(row.get(names.text))), at)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
