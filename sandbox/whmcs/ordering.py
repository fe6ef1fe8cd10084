"""Placing an order and moving it. Nothing here is idempotent: a repeated AddOrder is a second order.

Source: WHMCS API reference, AddOrder, AcceptOrder, PendingOrder, CancelOrder, FraudOrder, DeleteOrder.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from sandbox import money
from sandbox.days import NEVER_DAY
from sandbox.store import Row
from sandbox.whmcs import cycles, forms, ledger, letters, php, provisioning
from sandbox.whmcs.catalog import GATEWAYS, kept_fields, price_of
from sandbox.whmcs.encode import ABSENT, Reply
from sandbox.whmcs.registry import Announcement, Call, Refusal, action, announced_first, failed_midway

NOT_PENDING = "Order ID not found or Status not Pending"
ARRAYS = ("pid", "qty", "domain", "billingcycle", "customfields", "configoptions", "priceoverride", "hostname")
NO_INVOICE = {"natural": 0, "string": "", "missing": ABSENT}


@dataclass(frozen=True, slots=True)
class Item:
    """One product of a cart. Amounts net, in hundredths."""

    product: Row
    cycle: str
    first: int
    recurring: int
    domain: str
    fields: dict[str, str]


@action("AddOrder")
def add_order(call: Call) -> Reply:
    """A pending order with pending services, and its unpaid invoice. Sets nothing up, whatever the product says."""
    client, gateway = _customer(call), _gateway(call)
    items = _items(call)
    if not items:
        raise Refusal("No items added to cart so order cannot proceed")
    order_id = _order(call, client, gateway, items)
    service_ids = [_service(call, client, order_id, gateway, item) for item in items]
    invoice_id = _invoice(call, client, order_id, gateway, items, service_ids)
    if not call.flag("noemail"):
        letters.write(call.world, client["id"], "Order Confirmation", f"Your order {order_id} was received.")
    return {
        "orderid": order_id,
        "serviceids": ",".join(map(str, service_ids)),
        "addonids": "",
        "domainids": "",
        # [U] which of 0, "", null and no key at all is used when there is no invoice: hence the profile.
        "invoiceid": invoice_id or NO_INVOICE.get(call.world.faults.profile.empty),
    }


def _customer(call: Call) -> Row:
    client = call.row_or_refuse("clients", "clientid", "Client ID Not Found")
    if client["status"] == "Closed":
        raise Refusal("Unable to add order when client status is Closed")
    return client


def _gateway(call: Call) -> str:
    if call.text("paymentmethod") not in GATEWAYS:
        raise Refusal(f"Invalid Payment Method. Valid options include {', '.join(GATEWAYS)}")
    if call.text("addonid") or "addonids" in call.params:
        raise Refusal("Addon ID invalid")  # there are no addons here
    return call.text("paymentmethod")


def _items(call: Call) -> list[Item]:
    """By index of pid; an unknown product is left out without a word [U]. A quantity makes that many services [U]."""
    for name in ARRAYS:
        if call.text(name):
            raise Refusal(f"Expecting parameter '{name}' to be an array")
    items = []
    for index, pid in forms.array(call.params, "pid").items():
        product = call.world.store.get("products", forms.number({"pid": pid}, "pid"))
        if product is not None:
            items += [_item(call, product, index)] * max(1, _at(call, "qty", index, 1))
    return items


def _at(call: Call, name: str, index: str, default: int) -> int:
    return forms.number(forms.array(call.params, name), index, default)


def _item(call: Call, product: Row, index: str) -> Item:
    """A cycle the product is not sold for becomes its first one [U]."""
    cycle = forms.text(forms.array(call.params, "billingcycle"), index).lower()
    if price_of(product, cycle) is None:
        cycle = "monthly" if product["paytype"] == "recurring" else product["paytype"]
    price = price_of(product, cycle) or 0
    override = forms.text(forms.array(call.params, "priceoverride"), index)
    if override:
        price = _amount(override, price)
    return Item(
        product=product,
        cycle=cycle,
        first=price + (0 if override else product["setup"]),
        recurring=0 if cycle in ("onetime", "free") else price,
        domain=forms.text(forms.array(call.params, "domain"), index),
        fields=_fields(call, product, forms.text(forms.array(call.params, "customfields"), index)),
    )


def _amount(text: str, default: int) -> int:
    try:
        return money.parse(text)
    except ValueError:
        return default


def _fields(call: Call, product: Row, sent: str) -> dict[str, str]:
    """What PHP's unserialize refuses is ignored silently [U]."""
    try:
        values = php.decode_field(sent) if sent else {}
    except php.NotSerialized:
        values = {}
    return kept_fields(call.world.faults.profile, product, values)


def _order(call: Call, client: Row, gateway: str, items: list[Item]) -> int:
    """`amount` is net [U]. Nobody is the requestor of an order by API [U]."""
    return call.world.store.insert(
        "orders",
        ordernum=str(1_000_000_000 + secrets.randbelow(9_000_000_000)),
        client_id=client["id"],
        user_id=0,
        date=call.world.clock.stamp(),
        amount=sum(item.first for item in items),
        paymentmethod=gateway,
        status="Pending",
        ipaddress=call.text("clientip"),
    )


def _service(call: Call, client: Row, order_id: int, gateway: str, item: Item) -> int:
    """Due today, for the invoice still to come; free ones never [U]."""
    today = call.world.clock.today().isoformat()
    return call.world.store.insert(
        "services",
        client_id=client["id"],
        order_id=order_id,
        product_id=item.product["id"],
        regdate=today,
        domain=item.domain,
        firstpaymentamount=item.first,
        recurringamount=item.recurring,
        paymentmethod=gateway,
        billingcycle=cycles.SHOWN[item.cycle],
        nextduedate=today if item.first or item.recurring else NEVER_DAY,
        status="Pending",
        customfields=json.dumps(item.fields, ensure_ascii=False),
    )


