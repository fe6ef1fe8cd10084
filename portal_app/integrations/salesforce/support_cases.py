"""Questions to support: a customer's own, opened, answered, closed and opened again, read through a short copy.

Whatever is written can be found again: a question by its external id, a comment by the post's id in its first line. So
whoever has lost an answer looks before sending anything a second time; that is decided in `workflows.support_posts`.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from portal_app.domain.case_texts import REFERENCE, marked
from portal_app.domain.cases import CaseList, CaseStatus, CaseThread, Topic
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.salesforce.case_rows import TOPICS, CaseState, is_visible, read_case, read_state
from portal_app.integrations.salesforce.case_thread import THREAD, Conversations
from portal_app.integrations.salesforce.client import BACKGROUND, Caller, SalesforceClient
from portal_app.integrations.salesforce.composite import create_and_update
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18, checked_id
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.wire import Row
from portal_app.integrations.upstream import deadline
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock

TTL: Final = timedelta(seconds=30)
STALE_IF_ERROR: Final = timedelta(minutes=15)
PAGE_S: Final = 14
TAG: Final = "cases"
LIST: Final = "ListCases"
STATE: Final = "GetCaseState"
CONTACT_GONE: Final = ("reference", "integrity", "validation")
"""How Salesforce refuses a contact that was deleted, or is another account's by now."""


