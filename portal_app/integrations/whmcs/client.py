"""The WHMCS action API as typed methods, one per action the portal uses, over one request function. Nothing else.

Source: WHMCS API reference, the page of each action.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx

from portal_app.errors import UpstreamOutcomeUnknown, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.upstream import Upstream
from portal_app.integrations.whmcs import php
from portal_app.integrations.whmcs.order_wire import WireNewOrder, WireOrder, WireProductFields
from portal_app.integrations.whmcs.replies import SYSTEM, MalformedUtf8, Reply, understand
from portal_app.integrations.whmcs.transport import Transport
from portal_app.integrations.whmcs.values import as_list, parse_int
from portal_app.integrations.whmcs.wire import (
    Unreadable,
    Wire,
    WireClientDetails,
    WireGateway,
    WireInvoice,
    WireInvoiceDetail,
    WireLogin,
    WireNewClient,
    WirePayMethods,
    WireProduct,
    WireService,
    WireSsoToken,
    WireTransaction,
    WireUser,
    read,
)

T = TypeVar("T")
M = TypeVar("M", bound=Wire)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf: `user` for the cap per user, `background` to go after everybody who waits at a screen."""

    user: str = ""
    background: bool = False


NOBODY = Caller()
BACKGROUND = Caller(background=True)
LOGIN_S = 15
ACCEPT_S = 90
SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """Rows in WHMCS's order. `total` is how many there are in all; None where WHMCS does not say."""

    items: tuple[T, ...]
    total: int | None


