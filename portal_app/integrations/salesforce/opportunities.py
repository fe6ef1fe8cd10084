"""Opportunities: one follows a service from the first question to its end, so no two orders share one.

They have no key of ours. What makes a create repeatable is that the caller holds the account's lock, and that an open
one is looked for before and after.
"""

import logging
from datetime import timedelta
from typing import Final

from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, NotFound, UpstreamError, UpstreamOutcomeUnknown, UpstreamReplyChanged
from portal_app.integrations.salesforce.approved_rows import shown_id
from portal_app.integrations.salesforce.client import FULFILMENT, Caller, SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18, checked_id
from portal_app.integrations.salesforce.order_header import TYPES
from portal_app.integrations.salesforce.soql import soql
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row
from portal_app.storage.clock import Clock

INTRODUCTION: Final = "Introduction"
READY: Final = "Ready"
ACTIVE: Final = "Active"
ENDING: Final = ("Cancelling", "Cancelled", "Void")
"""Whoever moved it there knows more than an order that was delivered earlier."""
ELIGIBILITY_REQUEST: Final = "Internet Eligibility Request"
SIM_CHECKOUT: Final = "SIM Checkout"
ORDER_PLACEMENT: Final = "Order Placement"
_LINE_OF: Final = {ELIGIBILITY_REQUEST: ProductLine.INTERNET, SIM_CHECKOUT: ProductLine.SIM}
CALLED_OFF: Final = ("Cancelled", "Rejected")
"""Orders that give their opportunity back."""

CLOSES_AFTER: Final = timedelta(days=90)
"""Salesforce wants a day on which it is expected to close: as long as an answer about availability holds."""
LONGEST_NAME: Final = 120
OPERATION: Final = "FindOpportunity"
log = logging.getLogger(__name__)


