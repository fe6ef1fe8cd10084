"""Writing invoices: create and update. Neither is idempotent.

Source: WHMCS API reference, CreateInvoice, UpdateInvoice.
"""

from __future__ import annotations

from typing import Any

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs import credits, forms, ledger
from sandbox.whmcs.encode import Reply
from sandbox.whmcs.registry import Call, Refusal, action


@action("CreateInvoice")
def create_invoice(call: Call) -> Reply:
    """Items are itemdescription1, itemamount1, itemtaxed1, ...; not idempotent; the new id is a number."""
    client = call.row_or_refuse("clients", "userid", "Client ID Not Found")
    draft = call.flag("draft") or call.text("status").lower() == "draft"
    if draft and call.flag("sendinvoice"):
        raise Refusal(
            "Cannot create and send a draft invoice in a single API request. Please create and send separately."
        )
    status = "Draft" if draft else _status(call.text("status") or "Unpaid")
    invoice_id = ledger.create(
        call.world,
        client["id"],
        _numbered_items(call.params),
        status=status,
        date=call.text("date"),
        duedate=call.text("duedate"),
        gateway=call.text("paymentmethod") or client["defaultgateway"] or "stripe",
        taxrate=_rate(call.text("taxrate")) or ledger.TAX_RATE,
        notes=call.text("notes"),
        source="api",
    )
    if call.flag("autoapplycredit"):
        _apply_credit(call, invoice_id)
    return {"invoiceid": invoice_id, "status": status}


def _numbered_items(params: forms.Params) -> list[ledger.NewItem]:
    prefix = "itemdescription"
    numbers = sorted(int(name[len(prefix) :]) for name in params if name.removeprefix(prefix).isdigit())
    return [
        ledger.NewItem(
            forms.text(params, f"{prefix}{number}"),
            _amount(forms.text(params, f"itemamount{number}")),
            forms.flag(params, f"itemtaxed{number}"),
        )
        for number in numbers
    ]


def _apply_credit(call: Call, invoice_id: int) -> None:
    invoice = call.world.store.get("invoices", invoice_id) or {}
    has = call.world.store.value("SELECT credit FROM clients WHERE id = ?", invoice["client_id"])
    if (used := min(has, invoice["total"])) > 0:
        credits.apply(call.world, invoice, used)


@action("UpdateInvoice")
def update_invoice(call: Call) -> Reply:
    """Status Paid set here is a mark, not a payment: nothing is announced and no automation runs [U]."""
    row = call.row_or_refuse("invoices", "invoiceid", "Invoice ID Not Found")
    publish = call.flag("publish") or call.flag("publishandsendemail")
    if publish and row["status"] != "Draft":
        raise Refusal("Invoice must be in Draft status to be published")
    status = _status(call.text("status")) if call.text("status") else ""
    _change_items(call, row)
    plain: dict[str, Any] = {
        name: call.text(name) for name in ("paymentmethod", "date", "duedate", "datepaid", "notes") if call.text(name)
    }
    if call.text("credit"):
        plain["credit"] = _amount(call.text("credit"))
    if call.text("taxrate"):
        plain["taxrate"] = _rate(call.text("taxrate"))
    call.world.store.update("invoices", row["id"], **plain)
    ledger.recompute(call.world, row["id"])
    if plain.get("paymentmethod", row["paymentmethod"]) != row["paymentmethod"]:
        call.world.hooks.fire("InvoiceChangeGateway", invoiceid=row["id"], paymentmethod=plain["paymentmethod"])
    if publish:
        call.world.store.update("invoices", row["id"], status="Unpaid")
        ledger.announce_created(call.world, row["id"], "Unpaid", "api")
    elif status and status != row["status"]:
        ledger.set_status(call.world, row["id"], status)
    return {"invoiceid": row["id"]}


def _change_items(call: Call, row: Row) -> None:
    store, params = call.world.store, call.params
    old = {name: forms.array(params, f"item{name}") for name in ("description", "amount", "taxed")}
    new = {name: forms.array(params, f"newitem{name}") for name in ("description", "amount", "taxed")}
    deleted = forms.array(params, "deletelineids")
    changed = set().union(*old.values())
    if not (changed or new["description"] or deleted):
        return
    if call.world.faults.profile.immutable_invoices and row["status"] != "Draft":
        # [U] the admin area words it so in 9.0; the API's own words are unknown.
        raise Refusal(f"You cannot modify an Invoice that is {row['status']}")
    if any(line not in part for part in old.values() for line in changed):
        raise Refusal(
            "Missing Variables: itemdescription, itemamount and itemtaxed are required for each item being changed"
        )
    for line in changed:
        values = (old["description"][line], _amount(old["amount"][line]), int(old["taxed"][line] not in ("", "0")))
        sql = "UPDATE invoice_items SET description = ?, amount = ?, taxed = ? WHERE id = ? AND invoice_id = ?"
        store.execute(sql, *values, forms.number({"id": line}, "id"), row["id"])
    for line, description in new["description"].items():
        taxed = new["taxed"].get(line, "0") not in ("", "0")
        ledger.add_item(store, row["id"], ledger.NewItem(description, _amount(new["amount"].get(line, "0")), taxed))
    for line in deleted.values():
        store.execute("DELETE FROM invoice_items WHERE id = ? AND invoice_id = ?", line, row["id"])


def _status(wanted: str) -> str:
    for status in ledger.STATUSES:
        if status.lower() == wanted.lower():
            return status
    raise Refusal(f"Invalid status {wanted}")


def _amount(text: str) -> int:
    try:
        return money.parse(text or "0")
    except ValueError:
        return 0


def _rate(text: str) -> str:
    try:
        return f"{money.parse(text) / 100:.3f}" if text else ""
    except ValueError:
        return ""