class WhmcsClient:
    """Ids are those of WHMCS. What may be raised: see `_call`; every method may raise all of it."""

    def __init__(
        self, http: httpx.AsyncClient, base_url: str, identifier: str, secret: str, upstream: Upstream
    ) -> None:
        self._transport = Transport(http, base_url, identifier, secret)
        self._upstream = upstream

    @property
    def root(self) -> str:
        """Address of this WHMCS, without a trailing slash: where its own pages are."""
        return self._transport.root

    async def get_invoices(
        self,
        whmcs_client_id: int | None,
        *,
        start: int,
        limit: int,
        status: str | None = None,
        newest_first: bool = False,
        caller: Caller = NOBODY,
    ) -> Rows[WireInvoice]:
        """One page by id, oldest first unless `newest_first`. `whmcs_client_id` None asks for everybody's: for the
        operator only.
        """
        order = "desc" if newest_first else "asc"
        sent = {"userid": whmcs_client_id, "status": status, "orderby": "id", "order": order} | _page(start, limit)
        reply = await self._call("GetInvoices", sent, caller)
        return _rows(WireInvoice, "GetInvoices", reply, "invoices", "invoice")

    async def get_invoice(self, whmcs_invoice_id: int, *, caller: Caller = NOBODY) -> WireInvoiceDetail:
        """One invoice, whoever owns it. Raises: UpstreamRejected("not_found")."""
        reply = await self._call("GetInvoice", {"invoiceid": whmcs_invoice_id}, caller)
        return _read(WireInvoiceDetail, "GetInvoice", reply)

    async def get_transactions(self, whmcs_client_id: int, *, caller: Caller = NOBODY) -> Rows[WireTransaction]:
        """Everything ever paid by or refunded to a client; there is no paging."""
        reply = await self._call("GetTransactions", {"clientid": whmcs_client_id}, caller)
        return _rows(WireTransaction, "GetTransactions", reply, "transactions", "transaction")

    async def get_clients_products(
        self,
        whmcs_client_id: int,
        *,
        start: int,
        limit: int,
        whmcs_service_id: int | None = None,
        caller: Caller = NOBODY,
    ) -> Rows[WireService]:
        """One page of a client's services, of every status, or of one of them. A service that is not there is no
        error.
        """
        sent = {"clientid": whmcs_client_id, "serviceid": whmcs_service_id} | _page(start, limit)
        reply = await self._call("GetClientsProducts", sent, caller)
        return _rows(WireService, "GetClientsProducts", reply, "products", "product")

    async def get_fields_of_services(self, whmcs_product_id: int) -> Rows[WireProductFields]:
        """The custom fields of a few services of a product, whoever has them. Nothing else of these rows is read."""
        sent = {"pid": whmcs_product_id} | _page(0, SAMPLE)
        reply = await self._call("GetClientsProducts", sent, BACKGROUND)
        return _rows(WireProductFields, "GetClientsProducts", reply, "products", "product")

    async def get_fields_of_products(self, whmcs_product_id: int) -> Rows[WireProductFields]:
        """The custom fields a product shows on its order form; the hidden ones are missing."""
        reply = await self._call("GetProducts", {"pid": whmcs_product_id}, BACKGROUND)
        return _rows(WireProductFields, "GetProducts", reply, "products", "product")

    async def update_client_product(
        self, whmcs_service_id: int, *, custom_fields: Mapping[int, str], caller: Caller = NOBODY
    ) -> None:
        """Writes these custom fields of a service and nothing else; no module runs. Safe to repeat.

        A field that is none of its product is ignored without a word: read it back. Raises:
        UpstreamRejected("not_found").
        """
        sent = {"serviceid": whmcs_service_id, "customfields": php.encode_field(custom_fields)}
        await self._call("UpdateClientProduct", sent, caller, write=True)

    async def get_clients_details(
        self,
        whmcs_client_id: int | None = None,
        *,
        email: str | None = None,
        stats: bool = False,
        caller: Caller = NOBODY,
    ) -> WireClientDetails:
        """A client by id, or by the client's own e-mail. Raises: UpstreamRejected("not_found")."""
        sent = {"clientid": whmcs_client_id, "email": email, "stats": stats or None}
        return _read(WireClientDetails, "GetClientsDetails", await self._call("GetClientsDetails", sent, caller))

    async def get_users(
        self, search: str, *, start: int = 0, limit: int = 100, caller: Caller = NOBODY
    ) -> Rows[WireUser]:
        """One page of the users whose e-mail or name BEGINS with `search`: compare exactly afterwards."""
        reply = await self._call("GetUsers", {"search": search} | _page(start, limit), caller)
        return _rows(WireUser, "GetUsers", reply, "users", "user")

    async def get_payment_methods(self, *, caller: Caller = NOBODY) -> Rows[WireGateway]:
        """The gateways, not anybody's cards."""
        reply = await self._call("GetPaymentMethods", {}, caller)
        return _rows(WireGateway, "GetPaymentMethods", reply, "paymentmethods", "paymentmethod")

    async def get_pay_methods(self, whmcs_client_id: int, *, caller: Caller = NOBODY) -> WirePayMethods:
        """A client's cards and bank accounts; there is no paging. Raises: UpstreamRejected("not_found")."""
        reply = await self._call("GetPayMethods", {"clientid": whmcs_client_id}, caller)
        return _read(WirePayMethods, "GetPayMethods", reply)

    async def get_products(self, *, caller: Caller = NOBODY) -> Rows[WireProduct]:
        """Every product, the hidden ones too; there is no paging."""
        reply = await self._call("GetProducts", {}, caller)
        return _rows(WireProduct, "GetProducts", reply, "products", "product")

    async def add_order(self, order: Mapping[str, Any], *, caller: Caller = NOBODY) -> WireNewOrder:
        """A pending order with pending services. `order`: WHMCS's own parameters, one list per product parameter.

        Never sent twice, and a repeat would be a second order. Raises: UpstreamRejected("client_closed", "cart_empty",
        "gateway_unknown", ...); UpstreamOutcomeUnknown: look for its marker before trying again.
        """
        reply = await self._call("AddOrder", order, caller, write=True)
        return _read_written(WireNewOrder, "AddOrder", reply)

    async def get_orders(
        self, whmcs_client_id: int | None, whmcs_order_id: int, *, caller: Caller = NOBODY
    ) -> Rows[WireOrder]:
        """One order of a client, or of anybody where none is named: for hooks only. One that is not there is no error
        but no row.
        """
        sent = {"id": whmcs_order_id, "userid": whmcs_client_id} | _page(0, 25)
        return _rows(WireOrder, "GetOrders", await self._call("GetOrders", sent, caller), "orders", "order")

    async def accept_order(self, whmcs_order_id: int, *, caller: Caller = NOBODY) -> None:
        """Makes a pending order active; WHMCS runs the modules of its products meanwhile, which may take 90 s.

        Whether they run is the setting of each product. No mail is sent. Raises: UpstreamRejected("ambiguous_state")
        for an unknown order as for one that is active already; any other code may be a module's text after a part of
        the work was done; UpstreamOutcomeUnknown.
        """
        sent = {"orderid": whmcs_order_id, "sendemail": False}
        await self._call("AcceptOrder", sent, caller, write=True, timeout_s=ACCEPT_S)

    async def cancel_order(self, whmcs_order_id: int, *, caller: Caller = NOBODY) -> None:
        """Takes a pending order back; WHMCS sends no mail. Raises: UpstreamRejected("ambiguous_state") as above."""
        await self._call("CancelOrder", {"orderid": whmcs_order_id, "noemail": True}, caller, write=True)

    async def gen_invoices(
        self, whmcs_client_id: int, whmcs_service_ids: Sequence[int], *, caller: Caller = NOBODY
    ) -> None:
        """Bills what is due of these services, once for each period. WHMCS mails the invoice."""
        sent = {"clientid": whmcs_client_id, "serviceids": list(whmcs_service_ids), "noemails": False}
        await self._call("GenInvoices", sent, caller, write=True)

    async def create_sso_token(
        self, whmcs_client_id: int, *, destination: str, path: str | None = None, caller: Caller = NOBODY
    ) -> WireSsoToken:
        """A sign-in link for one visit within 60 seconds. Never log, store or prefetch it.

        A lost answer is UpstreamUnavailable: the token nobody saw lapses, and another can be made.
        Raises: UpstreamRejected("sso_blocked") where the client has switched it off.
        """
        sent = {"client_id": whmcs_client_id, "destination": destination, "sso_redirect_path": path}
        try:
            reply = await self._call("CreateSsoToken", sent, caller, write=True)
        except UpstreamOutcomeUnknown as lost:
            raise UpstreamUnavailable(SYSTEM, "CreateSsoToken", lost.code) from None
        return _read(WireSsoToken, "CreateSsoToken", reply)

    async def add_client(
        self, profile: Mapping[str, str], *, custom_fields: Mapping[int, str], password: str, marketing: bool
    ) -> WireNewClient:
        """A new client with a new owner user; no mail is sent. `profile`: WHMCS's own field names.

        Never sent twice. Raises: UpstreamRejected("email_taken" and the other codes of refusals.py);
        UpstreamOutcomeUnknown: look the e-mail up before trying again.
        """
        sent = dict(profile) | {
            "password2": password,
            "customfields": php.encode_field(custom_fields),
            "marketingoptin": marketing,
            "noemail": True,
        }
        reply = await self._call("AddClient", sent, NOBODY, write=True)
        return _read_written(WireNewClient, "AddClient", reply)

    async def update_client(
        self,
        whmcs_client_id: int,
        changes: Mapping[str, str],
        *,
        custom_fields: Mapping[int, str] | None = None,
        caller: Caller = NOBODY,
    ) -> None:
        """Changes what is named and nothing else; an empty text blanks a field. Safe to repeat.

        Raises: UpstreamRejected("not_found", "email_taken", ...).
        """
        sent: dict[str, Any] = {"clientid": whmcs_client_id, **changes}
        if custom_fields:
            sent["customfields"] = php.encode_field(custom_fields)
        await self._call("UpdateClient", sent, caller, write=True)

    async def validate_login(self, email: str, password: str) -> WireLogin:
        """Whose user's e-mail and password these are. Asked once: a repeat would count as another try.

        A lost answer is UpstreamUnavailable: nothing was changed. Raises: UpstreamRejected("login") for a wrong pair.
        """
        sent = {"email": email, "password2": password}
        try:
            reply = await self._call("ValidateLogin", sent, NOBODY, write=True, timeout_s=LOGIN_S)
        except UpstreamOutcomeUnknown as lost:
            raise UpstreamUnavailable(SYSTEM, "ValidateLogin", lost.code) from None
        return _read(WireLogin, "ValidateLogin", reply)

    async def _call(
        self,
        action: str,
        sent: Mapping[str, Any],
        caller: Caller,
        *,
        write: bool = False,
        timeout_s: float | None = None,
    ) -> Reply:
        """The reply of one action: the one function every request goes through.

        Raises: UpstreamUnavailable (a read failed, or a write surely was not done), UpstreamOutcomeUnknown (writes
        only), UpstreamRejected (its code says what kind of no), UpstreamReplyChanged, Busy.
        """

        async def send(seconds: float) -> Reply:
            try:
                return understand(await self._transport.post(action, sent, seconds, write=write))
            except MalformedUtf8:
                log.warning(
                    "a row is no valid text, asking in another format", extra={"system": SYSTEM, "operation": action}
                )
            return understand(await self._transport.post(action, sent, seconds, write=write, xml=True))

        return await self._upstream.call(
            action, send, write=write, background=caller.background, user=caller.user, timeout_s=timeout_s
        )


def _page(start: int, limit: int) -> dict[str, Any]:
    return {"limitstart": start, "limitnum": limit}


def _read(model: type[M], action: str, reply: Any) -> M:
    try:
        return read(model, reply)
    except Unreadable as bad:
        raise _changed(action, bad.where) from None


def _read_written(model: type[M], action: str, reply: Any) -> M:
    """As _read. The write was done, but what came of it cannot be read: look."""
    try:
        return _read(model, action, reply)
    except UpstreamReplyChanged as bad:
        raise UpstreamOutcomeUnknown(SYSTEM, action, bad.code) from None


def _rows(model: type[M], action: str, reply: Reply, plural: str, singular: str) -> Rows[M]:
    try:
        rows = as_list(reply.get(plural), singular)
        total = reply.get("totalresults")
        return Rows(tuple(_read(model, action, row) for row in rows), None if total in (None, "") else parse_int(total))
    except ValueError:
        raise _changed(action, plural) from None


def _changed(action: str, where: str) -> UpstreamReplyChanged:
    log.error("reply changed", extra={"system": SYSTEM, "operation": action, "code": where})
    return UpstreamReplyChanged(SYSTEM, action, where)
