"""Reading invoices: the list and one. There is no ownership check: whoever asks, gets.

Source: WHMCS API reference, GetInvoices, GetInvoice.
"""

from __future__ import annotations

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs import ledger
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.payments import transaction
from sandbox.whmcs.registry import Call, action, paging

SORTS = {"id": "i.id", "invoicenumber": "i.invoicenum", "date": "i.date", "duedate": "i.duedate", "total": "i.total"}
SORTS["status"] = "i.status"
UNLISTED = {"tax_registration": "", "unlisted_flags": []}


@action("GetInvoices")
def get_invoices(call: Call) -> Reply:
    """Without userid everybody's, by id unless asked [U]. `Overdue` filters; rows say Unpaid."""
    where: list[str] = ["1"]
    values: list[str | int] = []
    if call.text("userid"):
        where.append("i.client_id = ?")
        values.append(call.number("userid"))
    status = call.text("status").lower()
    if status == "overdue":
        where.append("i.status = 'Unpaid' AND i.duedate < ?")
        values.append(call.world.clock.today().isoformat())
    elif status:
        where.append("LOWER(i.status) = ?")
        values.append(status)
    condition = " AND ".join(where)
    start, size = call.page()
    direction = "DESC" if call.text("order").lower() == "desc" else "ASC"
    sql = f"""SELECT i.*, c.firstname, c.lastname, c.companyname FROM invoices i
              LEFT JOIN clients c ON c.id = i.client_id WHERE {condition}
              ORDER BY {SORTS.get(call.text("orderby").lower(), "i.id")} {direction}, i.id {direction}
              LIMIT ? OFFSET ?"""
    total = call.world.store.value(f"SELECT COUNT(*) FROM invoices i WHERE {condition}", *values)
    rows = [_list_row(row) for row in call.world.store.rows(sql, *values, size, start)]
    return paging(total, start, rows) | {"invoices": Rows(rows, "invoice")}


def _list_row(row: Row) -> Reply:
    """Ids are numbers here, the currency is known here, items and balance are not."""
    return {
        "id": row["id"],
        "userid": row["client_id"],
        "firstname": row["firstname"] or "",
        "lastname": row["lastname"] or "",
        "companyname": row["companyname"] or "",
        "invoicenum": row["invoicenum"],
        "date": row["date"],
        "duedate": row["duedate"],
        "datepaid": row["datepaid"],
        "last_capture_attempt": row["last_capture_attempt"],
        "date_refunded": row["date_refunded"],
        "date_cancelled": row["date_cancelled"],
        **_amounts(row),
        "status": row["status"],
        "paymentmethod": row["paymentmethod"],
        "paymethodid": row["paymethodid"],
        "notes": row["notes"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "currencycode": "JPY",
        "currencyprefix": "¥",
        "currencysuffix": " JPY",
        **UNLISTED,
    }


def _amounts(row: Row) -> Reply:
    return {
        "subtotal": money.text(row["subtotal"]),
        "credit": money.text(row["credit"]),
        "tax": money.text(row["tax"]),
        "tax2": "0.00",
        "total": money.text(row["total"]),
        "taxrate": row["taxrate"],
        "taxrate2": "0.000",
    }


@action("GetInvoice")
def get_invoice(call: Call) -> Reply:
    """`lastcaptureattempt` without underscores, `balance`, no currency, `transactions` an empty string when none."""
    row = call.row_or_refuse("invoices", "invoiceid", "Invoice ID Not Found")
    store, amounts = call.world.store, _amounts(row)
    total = amounts.pop("total")
    rates = {"taxrate": amounts.pop("taxrate"), "taxrate2": amounts.pop("taxrate2")}
    items = store.rows("SELECT * FROM invoice_items WHERE invoice_id = ? ORDER BY id", row["id"])
    paid = store.rows("SELECT * FROM transactions WHERE invoice_id = ? ORDER BY id", row["id"])
    return {
        "invoiceid": row["id"],
        "invoicenum": row["invoicenum"],
        "userid": row["client_id"],
        "date": row["date"],
        "duedate": row["duedate"],
        "datepaid": row["datepaid"],
        "lastcaptureattempt": row["last_capture_attempt"],
        **amounts,
        "total": total,
        "balance": money.text(ledger.balance(store, row)),
        **rates,
        "status": row["status"],
        "paymentmethod": row["paymentmethod"],
        "notes": row["notes"],
        "ccgateway": row["paymentmethod"] == "stripe",
        "items": Rows([_item(item) for item in items], "item"),
        "transactions": Rows([transaction(entry) for entry in paid], "transaction", natural="string"),
        **UNLISTED,
    }


def _item(item: Row) -> Reply:
    plain = {name: item[name] for name in ("id", "type", "relid", "description")}
    return plain | {"amount": money.text(item["amount"]), "taxed": item["taxed"]}
