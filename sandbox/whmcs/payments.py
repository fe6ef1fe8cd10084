"""Money that moved: transactions, recording a payment, charging a card.

Source: WHMCS API reference, GetTransactions, AddInvoicePayment, CapturePayment.
"""

from __future__ import annotations

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs import ledger
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, Refusal, action, failed_midway, paging


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


@action("CapturePayment")
def capture_payment(call: Call) -> Reply:
    """Charges the first stored card. A decline has no reason; the attempt shows on the invoice [U].

    A charge whose answer is lost is the fault effect_no_reply.
    """
    invoice = call.world.store.get("invoices", call.number("invoiceid"))
    if invoice is None or invoice["status"] != "Unpaid":
        raise Refusal("Invoice Not Found or Not Unpaid")
    call.world.store.update("invoices", invoice["id"], last_capture_attempt=call.world.clock.stamp())
    cards = "SELECT * FROM paymethods WHERE client_id = ? AND type LIKE '%CreditCard' ORDER BY id"
    card = call.world.store.row(cards, invoice["client_id"])
    if card is None or call.world.faults.profile.capture == "declined":
        return failed_midway("Payment Attempt Failed")
    ledger.pay(call.world, invoice["id"], gateway=card["gateway_name"])
    call.world.store.update("invoices", invoice["id"], paymethodid=card["id"])
    return {}