def _invoice(call: Call, client: Row, order_id: int, gateway: str, items: list[Item], service_ids: list[int]) -> int:
    """Due at once [U]. 0 with `noinvoice` and when nothing is due."""
    if call.flag("noinvoice") or not sum(item.first for item in items):
        return 0
    lines = [
        ledger.NewItem(item.product["name"], item.first, type="Hosting", relid=service_id)
        for item, service_id in zip(items, service_ids, strict=True)
    ]
    invoice_id = ledger.create(call.world, client["id"], lines, due_in_days=0, gateway=gateway, source="api")
    call.world.store.update("orders", order_id, invoice_id=invoice_id)
    if not call.flag("noinvoiceemail"):
        letters.write(call.world, client["id"], "Customer Invoice", f"Invoice #{invoice_id} has been made.")
    return invoice_id


# Moving it


def _pending(call: Call) -> Row:
    """The same words for an unknown order and for one that has moved on."""
    order = call.row_or_refuse("orders", "orderid", NOT_PENDING)
    if order["status"] != "Pending":
        raise Refusal(NOT_PENDING)
    return order


def _known(call: Call) -> Row:
    return call.row_or_refuse("orders", "orderid", "Order ID Not Found")


def _deletable(call: Call) -> Row:
    order = call.row_or_refuse("orders", "orderid", "Order ID not found")
    if order["status"] not in ("Cancelled", "Fraud"):
        raise Refusal("The order status must be in Cancelled or Fraud to be deleted")
    return order


def _services(call: Call, order: Row) -> list[Row]:
    return call.world.store.rows("SELECT * FROM services WHERE order_id = ? ORDER BY id", order["id"])


@announced_first("AcceptOrder")
def _accepting(call: Call) -> Announcement:
    return "AcceptOrder", {"orderid": _pending(call)["id"]}


@announced_first("CancelOrder")
def _cancelling(call: Call) -> Announcement:
    return "CancelOrder", {"orderid": _pending(call)["id"]}


@announced_first("PendingOrder")
def _pending_again(call: Call) -> Announcement:
    return "PendingOrder", {"orderid": _known(call)["id"]}


@announced_first("FraudOrder")
def _suspected(call: Call) -> Announcement:
    return "FraudOrder", {"orderid": _known(call)["id"]}


@announced_first("DeleteOrder")
def _deleting(call: Call) -> Announcement:
    return "DeleteOrder", {"orderid": _deletable(call)["id"]}


@action("AcceptOrder")
def accept_order(call: Call) -> Reply:
    """The module runs with `autosetup`, and without a word about it where the products are set so (`setup_on_accept`).

    Where it fails, what came before stays done and the order stays pending [U]. Otherwise, and for products without a
    module, services just become active [U].
    """
    order = _pending(call)
    by_module = call.flag("autosetup") if "autosetup" in call.params else call.world.faults.profile.setup_on_accept
    for service in _services(call, order):
        if service["status"] != "Pending":
            continue
        if by_module and provisioning.has_module(call.world, service):
            if refused := provisioning.by_module(call.world, service, "create"):
                return failed_midway(refused)
        else:
            call.world.store.update("services", service["id"], status="Active")
        _credentials(call, service)
    call.world.store.update("orders", order["id"], status="Active")
    return {}


def _credentials(call: Call, service: Row) -> None:
    given = {"username": call.text("serviceusername"), "password": call.text("servicepassword")}
    call.world.store.update("services", service["id"], **{name: value for name, value in given.items() if value})


def _set_status(call: Call, order: Row, status: str) -> None:
    """The order and its services [U for the services]."""
    call.world.store.update("orders", order["id"], status=status)
    call.world.store.execute("UPDATE services SET status = ? WHERE order_id = ?", status, order["id"])


def _cancel_invoice(call: Call, order: Row) -> None:
    """An unpaid invoice goes with its order [U]."""
    invoice = call.world.store.get("invoices", order["invoice_id"])
    if invoice is not None and invoice["status"] == "Unpaid":
        ledger.set_status(call.world, invoice["id"], "Cancelled")


@action("CancelOrder")
def cancel_order(call: Call) -> Reply:
    """Only a pending one. There are no gateway subscriptions here, so `cancelsub` cannot fail."""
    order = _pending(call)
    _set_status(call, order, "Cancelled")
    _cancel_invoice(call, order)
    return {}


@action("PendingOrder")
def pending_order(call: Call) -> Reply:
    _set_status(call, _known(call), "Pending")
    return {}


@action("FraudOrder")
def fraud_order(call: Call) -> Reply:
    order = _known(call)
    _set_status(call, order, "Fraud")
    _cancel_invoice(call, order)
    return {}


@action("DeleteOrder")
def delete_order(call: Call) -> Reply:
    """For good, with its services and its invoice. Payments stay [U]."""
    order, store = _deletable(call), call.world.store
    tables: dict[str, tuple[str, Any]] = {
        "services": ("order_id", order["id"]),
        "invoice_items": ("invoice_id", order["invoice_id"]),
        "invoices": ("id", order["invoice_id"]),
        "orders": ("id", order["id"]),
    }
    for table, (column, value) in tables.items():
        store.execute(f"DELETE FROM {table} WHERE {column} = ? AND ? > 0", value, value)
    return {}
