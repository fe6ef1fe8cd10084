"""What staff would do in the WHMCS admin area: look at a customer, move an invoice or a service."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from sandbox import money
from sandbox.console.reading import answer, limit_of, posted, refused
from sandbox.store import Row
from sandbox.whmcs import ledger, provisioning
from sandbox.whmcs.clientstats import client_stats
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()


@ROUTES.get("/console/api/clients")
async def list_clients(request: web.Request) -> web.Response:
    """Search anywhere in names, company, e-mail, id or customer number."""
    store, text = request.app[WORLD].store, request.query.get("search", "").strip()
    sql = """SELECT c.id, c.firstname, c.lastname, c.companyname, c.email, c.status, c.customfields,
             (SELECT COUNT(*) FROM invoices i WHERE i.client_id = c.id) AS invoices,
             (SELECT COUNT(*) FROM invoices i WHERE i.client_id = c.id AND i.status = 'Unpaid') AS unpaid
             FROM clients c WHERE c.id || ' ' || c.firstname || ' ' || c.lastname || ' ' || c.firstname || ' '
             || c.companyname || ' ' || c.email || ' ' || c.customfields LIKE ? ESCAPE '\\' ORDER BY c.id LIMIT ?"""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return answer([_with_number(row) for row in store.rows(sql, pattern, limit_of(request, 50))])


@ROUTES.get("/console/api/clients/{id:\\d+}")
async def one_client(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    row = world.store.get("clients", int(request.match_info["id"]))
    if row is None:
        raise refused("no such client", 404)
    users = """SELECT u.id, u.email, u.firstname, u.lastname, u.two_factor, uc.is_owner FROM users u
               JOIN user_clients uc ON uc.user_id = u.id WHERE uc.client_id = ? ORDER BY uc.is_owner DESC, u.id"""
    services = """SELECT s.id, s.product_id, p.name, p.groupname, s.status, s.domain, s.recurringamount, s.nextduedate,
                  s.suspensionreason FROM services s JOIN products p ON p.id = s.product_id
                  WHERE s.client_id = ? ORDER BY s.id"""
    cards = "SELECT id, type, description, expiry_date, bank_name FROM paymethods WHERE client_id = ? ORDER BY id"
    return answer(
        {
            "profile": _with_number(row) | {"credit": money.text(row["credit"])},
            "users": world.store.rows(users, row["id"]),
            "invoices": _invoices(world, row["id"]),
            "services": [_service(entry) for entry in world.store.rows(services, row["id"])],
            "paymethods": world.store.rows(cards, row["id"]),
            "stats": client_stats(world, row),
        }
    )


def _with_number(row: Row) -> Row:
    fields = json.loads(row.pop("customfields"))
    return row | {"customer_number": fields.get("198", "")}


def _service(row: Row) -> Row:
    return row | {"recurringamount": money.text(row["recurringamount"])}


def _invoices(world: World, client_id: int) -> list[Row]:
    """Newest first, drafts included: this is the operator's view."""
    sql = """SELECT i.id, i.invoicenum, i.date, i.duedate, i.datepaid, i.status, i.total, i.total - COALESCE((
             SELECT SUM(t.amountin - t.amountout) FROM transactions t WHERE t.invoice_id = i.id), 0) AS balance,
             (SELECT description FROM invoice_items x WHERE x.invoice_id = i.id ORDER BY x.id LIMIT 1) AS description
             FROM invoices i WHERE i.client_id = ? ORDER BY i.date DESC, i.id DESC"""
    today = world.clock.today().isoformat()
    rows = world.store.rows(sql, client_id)
    for row in rows:
        row["overdue"] = row["status"] == "Unpaid" and "0000-00-00" < row["duedate"] < today
        row["total"], row["balance"] = money.text(row["total"]), money.text(row["balance"])
    return rows


@ROUTES.post("/console/api/clients/{id:\\d+}/invoices")
async def create_invoice(request: web.Request) -> web.Response:
    world, client_id = request.app[WORLD], int(request.match_info["id"])
    if world.store.get("clients", client_id) is None:
        raise refused("no such client", 404)
    body = await posted(request)
    days = body.get("due_in_days", 14)
    if isinstance(days, bool) or not isinstance(days, int) or abs(days) > 3650:
        raise refused("due_in_days must be a whole number")
    items = [_item(item) for item in body.get("items") or []]
    status = "Draft" if body.get("draft") else "Unpaid"
    return answer({"invoiceid": ledger.create(world, client_id, items, due_in_days=days, status=status)})


def _item(item: Any) -> ledger.NewItem:
    if not isinstance(item, dict):
        raise refused("an item is an object with description and amount")
    return ledger.NewItem(str(item.get("description", "")), _amount(item.get("amount")), bool(item.get("taxed", True)))


def _amount(value: Any) -> int:
    try:
        return money.parse(str(value))
    except ValueError as error:
        raise refused(str(error)) from error


MOVES = {"fail": ledger.fail_payment, "cancel": ledger.cancel, "refund": ledger.refund, "unpay": ledger.unpay}


@ROUTES.post("/console/api/invoices/{id:\\d+}/{what:pay|fail|cancel|refund|unpay}")
async def move_invoice(request: web.Request) -> web.Response:
    """`pay` takes an optional amount, `fail` is a card that was refused; 409 when the invoice is in no state for it."""
    world, invoice_id = request.app[WORLD], int(request.match_info["id"])
    if world.store.get("invoices", invoice_id) is None:
        raise refused("no such invoice", 404)
    body = await posted(request)
    amount = _amount(body["amount"]) if body.get("amount") not in (None, "") else None
    try:
        if request.match_info["what"] == "pay":
            _pay(world, invoice_id, amount)
        else:
            MOVES[request.match_info["what"]](world, invoice_id)
    except ledger.NotPossible as error:
        raise refused(str(error), 409) from error
    invoice = world.store.get("invoices", invoice_id) or {}
    left = money.text(ledger.balance(world.store, invoice))
    return answer({"invoiceid": invoice_id, "status": invoice["status"], "balance": left})


def _pay(world: World, invoice_id: int, amount: int | None) -> None:
    invoice = world.store.get("invoices", invoice_id) or {}
    if amount is not None and amount <= 0:
        raise refused("amount must be more than zero")
    if amount is None and invoice["status"] not in ledger.PAYABLE:
        raise ledger.NotPossible(f"an invoice that is {invoice['status']} has nothing to pay")
    ledger.pay(world, invoice_id, amount)


@ROUTES.post("/console/api/services/{id:\\d+}/{what:suspend|unsuspend|terminate}")
async def move_service(request: web.Request) -> web.Response:
    world, service_id = request.app[WORLD], int(request.match_info["id"])
    body = await posted(request)
    reason = str(body.get("reason", ""))
    if not provisioning.command(world, service_id, request.match_info["what"], reason):
        raise refused("no such service", 404)
    service = world.store.get("services", service_id) or {}
    return answer({"serviceid": service_id, "status": service["status"]})
