"""What WHMCS's daily run does about invoices, asked for by API.

Source: WHMCS API reference, GenInvoices.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.store import Row
from sandbox.whmcs import forms, ledger, letters
from sandbox.whmcs.encode import Reply
from sandbox.whmcs.registry import Call, action

DAYS_AHEAD = 14
BILLED = """EXISTS (SELECT 1 FROM invoice_items l JOIN invoices i ON i.id = l.invoice_id WHERE l.type = 'Hosting'
            AND l.relid = s.id AND i.status <> 'Cancelled' {})"""


@action("GenInvoices")
def gen_invoices(call: Call) -> Reply:
    """One invoice per client, due date and gateway [U]. A repeat makes nothing: the period is billed already.

    Services that are active or suspended and due within 14 days [U]. The first bill of a service is its first payment.
    """
    latest, groups = 0, _groups(_due(call))
    for services in groups:
        lines = [ledger.NewItem(_words(one), _amount(one), type="Hosting", relid=one["id"]) for one in services]
        first = services[0]
        latest = ledger.create(
            call.world,
            first["client_id"],
            lines,
            duedate=first["nextduedate"],
            gateway=first["paymentmethod"],
            source="autogen",
        )
        if not call.flag("noemails"):
            letters.write(call.world, first["client_id"], "Customer Invoice", f"Invoice #{latest} has been made.")
    return {
        "numcreated": len(groups),
        "latestinvoiceid": latest or call.world.store.value("SELECT MAX(id) FROM invoices"),
    }


def _due(call: Call) -> list[Row]:
    until = (call.world.clock.today() + timedelta(days=DAYS_AHEAD)).isoformat()
    where, values = ["s.status IN ('Active', 'Suspended')", "s.nextduedate BETWEEN '0001' AND ?"], [until]
    where.append(f"NOT {BILLED.format('AND i.duedate >= s.nextduedate')}")
    wanted: list[Any] = []
    if call.text("clientid"):
        where.append("s.client_id = ?")
        wanted.append(call.number("clientid"))
    if chosen := forms.array(call.params, "serviceids"):
        where.append(f"s.id IN ({', '.join('?' * len(chosen))})")
        wanted += [forms.number(chosen, index) for index in chosen]
    sql = f"""SELECT s.*, p.name, {BILLED.format("")} AS billed FROM services s JOIN products p ON p.id = s.product_id
              WHERE {" AND ".join(where)} ORDER BY s.client_id, s.id"""
    return [row for row in call.world.store.rows(sql, *values, *wanted) if _amount(row)]


def _groups(services: list[Row]) -> list[list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for one in services:
        found.setdefault((one["client_id"], one["nextduedate"], one["paymentmethod"]), []).append(one)
    return list(found.values())


def _amount(service: Row) -> int:
    return int(service["recurringamount"] if service["billed"] else service["firstpaymentamount"])


def _words(service: Row) -> str:
    return f"{service['name']} (due {service['nextduedate'].replace('-', '/')})"
