"""Money that moved: transactions, credit, and recording a payment.

Source: WHMCS API reference, GetTransactions, GetCredits, AddInvoicePayment.
"""

from __future__ import annotations

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs import ledger
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, Refusal, action, paging


def transaction(row: Row) -> Reply:
    """Ids are strings here [U]; `currency` is 0 because a client is attached."""
    return {
        "id": str(row["id"]),
        "userid": str(row["client_id"]),
        "currency": "0",
        "gateway": row["gateway"],
        "date": row["date"],
        "description": row["description"],
        "amountin": money.text(row["amountin"]),
        "fees": money.text(row["fees"]),
        "amountout": money.text(row["amountout"]),
        "rate": "1.00000",
        "transid": row["transid"],
        "invoiceid": str(row["invoice_id"]),
        "refundid": str(row["refundid"]),
        "unlisted_reference": None,
    }


@action("GetTransactions")
def get_transactions(call: Call) -> Reply:
    """No paging; without a filter everything."""
    where, values = ["1"], []
    for parameter, column in (("invoiceid", "invoice_id"), ("clientid", "client_id"), ("transid", "transid")):
        if call.text(parameter):
            where.append(f"{column} = ?")
            values.append(call.text(parameter))
    sql = f"SELECT * FROM transactions WHERE {' AND '.join(where)} ORDER BY id"
    rows = [transaction(row) for row in call.world.store.rows(sql, *values)]
    return paging(len(rows), 0, rows) | {"transactions": Rows(rows, "transaction")}


@action("GetCredits")
def get_credits(call: Call) -> Reply:
    client = call.row_or_refuse("clients", "clientid", "Client ID Not Found")
    found = call.world.store.rows("SELECT * FROM credits WHERE client_id = ? ORDER BY id", client["id"])
    rows = [
        {name: row[name] for name in ("id", "date", "description", "relid")} | {"amount": money.text(row["amount"])}
        for row in found
    ]
    return {"totalresults": len(rows), "clientid": call.text("clientid"), "credits": Rows(rows, "credit")}


@action("AddInvoicePayment")
def add_invoice_payment(call: Call) -> Reply:
    """Not idempotent: the same transid is recorded again. `amount` omitted pays the balance."""
    invoice = call.row_or_refuse("invoices", "invoiceid", "Invoice ID Not Found")
    try:
        amount = money.parse(call.text("amount")) if call.text("amount") else None
        fees = money.parse(call.text("fees") or "0")
        ledger.pay(
            call.world,
            invoice["id"],
            amount,
            transid=call.text("transid"),
            gateway=call.text("gateway"),
            date=call.text("date"),
            fees=fees,
        )
    except ValueError as error:
        raise Refusal("Amount must be in decimal format: ### or ###.##") from error  # [U] this wording is AddCredit's
    except ledger.NotPossible as error:
        raise Refusal(str(error)) from error
    return {}
