"""Lines for the SIM services that WHMCS was seeded with, so that both tell the same story."""

from __future__ import annotations

import json

from sandbox.clock import Clock
from sandbox.freebit.lines import ACTIVE, OBSOLETE, SUSPENDED, Line, Lines
from sandbox.freebit.work import iccid_of
from sandbox.store import Store

PHONE_NUMBER = "1103"
STATES = {"Active": ACTIVE, "Suspended": SUSPENDED, "Cancelled": OBSOLETE, "Terminated": OBSOLETE}


def plant_lines(store: Store, clock: Clock) -> None:
    """Only where there are none yet."""
    if store.value("SELECT COUNT(*) FROM fb_lines"):
        return
    sql = "SELECT id, status, regdate, customfields FROM services WHERE customfields LIKE ? ORDER BY id"
    planted = []
    for service in store.rows(sql, f'%"{PHONE_NUMBER}"%'):
        account = json.loads(service["customfields"])[PHONE_NUMBER]
        if not account.isdigit() or service["status"] not in STATES:
            continue
        line = Line(account, STATES[service["status"]], "ota", plan="DEMO_5G", quota_mb=5000)
        line.product_number, line.activated_on = f"AX{service['id']:013d}", service["regdate"].replace("-", "")
        line.iccid = iccid_of(line, service["id"])
        line.used_mb, line.used_in = service["id"] % 5000, f"{clock.today():%Y%m}"
        planted.append(line)
    with store.transaction():
        for line in planted:
            Lines(store).save(line)
