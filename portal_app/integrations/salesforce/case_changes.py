"""Which questions something happened to since some moment: a status, a comment meant for the customer, an e-mail.

A hint (E5): who hears of one reads the whole of it. Read in the background only, by the stamp every change moves, each
object by its own: whether a comment moves its case's is not settled.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from portal_app.domain.case_texts import REFERENCE
from portal_app.errors import UpstreamReplyChanged
from portal_app.integrations.salesforce.approved_rows import id_of, moment
from portal_app.integrations.salesforce.case_rows import DRAFT
from portal_app.integrations.salesforce.client import BACKGROUND, SalesforceClient
from portal_app.integrations.salesforce.composite import FirstRows, first_rows
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.soql import Soql, soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

OPERATION: Final = "ChangedQuestions"
AT_ONCE: Final = 2000
LAST: Final = datetime.max.replace(tzinfo=UTC)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stirred:
    """Something happened to that question, at that time (UTC, by Salesforce's clock, which counts whole seconds).

    `what` tells two that happened within one second apart.
    """

    salesforce_case_id: str
    salesforce_account_id: str
    at: datetime
    what: str


class CaseChanges:
    """What the portal asks about news of questions. Rows that cannot be read are left out and told to the operator."""

    def __init__(self, client: SalesforceClient, fields: FieldMap) -> None:
        self._client, self._case, self._comment, self._email = client, fields.case, fields.comment, fields.email
        self._owner = f"Parent.{fields.case.account_id}"
        # Where a row of each answer names its question, and when it changed.
        self._fields = {
            "cases": (self._case.id, self._case.changed_at),
            "comments": (self._comment.case_id, self._comment.changed_at),
            "emails": (self._email.case_id, self._email.changed_at),
        }

    async def since(self, at: datetime) -> tuple[Stirred, ...]:
        """Those of any account after that second, oldest first. Of more than 2,000 of a kind only those before its end:

        nothing is left out that is older than the last of them. Raises: UpstreamError, Busy.
        """
        found: list[Stirred] = []
        until = LAST
        statements = {"cases": self._changed_cases(at), "comments": self._comments(at), "emails": self._mails(at)}
        for name, answer in (await self._ask(statements)).items():
            some = self._read(answer.rows, *self._fields[name])
            found += some
            if some and (len(answer.rows) >= AT_ONCE or not answer.whole):
                until = min(until, some[-1].at)
        return tuple(sorted((one for one in found if one.at <= until), key=lambda one: one.at))

    async def newest(self) -> datetime | None:
        """When anything last happened to a question; None when nothing ever did. Raises: UpstreamError, Busy."""
        statements = {
            name: soql(
                "SELECT {n.changed_at:literal} FROM {n.kind:literal} ORDER BY {n.changed_at:literal} DESC LIMIT 1",
                n=names,
            )
            for name, names in (("cases", self._case), ("comments", self._comment))
        }
        times = [
            moment(row.get(self._fields[name][1]), OPERATION)
            for name, answer in (await self._ask(statements)).items()
            for row in answer.rows
        ]
        return max(times, default=None)

    def _mails(self, at: datetime) -> Soql:
        return soql(
            "SELECT {e.id:literal}, {e.case_id:literal}, {p[account]:literal}, {e.changed_at:literal} "
            "FROM {e.kind:literal} WHERE {e.changed_at:literal} > {} AND {e.is_visible:literal} = true "
            "AND {e.status:literal} != {} ORDER BY {e.changed_at:literal} LIMIT {}",
            at,
            DRAFT,
            AT_ONCE,
            e=self._email,
            p={"account": self._owner},
        )

    def _changed_cases(self, at: datetime) -> Soql:
        return soql(
            "SELECT {c.id:literal}, {c.account_id:literal}, {c.status:literal}, {c.changed_at:literal} "
            "FROM {c.kind:literal} WHERE {c.changed_at:literal} > {} AND {c.account_id:literal} != null "
            "AND ({c.portal_reference:literal} = null OR {c.portal_reference:literal} LIKE '{:like}%') "
            "ORDER BY {c.changed_at:literal} LIMIT {}",
            at,
            REFERENCE,
            AT_ONCE,
            c=self._case,
        )

    def _comments(self, at: datetime) -> Soql:
        return soql(
            "SELECT {m.id:literal}, {m.case_id:literal}, {p[account]:literal}, {m.changed_at:literal} "
            "FROM {m.kind:literal} WHERE {m.changed_at:literal} > {} AND {m.is_published:literal} = true "
            "ORDER BY {m.changed_at:literal} LIMIT {}",
            at,
            AT_ONCE,
            m=self._comment,
            p={"account": self._owner},
        )

    async def _ask(self, statements: Mapping[str, Soql]) -> dict[str, FirstRows]:
        """One call. An organisation without Email-to-Case has no e-mails of cases."""
        return await first_rows(self._client, OPERATION, statements, maybe_none={"emails"}, caller=BACKGROUND)

    def _read(self, rows: Iterable[Row], case_field: str, stamp_field: str) -> list[Stirred]:
        found = []
        for row in rows:
            account = _account_of(row, self._case.account_id)
            if account is None:
                continue  # nobody's question
            try:
                case_id, stamp = id_of(row.get(case_field), OPERATION), moment(row.get(stamp_field), OPERATION)
                what = f"{row.get(self._case.id)}|{row.get(self._case.status, '')}|{stamp.isoformat()}"
                found.append(Stirred(case_id, id_of(account, OPERATION), stamp, what))
            except UpstreamReplyChanged as odd:
                log.error("a change could not be read", exc_info=odd, extra={"system": SYSTEM, "operation": OPERATION})
        return found


def _account_of(row: Row, name: str) -> Any:
    parent = row.get("Parent")
    return parent.get(name) if isinstance(parent, dict) else row.get(name)
