"""A customer's identity document, handed over to Salesforce Files on the account. The portal keeps nothing of it."""

import base64
import logging
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.errors import Busy, UpstreamError, UpstreamOutcomeUnknown
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.client import Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import checked_id
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.storage.clock import Clock

SUBMITTED: Final = "Submitted"
LONGEST_TITLE: Final = 255
# The parent of a link in a query; a relationship, not a field, so no installation can rename it.
_TITLE: Final = "ContentDocument.Title"
log = logging.getLogger(__name__)


class Documents:
    """What the portal asks of identity documents; where one stands is told by `Checks`."""

    def __init__(self, client: SalesforceClient, fields: FieldMap, checks: Checks, clock: Clock) -> None:
        self._client, self._checks, self._clock = client, checks, clock
        self._account, self._file, self._link = fields.account, fields.file, fields.file_link

    async def submit(self, customer: Customer, reference: str, name: str, content: bytes) -> None:
        """Hand over a checked file and tell staff: the account's document is submitted.

        The same reference gives one file, however often and after whatever lost answer. The caller has checked the
        file (domain.uploads) and knows that one is wanted.
        Raises: UpstreamOutcomeUnknown (call again with the same reference), NotFound, UpstreamError, Busy.
        """
        account_id = checked_id("Account", customer.salesforce_account_id)
        title = f"Identity document {reference}"[:LONGEST_TITLE]
        if not await self._is_there(customer, account_id, title):
            await self._hand_over(customer, account_id, title, name, content)
        names = self._account
        values = {names.verification_status: SUBMITTED, names.verification_submitted_at: self._clock.now()}
        try:
            await self._client.update(names.kind, account_id, values, caller=Caller(customer.user_id))
        finally:
            await self._checks.clear(customer)

    async def _hand_over(self, customer: Customer, account_id: str, title: str, name: str, content: bytes) -> None:
        names = self._file
        values = {
            names.title: title,
            names.path: name,
            names.content: base64.b64encode(content).decode("ascii"),
            names.published_to: account_id,
        }
        try:
            await self._client.create(names.kind, values, caller=Caller(customer.user_id))
        except UpstreamOutcomeUnknown:
            if not await self._arrived(customer, account_id, title):
                raise

    async def _arrived(self, customer: Customer, account_id: str, title: str) -> bool:
        """After a lost answer; not being able to look is no proof."""
        try:
            return await self._is_there(customer, account_id, title)
        except (UpstreamError, Busy):
            log.warning("a lost file could not be looked for", extra={"system": SYSTEM, "operation": "FindDocument"})
            return False

    async def _is_there(self, customer: Customer, account_id: str, title: str) -> bool:
        """Links can be asked for only by what they link."""
        rows = await self._client.query(
            soql(
                "SELECT {l.id:literal} FROM {l.kind:literal} "
                "WHERE {l.linked_to:literal} = {} AND {n[title]:literal} = {} LIMIT 1",
                account_id,
                title,
                l=self._link,
                n={"title": _TITLE},
            ),
            operation="FindDocument",
            caller=Caller(customer.user_id),
        )
        return bool(rows)
