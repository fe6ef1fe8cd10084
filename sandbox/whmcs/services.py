"""A client's services, with the plaintext password WHMCS really returns.

Source: WHMCS API reference, GetClientsProducts.
"""

from __future__ import annotations

import json

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs.catalog import GATEWAYS, product_fields
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, action

FILTERS = {"clientid": "s.client_id", "serviceid": "s.id", "pid": "s.product_id", "domain": "s.domain"}
FILTERS["username2"] = "s.username"


@action("GetClientsProducts")
def get_clients_products(call: Call) -> Reply:
    """Ids in rows are strings, filters are echoed (null when not given), no status filter, no ownership check."""
    where, values = ["1"], []
    for parameter, column in FILTERS.items():
        if call.text(parameter):
            where.append(f"{column} = ?")
            values.append(call.text(parameter))
    condition, (start, size) = " AND ".join(where), call.page()
    sql = f"""SELECT s.*, p.name, p.groupname, o.ordernum FROM services s
              JOIN products p ON p.id = s.product_id LEFT JOIN orders o ON o.id = s.order_id
              WHERE {condition} ORDER BY s.id LIMIT ? OFFSET ?"""
    total = call.world.store.value(f"SELECT COUNT(*) FROM services s WHERE {condition}", *values)
    rows = [_row(row) for row in call.world.store.rows(sql, *values, size, start)]
    echoed = {name: call.text(name) or None for name in ("clientid", "serviceid", "pid", "domain")}
    counts = {"totalresults": str(total), "startnumber": start, "numreturned": len(rows)}
    return echoed | counts | {"products": Rows(rows, "product")}


def _row(row: Row) -> Reply:
    stored = json.loads(row["customfields"])
    fields = [
        {"id": field_id, "name": name, "translated_name": name, "value": stored.get(str(field_id), "")}
        for field_id, name in product_fields(row["groupname"]).items()
    ]
    return {
        "id": str(row["id"]),
        "qty": "1",
        "clientid": str(row["client_id"]),
        "orderid": str(row["order_id"]),
        "ordernumber": row["ordernum"] or "",
        "pid": str(row["product_id"]),
        "regdate": row["regdate"],
        "name": row["name"],
        "translated_name": row["name"],
        "groupname": row["groupname"],
        "translated_groupname": row["groupname"],
        "domain": row["domain"],
        "dedicatedip": "",
        "serverid": "0",
        "servername": "",
        "serverip": None,
        "serverhostname": None,
        "suspensionreason": row["suspensionreason"],
        "firstpaymentamount": money.text(row["firstpaymentamount"]),
        "recurringamount": money.text(row["recurringamount"]),
        "paymentmethod": row["paymentmethod"],
        "paymentmethodname": GATEWAYS.get(row["paymentmethod"], row["paymentmethod"]),
        "billingcycle": row["billingcycle"],
        "nextduedate": row["nextduedate"],
        "terminationdate": row["terminationdate"],
        "status": row["status"],
        "username": row["username"],
        "password": row["password"],
        "subscriptionid": "",
        "promoid": "0",
        "overideautosuspend": "",
        "overidesuspenduntil": "0000-00-00",
        "ns1": "",
        "ns2": "",
        "assignedips": "",
        "notes": row["notes"],
        "diskusage": "0",
        "disklimit": "0",
        "bwusage": "0",
        "bwlimit": "0",
        "lastupdate": "0000-00-00 00:00:00",
        "customfields": Rows(fields, "customfield"),
        "configoptions": Rows([], "configoption"),
        "unlisted_module_data": {},
    }