class Opportunities:
    """What the portal asks of opportunities."""

    def __init__(self, client: SalesforceClient, fields: FieldMap, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._names, self._account, self._order = fields.opportunity, fields.account, fields.order

    async def find_or_create(
        self,
        customer: Customer,
        *,
        line: ProductLine,
        source: str,
        stage: str = INTRODUCTION,
        take_from: tuple[str, ...] = (),
    ) -> str:
        """The id of the account's open opportunity for that line, which is in `stage` now; a new one where none is.

        One in a stage of `take_from` is moved on. One that an order has is not open, unless that order was called off.
        The caller holds the account's lock; may be called again after any failure.
        Raises: UpstreamOutcomeUnknown (call again), NotFound for a customer without an account; UpstreamError, Busy.
        """
        account_id = checked_id("Account", customer.salesforce_account_id)
        found = await self._find(customer, account_id, line, (stage, *take_from))
        if found is None:
            return await self._create(customer, account_id, line, source, stage)
        opportunity_id, stands_at = found
        if stands_at != stage:
            await self._set_stage(customer, opportunity_id, stage)
        return opportunity_id

    async def move(self, customer: Customer, opportunity_id: str, stage: str) -> None:
        """Have it stand at that stage; twice is the same as once.

        Raises: NotFound for unknown and somebody else's alike; UpstreamOutcomeUnknown (again); UpstreamError, Busy.
        """
        account_id = checked_id("Account", customer.salesforce_account_id)
        wanted, names = checked_id(self._names.kind, opportunity_id), self._names
        rows = await self._client.query(
            soql(
                "SELECT {o.id:literal}, {o.stage:literal} FROM {o.kind:literal} "
                "WHERE {o.account_id:literal} = {} AND {o.id:literal} = {}",
                account_id,
                wanted,
                o=names,
            ),
            operation="GetOpportunity",
            caller=_buyer(customer),
        )
        if not rows:
            raise NotFound("opportunity")
        if rows[0].get(names.stage) != stage:
            await self._set_stage(customer, wanted, stage)

    async def serve(self, customer: Customer, opportunity_id: str, whmcs_service_id: int) -> None:
        """Have it name the service in WHMCS and stand at Active; only what differs is written. "" has nothing to tell.

        One that is on its way out already keeps its stage. For the worker, and repeatable after any failure.
        Raises: NotFound for unknown and somebody else's alike; UpstreamOutcomeUnknown (again); UpstreamError, Busy.
        """
        if not opportunity_id:
            return
        account_id = checked_id("Account", customer.salesforce_account_id)
        wanted, names = checked_id(self._names.kind, opportunity_id), self._names
        rows = await self._client.query(
            soql(
                "SELECT {o.id:literal}, {o.stage:literal}, {o.whmcs_service_id:literal} FROM {o.kind:literal} "
                "WHERE {o.account_id:literal} = {} AND {o.id:literal} = {}",
                account_id,
                wanted,
                o=names,
            ),
            operation="GetOpportunity",
            caller=FULFILMENT,
        )
        if not rows:
            raise NotFound("opportunity")
        stage = rows[0].get(names.stage)
        changes: dict[str, str | int] = {} if stage in (ACTIVE, *ENDING) else {names.stage: ACTIVE}
        if shown_id(rows[0].get(names.whmcs_service_id)) != str(whmcs_service_id):
            changes[names.whmcs_service_id] = whmcs_service_id
        if changes:
            await self._client.update(names.kind, wanted, changes, caller=FULFILMENT)

    async def _find(
        self, customer: Customer, account_id: str, line: ProductLine, stages: tuple[str, ...]
    ) -> tuple[str, str] | None:
        """Id and stage of the newest open one."""
        names = self._names
        rows = await self._client.query(
            soql(
                "SELECT {o.id:literal}, {o.account_id:literal}, {o.name:literal}, {o.stage:literal}, "
                "{o.source:literal} FROM {o.kind:literal} "
                "WHERE {o.account_id:literal} = {} AND {o.stage:literal} IN {} "
                "ORDER BY {o.created_at:literal} DESC, {o.id:literal} DESC LIMIT 200",
                account_id,
                list(stages),
                o=names,
            ),
            operation=OPERATION,
            caller=_buyer(customer),
        )
        mine = {self._own_id(row, account_id): str(row.get(names.stage)) for row in rows if self._is_for(row, line)}
        taken = await self._taken(customer, account_id, list(mine)) if mine else set()
        return next(((one, stands_at) for one, stands_at in mine.items() if one not in taken), None)

    async def _taken(self, customer: Customer, account_id: str, opportunity_ids: list[str]) -> set[str | None]:
        names = self._order
        rows = await self._client.query(
            soql(
                "SELECT {o.opportunity_id:literal} FROM {o.kind:literal} WHERE {o.account_id:literal} = {} "
                "AND {o.opportunity_id:literal} IN {} AND {o.status:literal} NOT IN {}",
                account_id,
                opportunity_ids,
                list(CALLED_OFF),
                o=names,
            ),
            operation="FindOpportunityOrders",
            caller=_buyer(customer),
        )
        return {as_18(row.get(names.opportunity_id)) for row in rows}

    async def _create(self, customer: Customer, account_id: str, line: ProductLine, source: str, stage: str) -> str:
        names = self._names
        values = {
            names.account_id: account_id,
            names.name: await self._name(customer, account_id, line),
            names.stage: stage,
            names.source: source,
            names.closes_on: self._clock.today_in_japan() + CLOSES_AFTER,
        }
        try:
            return await self._client.create(names.kind, values, caller=_buyer(customer))
        except UpstreamOutcomeUnknown:
            there = await self._look(customer, account_id, line, stage)
            if there is None:
                raise
            return there

    async def _look(self, customer: Customer, account_id: str, line: ProductLine, stage: str) -> str | None:
        """After a lost answer; not being able to look is no proof."""
        try:
            found = await self._find(customer, account_id, line, (stage,))
        except (UpstreamError, Busy):
            log.warning("a lost record could not be looked for", extra={"system": SYSTEM, "operation": OPERATION})
            return None
        return found[0] if found else None

    async def _name(self, customer: Customer, account_id: str, line: ProductLine) -> str:
        """`<Account> - Internet inquiry`, as staff name theirs."""
        names = self._account
        rows = await self._client.query(
            soql("SELECT {a.name:literal} FROM {a.kind:literal} WHERE {a.id:literal} = {}", account_id, a=names),
            operation="GetAccountName",
            caller=_buyer(customer),
        )
        if not rows:
            raise NotFound("account")
        ending, account = _ending(line), rows[0].get(names.name)
        return f"{account if isinstance(account, str) else ''}"[: LONGEST_NAME - len(ending)] + ending

    async def _set_stage(self, customer: Customer, opportunity_id: str, stage: str) -> None:
        names = self._names
        await self._client.update(names.kind, opportunity_id, {names.stage: stage}, caller=_buyer(customer))

    def _is_for(self, row: Row, line: ProductLine) -> bool:
        """Two of our sources name the line; of all others, also those that staff made, the name ends in it."""
        named, name = _LINE_OF.get(str(row.get(self._names.source))), row.get(self._names.name)
        if named is not None:
            return named is line
        return isinstance(name, str) and name.casefold().endswith(_ending(line).casefold())

    def _own_id(self, row: Row, account_id: str) -> str:
        """O2: the answer names its owner, too."""
        found = as_18(row.get(self._names.id))
        if found is None or as_18(row.get(self._names.account_id)) != account_id:
            raise UpstreamReplyChanged(SYSTEM, OPERATION, "id")
        return found


def _ending(line: ProductLine) -> str:
    return f" - {TYPES[line]} inquiry"


def _buyer(customer: Customer) -> Caller:
    return Caller(customer.user_id, checkout=True)
