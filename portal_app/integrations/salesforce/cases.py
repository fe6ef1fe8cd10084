"""Questions to the staff: opened once for each of our references, and read for the decision."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from portal_app.errors import UpstreamReplyChanged
from portal_app.integrations.salesforce.client import BACKGROUND, NOBODY, Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import PREFIXES, as_18, checked_id
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row

Decision = Literal["open", "approved", "rejected"]

APPROVED: Final = "Approved"
LONGEST_SUBJECT: Final = 255
LONGEST_DESCRIPTION: Final = 32_000
AT_ONCE: Final = 200


class Cases:
    """What the portal asks of cases. `origin` tells staff where one came from."""

    def __init__(
        self, client: SalesforceClient, fields: FieldMap, *, origin: str, approved_status: str = APPROVED
    ) -> None:
        self._client, self._names = client, fields.case
        self._origin, self._approved = origin, approved_status

    async def open_number_check(
        self,
        reference: str,
        *,
        salesforce_account_id: str,
        subject: str,
        description: str,
        caller: Caller = NOBODY,
    ) -> str:
        """The id of the case in which staff decide whether a customer number is this person's.

        The same reference gives the same case, however often and after whatever lost answer. One that is there already
        is left as the staff have it.
        Raises: NotFound for an id that is no account's; UpstreamOutcomeUnknown (do it again); UpstreamError, Busy.
        """
        names = self._names
        account_id = checked_id("Account", salesforce_account_id)
        key = names.portal_reference
        if there := await self._client.find_by_key(names.kind, key, reference, caller=caller):
            return there
        values = {
            names.account_id: account_id,
            names.subject: subject[:LONGEST_SUBJECT],
            names.description: description[:LONGEST_DESCRIPTION],
            names.origin: self._origin,
        }
        return (await self._client.upsert(names.kind, key, reference, values, caller=caller)).record_id

    async def decisions(self, case_ids: Iterable[str], *, caller: Caller = BACKGROUND) -> dict[str, Decision]:
        """What the staff decided, by case id of 18 characters: closed without approval is a no.

        A case that is gone, or hidden from the integration user, is left out, and so is an id that is no case's: nobody
        has decided. Raises: UpstreamError, Busy.
        """
        prefix = PREFIXES[self._names.kind]
        wanted = [text for text in dict.fromkeys(map(as_18, case_ids)) if text and text.startswith(prefix)]
        found: dict[str, Decision] = {}
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            found |= self._decided(part, await self._read(part, caller))
        return found

    async def _read(self, case_ids: list[str], caller: Caller) -> tuple[Row, ...]:
        return await self._client.query(
            soql(
                "SELECT {c.id:literal}, {c.status:literal}, {c.is_closed:literal} "
                "FROM {c.kind:literal} WHERE {c.id:literal} IN {}",
                case_ids,
                c=self._names,
            ),
            operation="GetCases",
            caller=caller,
        )

    def _decided(self, asked: list[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, Decision]:
        found: dict[str, Decision] = {}
        for row in rows:
            case_id = as_18(row.get(self._names.id))
            status, closed = row.get(self._names.status), row.get(self._names.is_closed)
            if not isinstance(status, str) or not isinstance(closed, bool):
                raise UpstreamReplyChanged(SYSTEM, "GetCases", "status")
            if case_id in asked:
                found[case_id] = "approved" if status == self._approved else "rejected" if closed else "open"
        return found
