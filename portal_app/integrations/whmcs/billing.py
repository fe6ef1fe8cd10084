"""A customer's invoices: lists from the mirror, one invoice through the cache, paying by a sign-in link into WHMCS."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from portal_app.domain.billing import Invoice, InvoiceDetail, InvoicePage, InvoiceQuery
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, Conflict, NotFound, UpstreamError, UpstreamRejected
from portal_app.integrations.upstream import deadline
from portal_app.integrations.whmcs.client import BACKGROUND, Caller, Rows, WhmcsClient
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.mapping import (
    detail_of,
    invoice_of,
    invoice_of_detail,
    is_draft,
    paid_by_invoice,
    seen_on,
)
from portal_app.integrations.whmcs.ownership import OnForeign, Ownership, checked_id
from portal_app.integrations.whmcs.paging import both, read_all
from portal_app.integrations.whmcs.sign_in_links import SignInLinks
from portal_app.integrations.whmcs.wire import WireInvoice, WireInvoiceDetail
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import InvoiceMirrorStore
from portal_app.storage.payments import PaymentLinks

KIND: Final = "invoices"
LIST_TTL: Final = timedelta(seconds=90)
DETAIL_TTL: Final = timedelta(minutes=5)
DETAIL_STALE: Final = timedelta(minutes=15)
PAGE_S: Final = 14
REFRESH_S: Final = 30
"""Reads that all who wait share have a deadline of their own: they must not end with that of whoever asked first."""
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class OperatorPage:
    """Some rows of a page of WHMCS's list. `total` counts the list, `received` the whole page: go on there."""

    items: tuple[Invoice, ...]
    total: int | None
    received: int


