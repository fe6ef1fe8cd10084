"""Reading orders.

Source: WHMCS API reference, GetOrders, GetOrderStatuses.
"""

from __future__ import annotations

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs.catalog import gateway_names
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, action, paging

FILTERS = {"id": "o.id", "userid": "o.client_id", "requestor_id": "o.user_id", "status": "o.status"}


@action("GetOrders")
def get_orders(call: Call) -> Reply:
    """Newest first [U]. No match is a success with zero counts and no list at all."""
    where, values = ["1"], []
    for parameter, column in FILTERS.items():
        if call.text(parameter):
            where.append(f"{column} = ? COLLATE NOCASE")
            values.append(call.text(parameter))
    condition, (start, size) = " AND ".join(where), call.page()
    sql = f"""SELECT o.*, c.firstname, c.lastname, i.status AS invoice_status FROM orders o
              LEFT JOIN clients c ON c.id = o.client_id LEFT JOIN invoices i ON i.id = o.invoice_id
              WHERE {condition} ORDER BY o.id DESC LIMIT ? OFFSET ?"""
    total = call.world.store.value(f"SELECT COUNT(*) FROM orders o WHERE {condition}", *values)
    rows = [_order(call, row) for row in call.world.store.rows(sql, *values, size, start)]
    return paging(total, start, rows) | {"orders": Rows(rows, "order", natural="missing")}


@action("GetOrderStatuses")
def get_order_statuses(call: Call) -> Reply:
    counted = call.world.store.rows("SELECT status, COUNT(*) AS n FROM orders GROUP BY status")
    counts = {row["status"]: row["n"] for row in counted}
    rows = [{"title": title, "count": counts.get(title, 0)} for title in ("Pending", "Active", "Cancelled", "Fraud")]
    return {"totalresults": len(rows), "statuses": Rows(rows, "status")}


def _order(call: Call, row: Row) -> Reply:
    return {
        "id": row["id"],
        "ordernum": int(row["ordernum"]) if row["id"] % 2 else row["ordernum"],  # number or string, up to 10 digits
        "userid": row["client_id"],
        "contactid": 0,
        "requestor_id": row["user_id"],
        "admin_requestor_id": 0,
        "date": row["date"],
        "nameservers": "",
        "transfersecret": "",
        "renewals": "",
        "renewalsByType": {"domains": [], "services": [], "addons": []},
        "promocode": "",
        "promotype": "",
        "promovalue": "",
        "orderdata": "[]",
        "amount": money.text(row["amount"]),
        "paymentmethod": row["paymentmethod"],
        "paymentmethodname": gateway_names(call.world.store).get(row["paymentmethod"], row["paymentmethod"]),
        "paymentstatus": row["invoice_status"] or "",
        "invoiceid": row["invoice_id"],
        "status": row["status"],
        "ipaddress": row["ipaddress"],
        "fraudmodule": "",
        "fraudoutput": "",
        "frauddata": "",
        "validationdata": "",
        "notes": row["notes"],
        "name": f"{row['firstname']} {row['lastname']}",
        "currencyprefix": "¥",
        "currencysuffix": "JPY",
        "lineitems": Rows(_lines(call, row["id"]), "lineitem"),
        "unlisted_source": "web",
    }


def _lines(call: Call, order_id: int) -> list[Reply]:
    sql = """SELECT s.*, p.name, p.groupname FROM services s JOIN products p ON p.id = s.product_id
             WHERE s.order_id = ? ORDER BY s.id"""
    return [
        {
            "type": "product",
            "relid": row["id"],
            "producttype": "Other Product/Service",
            "product": f"{row['groupname']} - {row['name']}",
            "domain": row["domain"],
            "billingcycle": row["billingcycle"],
            "amount": money.text(row["firstpaymentamount"]),
            "status": row["status"],
        }
        for row in call.world.store.rows(sql, order_id)
    ]
