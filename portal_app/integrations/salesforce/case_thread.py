"""Everything that was said in one question: the first message, published comments, e-mails meant for the customer."""

import asyncio
from typing import Final

from portal_app.domain.case_texts import unmarked
from portal_app.domain.cases import CaseThread, Message
from portal_app.errors import UpstreamRejected, UpstreamReplyChanged
from portal_app.integrations.salesforce.case_rows import DRAFT, read_case, read_comment, read_email, read_opening
from portal_app.integrations.salesforce.client import Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

THREAD: Final = "GetCaseThread"
NO_SUCH_OBJECT: Final = "object"


class Conversations:
    """Reads what belongs to a case. Every query names the account, too, and every answer its case (4.7, O2)."""

    def __init__(self, client: SalesforceClient, fields: FieldMap) -> None:
        self._client = client
        self._case, self._comment, self._email = fields.case, fields.comment, fields.email
        # A relationship, not a field: no installation can rename its first half.
        self._owner = {"account": f"Parent.{fields.case.account_id}"}

    async def thread(self, account_id: str, row: Row, caller: Caller) -> CaseThread:
        """The conversation of a case that was read a moment ago, oldest first. Raises: UpstreamError, Busy."""
        case, opening = read_case(row, self._case, THREAD), read_opening(row, self._case, THREAD)
        comments, emails = await asyncio.gather(
            self._comments(account_id, case.salesforce_case_id, caller),
            self._emails(account_id, case.salesforce_case_id, caller),
        )
        said = sorted((one for one in (*comments, *emails) if one.body), key=lambda one: one.at)
        first = () if opening.message is None or _is_mail(opening.message, emails) else (opening.message,)
        about = opening.related
        return CaseThread(
            case,
            (*first, *said),
            related_kind=about.kind if about else None,
            related_id=about.id if about else "",
            related_label=about.label if about else "",
        )

    async def has_comment(self, account_id: str, case_id: str, marker: str, caller: Caller) -> bool:
        """Whether a comment with that post's id is there, published or not.

        Bodies cannot be filtered by in a query. Raises: UpstreamError, Busy.
        """
        names = self._comment
        rows = await self._client.query(
            soql(
                "SELECT {c.id:literal}, {c.case_id:literal}, {c.body:literal} FROM {c.kind:literal} "
                "WHERE {c.case_id:literal} = {} AND {p[account]:literal} = {} "
                "ORDER BY {c.created_at:literal} DESC LIMIT 300",
                case_id,
                account_id,
                c=names,
                p=self._owner,
            ),
            operation="FindComment",
            caller=caller,
        )
        self._check(rows, case_id, names.case_id)
        return any(unmarked(body)[0] == marker for row in rows if isinstance(body := row.get(names.body), str))

    async def _comments(self, account_id: str, case_id: str, caller: Caller) -> list[Message]:
        names = self._comment
        rows = await self._client.query(
            soql(
                "SELECT {c.id:literal}, {c.case_id:literal}, {c.body:literal}, {c.created_at:literal}, "
                "{c.is_published:literal} FROM {c.kind:literal} "
                "WHERE {c.case_id:literal} = {} AND {p[account]:literal} = {} "
                "AND {c.is_published:literal} = true "
                "ORDER BY {c.created_at:literal} DESC, {c.id:literal} DESC LIMIT 300",
                case_id,
                account_id,
                c=names,
                p=self._owner,
            ),
            operation=THREAD,
            caller=caller,
        )
        self._check(rows, case_id, names.case_id)
        told = [row for row in rows if row.get(names.is_published) is True]
        ours, found = set[str](), list[Message]()
        for row in reversed(told):  # oldest first: staff who quote one of ours whole write after it
            found.append(read_comment(row, names, THREAD, ours))
            ours.add(found[-1].key)
        return found

    async def _emails(self, account_id: str, case_id: str, caller: Caller) -> list[Message]:
        names = self._email
        statement = soql(
            "SELECT {e.id:literal}, {e.case_id:literal}, {e.incoming:literal}, {e.text:literal}, {e.sent_at:literal}, "
            "{e.is_visible:literal} FROM {e.kind:literal} WHERE {e.case_id:literal} = {} AND {p[account]:literal} = {} "
            "AND {e.is_visible:literal} = true AND {e.status:literal} != {} "
            "ORDER BY {e.sent_at:literal} DESC LIMIT 100",
            case_id,
            account_id,
            DRAFT,
            e=names,
            p=self._owner,
        )
        try:
            rows = await self._client.query(statement, operation=THREAD, caller=caller)
        except UpstreamRejected as refused:
            if refused.code != NO_SUCH_OBJECT:
                raise
            return []  # an organisation without Email-to-Case has no such object
        self._check(rows, case_id, names.case_id)
        told = (row for row in rows if row.get(names.is_visible) is True)
        return [read_email(row, names, THREAD) for row in told if row.get(names.sent_at)]

    def _check(self, rows: tuple[Row, ...], case_id: str, parent: str) -> None:
        if any(as_18(row.get(parent)) != case_id for row in rows):
            raise UpstreamReplyChanged(SYSTEM, THREAD, "parent")


def _is_mail(opening: Message, emails: list[Message]) -> bool:
    """A case made from an e-mail has its text twice."""
    return opening.author == "staff" and any(one.author == "you" and one.body == opening.body for one in emails)
