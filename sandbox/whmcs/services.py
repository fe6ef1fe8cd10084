"""A client's services, with the plaintext password WHMCS really returns; and changing one in the database only.

Source: WHMCS API reference, GetClientsProducts, UpdateClientProduct.
"""

from __future__ import annotations

import json

from sandbox import money
from sandbox.faults import Profile
from sandbox.store import Row
from sandbox.whmcs import cycles, forms, php
from sandbox.whmcs.catalog import gateway_names, kept_fields, price_of, product_fields
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
    profile = call.world.faults.profile
    names = gateway_names(call.world.store)
    rows = [_row(row, profile, names) for row in call.world.store.rows(sql, *values, size, start)]
    echoed = {name: call.text(name) or None for name in ("clientid", "serviceid", "pid", "domain")}
    counts = {"totalresults": str(total), "startnumber": start, "numreturned": len(rows)}
    return echoed | counts | {"products": Rows(rows, "product")}


# Parameter -> column. `unset[]` and the parameter share the name.
WRITABLE = {
    "regdate": "regdate",
    "nextduedate": "nextduedate",
    "terminationdate": "terminationdate",
    "domain": "domain",
    "paymentmethod": "paymentmethod",
    "status": "status",
    "notes": "notes",
    "serviceusername": "username",
    "servicepassword": "password",
    "suspendreason": "suspensionreason",
}
BLANKABLE = ("domain", "serviceusername", "servicepassword", "notes", "suspendreason")


@action("UpdateClientProduct")
def update_client_product(call: Call) -> Reply:
    """No module runs. An empty text changes nothing [U]: `unset[]` blanks. Announces ServiceEdit, by API too [U]."""
    service = call.row_or_refuse("services", "serviceid", "Service ID Not Found")
    changed: Row = {column: call.text(name) for name, column in WRITABLE.items() if call.text(name)}
    changed |= {WRITABLE[name]: "" for name in forms.array(call.params, "unset").values() if name in BLANKABLE}
    changed |= {name: _hundredths(call, name, service) for name in ("firstpaymentamount", "recurringamount")}
    product = call.world.store.get("products", call.number("pid", service["product_id"]))
    if product is not None:
        changed["product_id"] = product["id"]
    if cycle := cycles.word_of(call.text("billingcycle")):
        changed["billingcycle"] = cycles.SHOWN[cycle]
    if call.flag("autorecalc") and product is not None:  # wins over recurringamount
        price = price_of(product, cycle or cycles.word_of(service["billingcycle"]))
        changed["recurringamount"] = service["recurringamount"] if price is None else price
    changed["customfields"] = _with_fields(call, service, product or {"id": 0, "groupname": ""})
    call.world.store.update("services", service["id"], **changed)
    call.world.hooks.fire("ServiceEdit", userid=service["client_id"], serviceid=service["id"])
    return {"serviceid": call.text("serviceid")}


def _hundredths(call: Call, name: str, service: Row) -> int:
    """What is no amount changes nothing [U]."""
    try:
        return money.parse(call.text(name)) if call.text(name) else service[name]
    except ValueError:
        return int(service[name])


def _with_fields(call: Call, service: Row, product: Row) -> str:
    """A badly encoded value is ignored silently [U]; fields that are not named stay."""
    try:
        sent = php.decode_field(call.text("customfields")) if call.text("customfields") else {}
    except php.NotSerialized:
        sent = {}
    kept = kept_fields(call.world.faults.profile, product, sent)
    return json.dumps(json.loads(service["customfields"]) | kept, ensure_ascii=False)


def _row(row: Row, profile: Profile, gateways: dict[str, str]) -> Reply:
    stored = json.loads(row["customfields"])
    fields = [
        {"id": one.id, "name": one.name, "translated_name": one.name, "value": stored.get(str(one.stored), "")}
        for one in product_fields(profile, row["product_id"], row["groupname"])
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
        "paymentmethodname": gateways.get(row["paymentmethod"], row["paymentmethod"]),
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
