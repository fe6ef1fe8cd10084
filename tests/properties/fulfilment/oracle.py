"""Counts what became of an order in the stand-ins, and compares it with what was ordered (I1, I2)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from portal_app.domain.fulfilment import read_marker
from portal_app.domain.sims import read_line_number
from sandbox.world import World
from tests.properties.fulfilment.orders import Placed, record
from tests.properties.fulfilment.outside import mark_of

OPPORTUNITY_FIELD, PHONE_FIELD = "1102", "1103"
Row = dict[str, Any]
LIVE: Final = ("open", "done")
SERVICE_LINE: Final = 1
"""The number of the line an order is about: the first, as they are placed here."""


@dataclass(frozen=True)
class Effects:
    """What there is because of one order. `services`: line number -> rows; `invoices`: those not cancelled."""

    services: dict[int, list[Row]]
    orders: list[Row]
    invoices: list[Row]
    billed: dict[int, list[int]]
    activations: list[Row]
    letters: int

    @property
    def whmcs_order_ids(self) -> list[int]:
        return [one["id"] for one in self.orders if one["status"] != "Cancelled"]

    def __str__(self) -> str:
        marked = {number: len(rows) for number, rows in sorted(self.services.items())}
        orders = [f"{one['id']} {one['status']}" for one in self.orders]
        return f"services {marked}, orders {orders}, invoices {len(self.invoices)}, lines {len(self.activations)}"


def effects(world: World, placed: Placed) -> Effects:
    """Everything in WHMCS and in Freebit that carries this order's marker or number."""
    store = world.store
    services: dict[int, list[Row]] = {}
    for row in store.rows("SELECT * FROM services WHERE client_id = ? ORDER BY id", placed.customer.whmcs_client_id):
        mark = read_marker(mark_of(row))
        if mark and mark[0] == placed.order_id:
            services.setdefault(mark[1], []).append(row)
    rows = [row for found in services.values() for row in found]
    order_ids = sorted({row["order_id"] for row in rows})
    billed = _billed(world, [row["id"] for row in rows])
    letters = "SELECT COUNT(*) FROM whmcs_emails WHERE client_id = ? AND subject = 'Order Confirmation'"
    return Effects(
        services,
        [store.get("orders", one) or {} for one in order_ids],
        [store.get("invoices", one) or {} for one in sorted(billed)],
        billed,
        _activations(world, placed),
        int(store.value(letters, placed.customer.whmcs_client_id)),
    )


def never(found: Effects, placed: Placed) -> Iterator[str]:
    """What must never be, in the middle of everything (I1)."""
    if doubled := {number: len(rows) for number, rows in found.services.items() if len(_running(rows)) > 1}:
        yield f"services more than once: {doubled}"
    if len(found.whmcs_order_ids) > 1:
        yield f"{len(found.whmcs_order_ids)} orders in WHMCS"
    if len(found.invoices) > 1:
        yield f"{len(found.invoices)} invoices"
    if len([one for one in found.activations if one["state"] in LIVE]) > 1:
        yield f"{len(found.activations)} SIM activations"


def completed(world: World, found: Effects, placed: Placed) -> Iterator[str]:
    """What a finished order is: one of each, with what was ordered, and Salesforce knows it."""
    yield from never(found, placed)
    yield from _in_whmcs(found, placed)
    yield from _billed_right(found, placed)
    yield from _on_the_air(world, found, placed)
    yield from _told(world, found, placed)


def called_off(world: World, found: Effects, placed: Placed) -> Iterator[str]:
    """What an order is that staff cancelled in time: nothing runs and nothing is owed."""
    yield from never(found, placed)
    if running := [row["id"] for rows in found.services.values() for row in _running(rows)]:
        yield f"services {running} although it was called off"
    if owed := [one["id"] for one in found.invoices if one["status"] == "Unpaid"]:
        yield f"invoices {owed} although it was called off"
    if any(one["state"] in LIVE for one in found.activations):
        yield "a SIM although it was called off"


def _running(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["status"] not in ("Cancelled", "Terminated", "Fraud")]