class Billing:
    """What the portal asks about invoices. `on_foreign(customer, kind, id)` hears of every try at another's record."""

    def __init__(
        self,
        client: WhmcsClient,
        mirror: InvoiceMirrorStore,
        marks: FreshnessMarks,
        cache: Cache,
        links: PaymentLinks,
        clock: Clock,
        *,
        on_foreign: OnForeign | None = None,
    ) -> None:
        self._client, self._mirror, self._marks = client, mirror, marks
        self._cache, self._links, self._clock = cache, links, clock
        self._ownership = Ownership(on_foreign)
        self._gateways = Gateways(client, clock)
        self._sign_in = SignInLinks(client)

    async def list_invoices(self, customer: Customer, query: InvoiceQuery, *, wait: bool = False) -> InvoicePage:
        """This customer's invoices in the query's order, drafts never, with the time of the copy and figures over all.

        A stale copy is shown while it is refreshed, unless `wait`.
        Raises: UpstreamError or Busy only when there is no copy to show.
        """

        async def refresh() -> None:
            with deadline(REFRESH_S, inherit=False):
                await self._copy(customer)

        fresh = await self._marks.ensure(KIND, customer, refresh, ttl=LIST_TTL, wait=wait)
        return await self._mirror.page(customer, query, as_of=fresh.as_of, stale=fresh.stale)

    async def recent_invoices(self, customer: Customer, limit: int, *, wait: bool = False) -> InvoicePage:
        """The newest invoices, with the figures of list_invoices. Raises as that does."""
        newest = InvoiceQuery(sort="issued", descending=True, size=limit)
        return await self.list_invoices(customer, newest, wait=wait)

    async def payable_invoices(self, customer: Customer, limit: int) -> tuple[Invoice, ...]:
        """What there is to pay, by the day it is due, from the copy as it is: for beside a page of `list_invoices`."""
        return tuple(await self._mirror.payable(customer, limit))

    async def get_invoice(self, customer: Customer, whmcs_invoice_id: int, *, anew: bool = False) -> InvoiceDetail:
        """One invoice with its lines, at most five minutes old; while WHMCS is down up to 15, with `stale` set.

        `anew` asks WHMCS in any case. After a failure open pages are told when to try again.
        Raises: NotFound for an unknown one, somebody else's and a draft alike; UpstreamError, Busy.
        """
        wanted = checked_id("invoice", whmcs_invoice_id)

        async def load() -> InvoiceDetail:
            with deadline(PAGE_S, inherit=False):
                return await self._detail(customer, wanted)

        try:
            cached = await self._cache.fetch(
                customer,
                f"invoice:{wanted}",
                load,
                model=InvoiceDetail,
                ttl=DETAIL_TTL,
                stale_if_error=DETAIL_STALE,
                tags=_tags(wanted),
                anew=anew,
            )
        except (UpstreamError, Busy):
            self._marks.hint_later(KIND, customer)
            raise
        if cached.stale:
            self._marks.hint_later(KIND, customer)
        shown = seen_on(self._clock.today_in_japan(), cached.value.invoice)
        return replace(cached.value, invoice=shown, as_of=cached.as_of, stale=cached.stale)

    async def refresh(self, customer: Customer) -> None:
        """Makes the next read of lists ask WHMCS. Single invoices follow when that finds a change."""
        await self._marks.clear(KIND, customer.whmcs_client_id)

    async def request_payment(self, customer: Customer, whmcs_invoice_id: int) -> str:
        """An address where this customer can pay this invoice in WHMCS, good once, for a minute: redirect, never keep.

        Ownership and state are read anew. Where the client has switched single sign-on off, it is the invoice's page
        behind WHMCS's own sign-in.
        Raises: NotFound; Conflict("billing.not_payable"); UpstreamError, Busy.
        """
        wanted = checked_id("invoice", whmcs_invoice_id)
        with deadline(PAGE_S):
            wire = await self._owned(customer, wanted, Caller(customer.user_id))
            invoice = invoice_of_detail(wire, customer.whmcs_client_id, self._clock.today_in_japan())
            if not invoice.payable:
                await self._learned(invoice, customer)
                raise Conflict("billing.not_payable")
            url = await self._sign_in.to_invoice(customer, wanted)
        await self._links.minted(customer, wanted)
        return url

    async def waiting_for_payment(self, customer: Customer) -> set[int]:
        """Ids of invoices this customer went to pay within 15 minutes and that were not seen paid since."""
        return await self._links.waiting(customer)

    async def sync_invoice(self, whmcs_invoice_id: int, *, background: bool = True) -> int | None:
        """Copy one invoice into the mirror, whoever owns it; the owner's client id, or None when WHMCS has no such.

        For hooks, polls and reconciliation, never for a customer's question. A change clears the owner's list mark.
        Raises: UpstreamError, Busy.
        """
        try:
            wire = await self._client.get_invoice(
                checked_id("invoice", whmcs_invoice_id), caller=Caller(background=background)
            )
        except NotFound:
            return None
        except UpstreamRejected as refused:
            if refused.code == "not_found":
                return None
            raise
        if wire.userid is None or wire.id != whmcs_invoice_id:
            return None
        await self._learned(invoice_of_detail(wire, wire.userid, self._clock.today_in_japan()))
        return wire.userid

    async def operator_list_invoices(
        self, status: str | None, *, start: int, limit: int, of: Collection[int] | None = None
    ) -> OperatorPage:
        """One page of everybody's invoices in order of id, of which those of the clients `of` are given.

        For reconciliation only. `status` is WHMCS's word, "Overdue" included; None is every status. Rows that name no
        owner are left out. Raises: UpstreamError, Busy.
        """
        page = await self._client.get_invoices(None, status=status, start=start, limit=limit, caller=BACKGROUND)
        owned = [(row, row.userid) for row in page.items if row.userid is not None and (of is None or row.userid in of)]
        today = self._clock.today_in_japan()
        paid: dict[int, Decimal] = {}
        for owner in sorted({owner for row, owner in owned if invoice_of(row, owner, _NOTHING, today).payable}):
            transactions = await self._client.get_transactions(owner, caller=BACKGROUND)
            paid |= paid_by_invoice(transactions.items)
        items = tuple(invoice_of(row, owner, paid.get(row.id, _NOTHING), today) for row, owner in owned)
        return OperatorPage(items, page.total, len(page.items))

    async def _copy(self, customer: Customer) -> None:
        """Read every invoice of the customer, with what was paid on them, into the mirror; all or nothing."""
        client_id, caller = checked_id("client", customer.whmcs_client_id), Caller(customer.user_id)

        async def page(start: int, limit: int) -> Rows[WireInvoice]:
            return await self._client.get_invoices(client_id, start=start, limit=limit, caller=caller)

        rows, transactions = await both(
            read_all("GetInvoices", page), self._client.get_transactions(client_id, caller=caller)
        )
        paid, today = paid_by_invoice(transactions.items), self._clock.today_in_japan()
        for row in rows:
            self._ownership.check(customer, row.userid, "invoice", row.id)
        invoices = [invoice_of(row, client_id, paid.get(row.id, _NOTHING), today) for row in rows]
        drift = await self._mirror.replace_all(client_id, invoices)
        if drift.total:
            await self._cache.clear(customer, KIND)  # a kept invoice must not contradict the list

    async def _detail(self, customer: Customer, whmcs_invoice_id: int) -> InvoiceDetail:
        caller = Caller(customer.user_id)
        wire = await self._owned(customer, whmcs_invoice_id, caller)
        names = await self._gateways.names(caller) if wire.transactions else {}
        return detail_of(wire, customer.whmcs_client_id, names, self._clock.today_in_japan(), self._clock.now())

    async def _owned(self, customer: Customer, whmcs_invoice_id: int, caller: Caller) -> WireInvoiceDetail:
        try:
            wire = await self._client.get_invoice(whmcs_invoice_id, caller=caller)
        except UpstreamRejected as refused:
            raise (NotFound("invoice", whmcs_invoice_id) if refused.code == "not_found" else refused) from None
        self._ownership.check(customer, wire.userid, "invoice", whmcs_invoice_id)
        if wire.id != whmcs_invoice_id or is_draft(wire):
            raise NotFound("invoice", whmcs_invoice_id)
        return wire

    async def _learned(self, invoice: Invoice, customer: Customer | None = None) -> None:
        """A single invoice was read anew: the mirror has it; what is now out of date beside it is cleared."""
        drift = await self._mirror.upsert(invoice)
        if drift.total:
            await self._marks.clear(KIND, invoice.whmcs_client_id)
        if customer is not None:
            await self._cache.clear(customer, *_tags(invoice.whmcs_invoice_id)[1:])


def _tags(whmcs_invoice_id: int) -> tuple[str, str]:
    return KIND, f"invoice:{whmcs_invoice_id}"
