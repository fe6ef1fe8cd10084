"""A customer's wish to end a service. It changes nothing by itself, and no action takes it back.

Source: WHMCS API reference, AddCancelRequest, GetCancelledPackages.
"""

from __future__ import annotations

from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, Refusal, action, paging

TYPES = {"immediate": "Immediate", "end of billing period": "End of Billing Period"}


@action("AddCancelRequest")
def add_cancel_request(call: Call) -> Reply:
    """An unknown type is taken for Immediate [U]."""
    service = call.row_or_refuse("services", "serviceid", "Service ID Not Found")
    store = call.world.store
    if store.row("SELECT id FROM cancel_requests WHERE service_id = ?", service["id"]):
        raise Refusal("Existing Cancellation Request Exists")
    kind = TYPES.get(call.text("type").lower(), "Immediate")
    columns = {"date": call.world.clock.stamp(), "reason": call.text("reason"), "type": kind}
    store.insert("cancel_requests", service_id=service["id"], **columns)
    call.world.hooks.fire("CancellationRequest", userid=service["client_id"], relid=service["id"], type=kind)
    return {"serviceid": call.text("serviceid"), "userid": service["client_id"]}


@action("GetCancelledPackages")
def get_cancelled_packages(call: Call) -> Reply:
    """Requests, oldest first [U]; everybody's."""
    start, size = call.page()
    found = call.world.store.rows("SELECT * FROM cancel_requests ORDER BY id LIMIT ? OFFSET ?", size, start)
    rows = [
        {
            "id": row["id"],
            "date": row["date"],
            "relid": row["service_id"],
            "reason": row["reason"],
            "type": row["type"],
            "created_at": row["date"],
            "updated_at": row["date"],
            "unlisted_origin": "",
        }
        for row in found
    ]
    total = call.world.store.value("SELECT COUNT(*) FROM cancel_requests")
    return paging(total, start, rows) | {"packages": Rows(rows, "package")}