class SupportCases:
    """What the portal asks of them. Unknown, somebody else's and system-made ones all read as NotFound (O1).

    `origin` tells staff where one came from; those of `hidden_origins` no customer sees. `reopened_status` is also what
    one gets that waited for the customer, who answered.
    """

    def __init__(
        self,
        client: SalesforceClient,
        fields: FieldMap,
        cache: Cache,
        clock: Clock,
        *,
        origin: str,
        hidden_origins: Collection[str],
        closed_status: str,
        reopened_status: str,
    ) -> None:
        self._client, self._cache, self._clock = client, cache, clock
        self._names, self._comment = fields.case, fields.comment
        self._conversations = Conversations(client, fields)
        self._origin, self._hidden = origin, tuple(one for one in hidden_origins if one)
        self._closed, self._reopened = closed_status, reopened_status

    async def list_cases(self, customer: Customer) -> CaseList:
        """All of this customer's, last changed first, 200 at most.

        Raises: NotFound without an account; UpstreamError, Busy when there is no copy to show.
        """
        checked_id("Account", customer.salesforce_account_id)

        async def load() -> CaseList:
            with deadline(PAGE_S, inherit=False):  # shared by all who ask: it must not end with the first of them
                return await self._list(customer)

        found = await self._cache.fetch(
            customer, "cases", load, model=CaseList, ttl=TTL, stale_if_error=STALE_IF_ERROR, tags=(TAG,)
        )
        return replace(found.value, as_of=found.as_of, stale=found.stale)

    async def get_thread(self, customer: Customer, case_id: str) -> CaseThread:
        """One with the whole conversation. Raises: NotFound; UpstreamError, Busy when there is no copy to show."""
        wanted = checked_id(self._names.kind, case_id)

        async def load() -> CaseThread:
            with deadline(PAGE_S, inherit=False):
                return await self._thread(customer, wanted, _caller(customer))

        name = f"case_thread:{wanted}"
        found = await self._cache.fetch(
            customer, name, load, model=CaseThread, ttl=TTL, stale_if_error=STALE_IF_ERROR, tags=(TAG,)
        )
        return replace(found.value, as_of=found.as_of, stale=found.stale)

    async def read_thread(self, customer: Customer, case_id: str) -> CaseThread:
        """As it is now, for the worker. Raises: NotFound, UpstreamError, Busy."""
        return await self._thread(customer, checked_id(self._names.kind, case_id), BACKGROUND)

    async def get_state(self, customer: Customer, case_id: str, *, background: bool = False) -> CaseState:
        """How it stands now, never from a copy. Raises: NotFound, UpstreamError, Busy."""
        wanted = checked_id(self._names.kind, case_id)
        row = await self._read(customer, wanted, STATE, BACKGROUND if background else _caller(customer))
        return read_state(row, self._names, STATE)

    async def find_by_reference(self, customer: Customer, reference: str) -> str | None:
        """The id of the question with that reference. One that staff moved to another account was still opened.

        Raises: UpstreamRejected("more_than_one"), UpstreamError, Busy.
        """
        names = self._names
        return await self._client.find_by_key(names.kind, names.portal_reference, reference, caller=_caller(customer))

    async def create(
        self,
        customer: Customer,
        reference: str,
        *,
        subject: str,
        description: str,
        topic: Topic,
        salesforce_contact_id: str = "",
    ) -> str:
        """The id of the question with that reference. Who sends it again looks first: staff may have changed it.

        Raises: NotFound without an account; UpstreamOutcomeUnknown, UpstreamRejected, UpstreamError, Busy.
        """
        names = self._names
        values: dict[str, Any] = {
            names.account_id: checked_id("Account", customer.salesforce_account_id),
            names.subject: subject,
            names.description: description,
            names.origin: self._origin,
            names.topic: TOPICS[topic],
        }
        contact = {names.contact_id: as_18(salesforce_contact_id)} if as_18(salesforce_contact_id) else {}
        async with self._changing(customer):
            try:
                return await self._upsert(customer, reference, values | contact)
            except UpstreamRejected as refused:
                if not contact or refused.code not in CONTACT_GONE:
                    raise
                return await self._upsert(customer, reference, values)

    async def find_comment(self, customer: Customer, case_id: str, post_hex: str) -> bool:
        """Whether the comment of that post is in that question. Raises: NotFound, UpstreamError, Busy."""
        account_id = checked_id("Account", customer.salesforce_account_id)
        wanted = checked_id(self._names.kind, case_id)
        return await self._conversations.has_comment(account_id, wanted, post_hex, _caller(customer))

    async def comment(self, customer: Customer, state: CaseState, post_id: str, body: str) -> None:
        """Say it in the question whose state was just read. One that waits for the customer goes on, at once with it.

        Sent once: after UpstreamOutcomeUnknown look with `find_comment`, long enough after, before calling again.
        Raises: UpstreamRejected, UpstreamError, Busy.
        """
        names, case_id = self._comment, state.salesforce_case_id
        values = {names.case_id: case_id, names.body: marked(post_id, body), names.is_published: True}
        async with self._changing(customer):
            waits = state.shown is CaseStatus.AWAITING_CUSTOMER
            if not waits or not await self._comment_and_resume(customer, case_id, values):
                await self._client.create(names.kind, values, caller=_caller(customer))

    async def set_status(self, customer: Customer, state: CaseState, *, closed: bool) -> None:
        """Have it closed, or open, whose state was just read; one that is already is left alone.

        Raises: NotFound, UpstreamOutcomeUnknown, UpstreamError, Busy.
        """
        if (state.shown is CaseStatus.CLOSED) == closed:
            return
        names = self._names
        values = {names.status: self._closed if closed else self._reopened}
        async with self._changing(customer):
            await self._client.update(names.kind, state.salesforce_case_id, values, caller=_caller(customer))

    async def clear(self, customer: Customer | str) -> None:
        """Something changed: the next who asks reads it anew."""
        await self._cache.clear(customer, TAG)

    @asynccontextmanager
    async def _changing(self, customer: Customer) -> AsyncIterator[None]:
        """What may have changed is read anew. Where surely nothing was done, the copy stays: there may be no other."""
        try:
            yield
        except (UpstreamUnavailable, Busy):
            raise
        except BaseException:
            await self.clear(customer)
            raise
        await self.clear(customer)

    async def _upsert(self, customer: Customer, reference: str, values: dict[str, Any]) -> str:
        kind, key = self._names.kind, self._names.portal_reference
        return (await self._client.upsert(kind, key, reference, values, caller=_caller(customer))).record_id

    async def _comment_and_resume(self, customer: Customer, case_id: str, values: dict[str, Any]) -> bool:
        """Both or none. False: an organisation refuses that status, and nothing was done."""
        names, caller = self._names, _caller(customer)
        change = {names.status: self._reopened}
        try:
            await create_and_update(
                self._client, self._comment.kind, values, names.kind, case_id, change, caller=caller
            )
        except UpstreamRejected:
            return False
        return True

    async def _thread(self, customer: Customer, case_id: str, caller: Caller) -> CaseThread:
        account_id = checked_id("Account", customer.salesforce_account_id)
        row = await self._read(customer, case_id, THREAD, caller)
        return await self._conversations.thread(account_id, row, caller)

    async def _list(self, customer: Customer) -> CaseList:
        account_id, names = checked_id("Account", customer.salesforce_account_id), self._names
        rows = await self._client.query(
            soql(
                "SELECT {c.id:literal}, {c.number:literal}, {c.account_id:literal}, {c.subject:literal}, "
                "{c.status:literal}, {c.is_closed:literal}, {c.origin:literal}, {c.portal_reference:literal}, "
                "{c.topic:literal}, {c.created_at:literal}, {c.changed_at:literal} FROM {c.kind:literal} "
                "WHERE {c.account_id:literal} = {} "
                "AND ({c.portal_reference:literal} = null OR {c.portal_reference:literal} LIKE '{:like}%') "
                "ORDER BY {c.changed_at:literal} DESC, {c.id:literal} DESC LIMIT 200",
                account_id,
                REFERENCE,
                c=names,
            ),
            operation=LIST,
            caller=_caller(customer),
        )
        mine = (row for row in rows if is_visible(row, names, account_id, self._hidden))
        return CaseList(tuple(read_case(row, names, LIST) for row in mine), self._clock.now())

    async def _read(self, customer: Customer, case_id: str, operation: str, caller: Caller) -> Row:
        account_id, names = checked_id("Account", customer.salesforce_account_id), self._names
        rows = await self._client.query(
            soql(
                "SELECT {c.id:literal}, {c.number:literal}, {c.account_id:literal}, {c.subject:literal}, "
                "{c.description:literal}, {c.status:literal}, {c.is_closed:literal}, {c.origin:literal}, "
                "{c.portal_reference:literal}, {c.topic:literal}, {c.created_at:literal}, {c.changed_at:literal} "
                "FROM {c.kind:literal} WHERE {c.id:literal} = {} AND {c.account_id:literal} = {}",
                case_id,
                account_id,
                c=names,
            ),
            operation=operation,
            caller=caller,
        )
        if not rows or not is_visible(rows[0], names, account_id, self._hidden):
            raise NotFound("case", case_id)
        return rows[0]


def _caller(customer: Customer) -> Caller:
    return Caller(customer.user_id)
