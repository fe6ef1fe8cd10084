"""The ordering half of the small WHMCS: every product has custom fields with ids of its own, and most are hidden."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import httpx

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import BilledLine
from portal_app.integrations.upstream import WHMCS
from portal_app.integrations.whmcs.orders import AddedOrder, BillingOrders
from sandbox.whmcs.forms import Params, php_array
from sandbox.whmcs.php import decode_field
from tests.fakes.whmcs import FakeWhmcs, a_wire_invoice, a_wire_service, refusal, success

ORDER, OPPORTUNITY = "8015g00000AbCdEAAX", "0065g00000XyZabAAB"
HANAKO = Customer("user-7", 7)
GOLD, SETUP, SIM = 182, 242, 98
LINES = (
    BilledLine(1, "802-1", "INT-GOLD", GOLD, "monthly", Decimal("5800"), True),
    BilledLine(2, "802-2", "INT-SETUP", SETUP, "onetime", Decimal("22000.0"), False),
)
REFERENCE = "Portal Reference"
QUICK = replace(WHMCS, per_second=100_000, per_minute=None, read_attempts=1, breaker_failures=10_000)
NOT_PENDING = "Order ID not found or Status not Pending"


@dataclass
class FakeOrders(FakeWhmcs):
    """`fields`: product id -> field id -> name. `keeps_fields` False: custom fields are dropped without a word.

    `module_text`: what a provisioning module answers instead of working.
    """

    fields: dict[int, dict[int, str]] = field(default_factory=dict)
    on_order_form: tuple[str, ...] = ()
    orders: list[dict[str, Any]] = field(default_factory=list)
    keeps_fields: bool = True
    lower_case_domains: bool = False
    module_text: str = ""

    def sells(self, pid: int, *names: str) -> dict[str, int]:
        """Gives a product custom fields; their ids by name. They are never those of another product."""
        ids = {name: 10 * pid + place for place, name in enumerate(names)}
        self.fields[pid] = {number: name for name, number in ids.items()}
        return ids

    def sold(
        self, service_id: int, client_id: int, pid: int, values: dict[str, str] | None = None, **more: Any
    ) -> None:
        """A service that is there already."""
        row = a_wire_service(service_id, client_id, pid=str(pid), orderid="0") | more
        self.services.append(row | {"customfields": {"customfield": self._shown(pid, values or {})}})

    def _shown(self, pid: int, values: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {"id": str(number), "name": name, "value": values.get(name, "")}
            for number, name in self.fields.get(pid, {}).items()
        ]

    def _AddOrder(self, fields: dict[str, str]) -> httpx.Response:
        sent = php_array(fields.items())
        order_id = 9000 + len(self.orders)
        ids = [self._made(order_id, sent, index) for index in sent["pid"]]
        invoice = 0 if sent.get("noinvoice") == "1" else self._bill(int(sent["clientid"]), ids)
        self.orders.append({"id": order_id, "userid": sent["clientid"], "status": "Pending", "invoiceid": invoice})
        return success(orderid=order_id, serviceids=",".join(map(str, ids)), addonids="", invoiceid=invoice)

    def _made(self, order_id: int, sent: Params, index: str) -> int:
        pid, service_id = int(sent["pid"][index]), 5000 + len(self.services)
        coded = sent.get("customfields", {}).get(index, "")
        values = decode_field(coded) if coded and self.keeps_fields else {}
        domain = sent.get("domain", {}).get(index, "")
        named = {self.fields.get(pid, {}).get(int(key), ""): str(value) for key, value in values.items()}
        self.sold(
            service_id,
            int(sent["clientid"]),
            pid,
            named,
            orderid=str(order_id),
            status="Pending",
            domain=domain.lower() if self.lower_case_domains else domain,
            regdate="2026-01-15",
        )
        return service_id

    def _bill(self, client_id: int, service_ids: list[int]) -> int:
        invoice_id = 700 + len(self.invoices)
        lines = [{"id": n, "type": "Hosting", "relid": n, "description": "x", "amount": "1.00"} for n in service_ids]
        row = a_wire_invoice(invoice_id, client_id, date="2026-01-15", items={"item": lines})
        self.invoices.append(row)
        return invoice_id

    def _GetOrders(self, fields: dict[str, str]) -> httpx.Response:
        rows = [row for row in self.orders if str(row["id"]) == fields["id"] and str(row["userid"]) == fields["userid"]]
        return success(totalresults=len(rows), **({"orders": {"order": rows}} if rows else {}))

    def _moved(self, fields: dict[str, str], status: str) -> httpx.Response:
        row = next((row for row in self.orders if str(row["id"]) == fields["orderid"]), None)
        if row is None or row["status"] != "Pending":
            return refusal(NOT_PENDING)
        if self.module_text and status == "Active":
            return refusal(self.module_text)
        row["status"] = status
        for service in self.services:
            if service["orderid"] == fields["orderid"]:
                service["status"] = status
        return success()

    def _AcceptOrder(self, fields: dict[str, str]) -> httpx.Response:
        return self._moved(fields, "Active")

    def _CancelOrder(self, fields: dict[str, str]) -> httpx.Response:
        return self._moved(fields, "Cancelled")

    def _GenInvoices(self, fields: dict[str, str]) -> httpx.Response:
        sent = php_array(fields.items())
        wanted = [int(number) for number in sent["serviceids"].values()]
        return success(numcreated=1, latestinvoiceid=self._bill(int(sent["clientid"]), wanted))

    def _GetClientsProducts(self, fields: dict[str, str]) -> httpx.Response:
        filters = {"clientid": "clientid", "serviceid": "id", "pid": "pid"}
        rows = [
            row
            for row in self.services
            if all(str(row[column]) == fields[name] for name, column in filters.items() if name in fields)
        ]
        part, counts = self._page(rows, fields)
        return success(**counts, products={"product": part})

    def _GetProducts(self, fields: dict[str, str]) -> httpx.Response:
        shown = self._shown(int(fields["pid"]), {})
        visible = [{"id": one["id"], "name": one["name"]} for one in shown if one["name"] in self.on_order_form]
        return success(products={"product": [{"pid": fields["pid"], "customfields": {"customfield": visible}}]})

    def _UpdateClientProduct(self, fields: dict[str, str]) -> httpx.Response:
        row = next((row for row in self.services if row["id"] == fields["serviceid"]), None)
        if row is None:
            return refusal("Service ID Not Found")
        sent = {str(key): str(value) for key, value in decode_field(fields["customfields"]).items()}
        for one in row["customfields"]["customfield"]:
            one["value"] = sent.get(one["id"], one["value"]) if self.keeps_fields else one["value"]
        return success(serviceid=fields["serviceid"])


async def add(orders: BillingOrders, lines: Sequence[BilledLine] = LINES, **changed: Any) -> AddedOrder:
    """HANAKO's order, placed."""
    return await orders.add(HANAKO, ORDER, lines, **{"opportunity_id": OPPORTUNITY, "invoice": True} | changed)