def _in_whmcs(found: Effects, placed: Placed) -> Iterator[str]:
    wanted = dict(enumerate(placed.lines.values(), start=1))
    got = {number: rows[0]["product_id"] for number, rows in found.services.items()}
    if got != wanted:
        yield f"services {got} instead of {wanted}"
    if [one["status"] for one in found.orders] != ["Active"]:
        yield f"orders in WHMCS: {[one['status'] for one in found.orders]}"
    if found.letters:
        yield f"{found.letters} order confirmations by WHMCS"
    prices = dict(enumerate(placed.prices.values(), start=1))
    for number, rows in found.services.items():
        row = rows[0]
        if row["status"] != "Active":
            yield f"the service of line {number} is {row['status']}"
        if row["firstpaymentamount"] != prices.get(number, -1) * 100:
            yield f"line {number} costs {row['firstpaymentamount'] / 100}, not {prices.get(number)}"
        if not row["domain"] and json.loads(row["customfields"]).get(OPPORTUNITY_FIELD) != placed.opportunity_id:
            yield f"the service of line {number} names another opportunity"


def _billed_right(found: Effects, placed: Placed) -> Iterator[str]:
    """One invoice, on it exactly these services."""
    ids = sorted(rows[0]["id"] for rows in found.services.values())
    if [sorted(relids) for relids in found.billed.values()] != [ids]:
        yield f"invoices {found.billed} for the services {ids}"


def _on_the_air(world: World, found: Effects, placed: Placed) -> Iterator[str]:
    done = [one for one in found.activations if one["state"] == "done"]
    if len(done) != int(placed.is_sim):
        yield f"{len(done)} SIM activations"
    if not placed.is_sim:
        return
    line = world.freebit.lines.find(placed.account)
    if line is None or (line.eid, line.product_number) != (placed.eid, placed.product_number):
        yield "another SIM is on the air"
    numbers = {n: json.loads(rows[0]["customfields"]).get(PHONE_FIELD, "") for n, rows in found.services.items()}
    noted = {number: read_line_number(text) for number, text in numbers.items() if text}
    if noted != {SERVICE_LINE: read_line_number(placed.account)}:
        yield f"the services have the numbers {numbers}, the line {placed.account}"


def _told(world: World, found: Effects, placed: Placed) -> Iterator[str]:
    order = record(world, "Order", placed.order_id)
    if order.get("Activation_Status__c") != "Activated":
        yield f"Salesforce says {order.get('Activation_Status__c')} {order.get('Activation_Error_Code__c', '')}"
    if [order.get("WHMCS_Order_ID__c")] != [str(one) for one in found.whmcs_order_ids]:
        yield f"Salesforce names WHMCS order {order.get('WHMCS_Order_ID__c')} of {found.whmcs_order_ids}"
    if order.get("Activation_Error_Code__c") or order.get("Activation_Error_Message__c"):
        yield "Salesforce still shows an error"
    named = [record(world, "OrderItem", item_id).get("WHMCS_Service_ID__c") for item_id in placed.lines]
    there = [found.services[number][0]["id"] for number in sorted(found.services)]
    if named != there:
        yield f"the lines name {named}, the services are {there}"
    opportunity = record(world, "Opportunity", placed.opportunity_id)
    main = found.services.get(SERVICE_LINE, [{}])[0].get("id")
    if (opportunity["StageName"], opportunity.get("WHMCS_Service_ID__c")) != ("Active", main):
        yield f"the opportunity is {opportunity['StageName']}, {opportunity.get('WHMCS_Service_ID__c')} not {main}"


def _billed(world: World, service_ids: list[int]) -> dict[int, list[int]]:
    """Invoice -> services on it, of those invoices that count."""
    marks = ", ".join("?" * len(service_ids)) or "NULL"
    sql = f"""SELECT l.invoice_id, l.relid FROM invoice_items l JOIN invoices i ON i.id = l.invoice_id
              WHERE l.type = 'Hosting' AND l.relid IN ({marks}) AND i.status <> 'Cancelled' ORDER BY l.id"""
    found: dict[int, list[int]] = {}
    for row in world.store.rows(sql, *service_ids):
        found.setdefault(row["invoice_id"], []).append(row["relid"])
    return found


def _activations(world: World, placed: Placed) -> list[Row]:
    if not placed.account:
        return []
    sql = "SELECT * FROM fb_work WHERE account = ? AND kind = 'activation' ORDER BY id"
    return world.store.rows(sql, placed.account)
