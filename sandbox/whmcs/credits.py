"""Money a client has with the provider.

Source: WHMCS API reference, GetCredits, AddCredit, ApplyCredit.
"""

from __future__ import annotations

import re

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs import ledger
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, Refusal, action
from sandbox.world import World

PLAIN = re.compile(r"\d+(\.\d{1,2})?")


@action("GetCredits")
def get_credits(call: Call) -> Reply:
    client = call.row_or_refuse("clients", "clientid", "Client ID Not Found")
    found = call.world.store.rows("SELECT * FROM credits WHERE client_id = ? ORDER BY id", client["id"])
    rows = [
        {name: row[name] for name in ("id", "date", "description", "relid")} | {"amount": money.text(row["amount"])}
        for row in found
    ]
    return {"totalresults": len(rows), "clientid": call.text("clientid"), "credits": Rows(rows, "credit")}


@action("AddCredit")
def add_credit(call: Call) -> Reply:
    """`amount` is positive; `type` remove takes away, below zero too [U]."""
    client = call.row_or_refuse("clients", "clientid", "Client ID Not Found")
    if not call.text("amount"):
        raise Refusal("No Amount Provided")
    if not PLAIN.fullmatch(call.text("amount")):
        raise Refusal("Amount must be in decimal format: ### or ###.##")
    if call.text("type").lower() not in ("", "add", "remove"):
        raise Refusal("Type can only be add or remove")
    amount = money.parse(call.text("amount"))
    amount = -amount if call.text("type").lower() == "remove" else amount
    change(call.world, client["id"], amount, call.text("description"))
    return {"newbalance": money.text(call.world.store.value("SELECT credit FROM clients WHERE id = ?", client["id"]))}


@action("ApplyCredit")
def apply_credit(call: Call) -> Reply:
    """`amount`, or the word full [U]. Whether that settled the invoice comes as a word. Order of checks [U]."""
    invoice = call.row_or_refuse("invoices", "invoiceid", "Invoice ID Not Found")
    if invoice["status"] != "Unpaid":
        raise Refusal("Invoice Not in Unpaid Status")
    has = call.world.store.value("SELECT credit FROM clients WHERE id = ?", invoice["client_id"])
    left = ledger.balance(call.world.store, invoice)
    amount = min(has, left) if call.text("amount").lower() == "full" else _amount(call.text("amount"))
    if amount <= 0:
        raise Refusal("Credit Amount to apply must be greater than zero")
    if amount > has:
        raise Refusal("Amount exceeds customer credit balance")
    if amount > left:
        raise Refusal("Amount Exceeds Invoice Balance")
    apply(call.world, invoice, amount)
    paid = str(amount == left).lower()
    return {"invoiceid": call.text("invoiceid"), "amount": money.text(amount), "invoicepaid": paid}


def apply(world: World, invoice: Row, amount: int) -> None:
    """Moves credit onto an invoice; one that has nothing left is paid, without a transaction."""
    change(world, invoice["client_id"], -amount, f"Credit Applied to Invoice #{invoice['id']}", invoice["id"])
    world.store.update("invoices", invoice["id"], credit=invoice["credit"] + amount)
    ledger.recompute(world, invoice["id"])
    after = world.store.get("invoices", invoice["id"]) or {}
    if ledger.balance(world.store, after) <= 0:
        ledger.pay(world, invoice["id"], 0, gateway="credit")


def change(world: World, client_id: int, amount: int, description: str, invoice_id: int = 0) -> None:
    """Hundredths; negative takes away."""
    world.store.execute("UPDATE clients SET credit = credit + ? WHERE id = ?", amount, client_id)
    today = world.clock.today().isoformat()
    columns = {"date": today, "description": description, "amount": amount, "relid": invoice_id}
    world.store.insert("credits", client_id=client_id, **columns)


def _amount(text: str) -> int:
    try:
        return money.parse(text or "0")
    except ValueError:
        return 0
