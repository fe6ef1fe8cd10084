"""The three outside systems in this process, as they stay when a worker dies; and whose order a call is about."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final
from unittest.mock import Mock
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from portal_app.domain.fulfilment import read_marker
from sandbox.calls import CallLog
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.freebit import transport as freebit
from sandbox.salesforce import oauth, resources
from sandbox.salesforce.call import BASE, Answer, Call, action_of, address
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.org import Org
from sandbox.store import Store
from sandbox.whmcs import actions as _all_actions  # noqa: F401  (registers every action)
from sandbox.whmcs import forms, php
from sandbox.whmcs.encode import shape, to_json
from sandbox.whmcs.registry import ACTIONS
from sandbox.whmcs.registry import Call as WhmcsCall
from sandbox.whmcs.registry import Refusal as WhmcsRefusal
from sandbox.world import World
from tests.properties.fulfilment.faults import Script
from tests.properties.fulfilment.orders import Placed
from tests.properties.fulfilment.seed import planted_bytes
from tests.properties.ordering.market import KnownKeys, MarketClock

SITE: Final = "https://salesforce.example"
WHMCS_ROOT: Final = "https://billing.example.com/whmcs"
FREEBIT_ROOT: Final = "https://partner.example.com"
REFERENCE_FIELD: Final = 1101
WHMCS_WRITES: Final = frozenset({"AddOrder", "AcceptOrder", "CancelOrder", "GenInvoices", "UpdateClientProduct"})
OF_PRODUCT: Final = "GetClientsProducts of a product"
NOT_ABOUT_AN_ORDER: Final = frozenset({"token", "authOem", "GetPaymentMethods", "GetProducts", OF_PRODUCT})
_ID: Final = re.compile(r"(?<![A-Za-z0-9])(?:001|006|801|802)[A-Za-z0-9]{15}(?![A-Za-z0-9])")
_FROM: Final = re.compile(r"\bFROM\s+(\w+)")


class Outside:
    """One world for many orders. `script` says what goes wrong; `activation_s`: how long Freebit takes."""

    def __init__(self, script: Script, *, activation_s: float = 1.0) -> None:
        self.script = script
        store, clock, faults = Store(None), MarketClock(), Faults()
        store._db.deserialize(planted_bytes())
        config = Config(data=None, freebit_activation_s=activation_s)
        self.org = Org(config, clock, store, faults)
        self.org.records.on_change = None  # who listens to events is tested elsewhere
        self.org.keys = KnownKeys()  # type: ignore[assignment]
        hooks = Mock(url="")
        self.world = World(config, clock, store, faults, CallLog(), hooks, self.org)
        self.orders: dict[str, Placed] = {}
        self._by_id: dict[str, str] = {}
        self._active: dict[str, list[str]] = defaultdict(list)
        self.mails: list[dict[str, Any]] = []

    def add(self, placed: Placed) -> None:
        """Calls about it are known from now on."""
        self.orders[placed.order_id] = placed
        self._by_id |= dict.fromkeys(placed.ids, placed.order_id)
        for name in (placed.customer.salesforce_account_id, str(placed.customer.whmcs_client_id), placed.account):
            if name:
                self._active[name].append(placed.order_id)

    def done_with(self, order_ids: Iterable[str]) -> None:
        """What is asked about their customers is no longer asked because of them."""
        for waiting in self._active.values():
            waiting[:] = [one for one in waiting if one not in set(order_ids)]

    def close(self) -> None:
        self.world.store.close()

    # Salesforce

    def salesforce_operation(self, method: str, url: str) -> str:
        """ "query Order", "update OrderItem", "token" ..."""
        parts = urlsplit(url)
        if not parts.path.startswith(BASE):
            return "token"
        name = action_of(method, [step for step in parts.path.split("/")[4:] if step])
        if name == "query":
            return f"query {_FROM.findall(unquote_plus(parts.query))[-1]}"
        return name

    def salesforce_orders(self, url: str, body: str) -> list[str]:
        """Whose a request is: by its own ids, else by the account."""
        found = dict.fromkeys(_ID.findall(unquote_plus(url) + " " + body))
        own = dict.fromkeys(self._by_id[one] for one in found if one in self._by_id)
        return list(own) or [order_id for one in found for order_id in self._active.get(one, ())]

    def ask_salesforce(self, method: str, url: str, headers: Any, body: str) -> Answer:
        """Done at once."""
        parts = urlsplit(url)
        if not parts.path.startswith(BASE):
            return Answer(200, oauth.grant(self.org, dict(parse_qsl(body)), SITE))
        try:
            version, steps, query = address(f"{parts.path}?{parts.query}")
            call = Call(self.org, method, version, steps, query, headers, json.loads(body) if body else None)
            return resources.answer(call)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.errors)

    # WHMCS

    def whmcs_operation(self, params: forms.Params) -> str:
        """The action; the same with another purpose has another name."""
        about_product = params["action"] == "GetClientsProducts" and not forms.text(params, "clientid")
        return OF_PRODUCT if about_product else str(params["action"])

    def whmcs_orders(self, params: forms.Params) -> list[str]:
        """By the marker, by the WHMCS order, service or invoice, else by the client."""
        store = self.world.store
        sent = forms.array(params, "customfields").values()
        own = [_marked(text) for text in sent]
        own += [_order_of(text) for text in forms.array(params, "domain").values()]
        for service_id in (*forms.array(params, "serviceids").values(), forms.text(params, "serviceid")):
            own.append(self._of_services("id = ?", service_id))
        if order_id := forms.text(params, "orderid") or forms.text(params, "id"):
            own.append(self._of_services("order_id = ?", order_id))
        if invoice_id := forms.text(params, "invoiceid"):
            sql = "SELECT relid FROM invoice_items WHERE invoice_id = ? AND relid > 0"
            own += [self._of_services("id = ?", row["relid"]) for row in store.rows(sql, invoice_id)]
        known = list(dict.fromkeys(one for one in own if one in self.orders))
        client = forms.text(params, "clientid") or forms.text(params, "userid")
        return known or list(self._active.get(client, ()))

    def _of_services(self, where: str, value: Any) -> str:
        row = self.world.store.row(f"SELECT * FROM services WHERE {where} LIMIT 1", value) if value else None
        return _order_of(mark_of(row)) if row else ""

    def ask_whmcs(self, params: forms.Params) -> tuple[int, bytes]:
        """Status and JSON; done at once."""
        try:
            with self.world.store.transaction():
                reply = ACTIONS[params["action"].lower()](WhmcsCall(self.world, params, WHMCS_ROOT))
        except WhmcsRefusal as refusal:
            return refusal.status, to_json({"result": "error", "message": refusal.message})
        return 200, to_json(shape({"result": "success"} | reply, self.world.faults.profile))

    # Freebit

    def freebit_orders(self, body: dict[str, Any]) -> list[str]:
        """By the number of the line."""
        entries = [body, *body.get("requestDatas", [])]
        accounts = [str(one["account"]) for one in entries if "account" in one]
        return [order_id for one in accounts for order_id in self._active.get(one, ())]

    def ask_freebit(self, operation: str, body: dict[str, Any]) -> bytes:
        """JSON; done at once."""
        return freebit._run(self.world, operation, body).body or b""


def mark_of(service: dict[str, Any]) -> str:
    """Where the marker stands: in the custom field, in `domain` where the product has none."""
    return json.loads(service["customfields"]).get(str(REFERENCE_FIELD), "") or str(service["domain"])


def _order_of(mark: str) -> str:
    found = read_marker(mark)
    return found[0] if found else ""


def _marked(text: str) -> str:
    try:
        values = php.decode_field(text).values()
    except php.NotSerialized:
        return ""
    return next((found for found in (_order_of(str(value)) for value in values) if found), "")
