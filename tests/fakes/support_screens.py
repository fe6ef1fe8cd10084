"""What the pages of support ask, with the answers in the open."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portal_app.domain.cases import (
    Attachment,
    Case,
    CaseList,
    CaseStatus,
    CaseThread,
    Message,
    RelatedChoice,
    Topic,
    WaitingCase,
)
from portal_app.domain.customer import Customer
from portal_app.errors import NotFound
from tests.fakes.screens import AS_OF

ASKED = datetime(2026, 1, 14, 20, 0, tzinfo=UTC)
"""The morning of Thursday 15 January in Japan."""
CASE_ID = "500000000000001AAA"
DOCUMENT_ID = "069000000000001AAA"


def a_case(number: str = "00001042", status: str = "in_progress", subject: str = "Slow in the evening") -> Case:
    """A question about internet; its id ends in its number."""
    case_id = CASE_ID if number == "00001042" else f"5000000{number}AAA"
    return Case(case_id, number, subject, CaseStatus(status), Topic.INTERNET, ASKED, ASKED)


def a_message(key: str = "m1", author: str = "you", body: str = "It is slow.", **more: Any) -> Message:
    """Written on the morning of the 15th."""
    return Message(key, author, body, ASKED, **more)  # type: ignore[arg-type]


def a_file(name: str = "speed.png", size: int = 2_140_000) -> Attachment:
    """A picture in Salesforce."""
    return Attachment(DOCUMENT_ID, name, size, "png")


@dataclass
class ScreenSupport:
    """Questions and conversations; `failure` is raised instead. Remembers who refreshed."""

    cases: list[Case] = field(default_factory=list)
    waiting: list[WaitingCase] = field(default_factory=list)
    threads: dict[str, CaseThread] = field(default_factory=dict)
    choices: tuple[RelatedChoice, ...] = ()
    older: tuple[RelatedChoice, ...] = ()
    stale: bool = False
    failure: Exception | None = None
    refreshed: list[Customer] = field(default_factory=list)

    async def list_cases(self, customer: Customer) -> CaseList:
        self._fail()
        return CaseList(tuple(self.cases), AS_OF, self.stale, tuple(self.waiting))

    async def get_thread(self, customer: Customer, case_id: str) -> CaseThread:
        self._fail()
        if case_id not in self.threads:
            raise NotFound("case", case_id)
        return self.threads[case_id]

    async def related_choices(self, customer: Customer, also: tuple[str, str] = ("", "")) -> tuple[RelatedChoice, ...]:
        self._fail()
        return self.choices + tuple(one for one in self.older if (one.kind, one.id) == also)

    async def refresh(self, customer: Customer) -> None:
        self.refreshed.append(customer)

    def open(self, *messages: Message, status: str = "in_progress", **more: Any) -> None:
        """The one conversation there is."""
        more = {"as_of": AS_OF} | more
        self.threads[CASE_ID] = CaseThread(a_case(status=status), messages, **more)

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


@dataclass
class ScreenNotices:
    """Subjects of unread notices."""

    unread: set[str] = field(default_factory=set)
    read: list[str] = field(default_factory=list)

    async def unread_subjects(self, customer: Customer, prefix: str = "case:") -> set[str]:
        return {subject for subject in self.unread if subject.startswith(prefix)}

    async def read_subject(self, customer: Customer, subject: str) -> None:
        self.read.append(subject)
        self.unread.discard(subject)
