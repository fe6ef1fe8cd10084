"""Suspend, unsuspend, terminate: what a module command does to a service, and how it is announced."""

from __future__ import annotations

from sandbox.world import World

OVERDUE = "Overdue on Payment"
COMMANDS = {
    "suspend": ("Suspended", "AfterModuleSuspend"),
    "unsuspend": ("Active", "AfterModuleUnsuspend"),
    "terminate": ("Terminated", "AfterModuleTerminate"),
}


def command(world: World, service_id: int, name: str, reason: str = "") -> bool:
    """False when there is no such service. The hook carries ids only: module parameters hold passwords."""
    service = world.store.get("services", service_id)
    if service is None:
        return False
    status, event = COMMANDS[name]
    changed = {"status": status, "suspensionreason": (reason or OVERDUE) if name == "suspend" else ""}
    if name == "terminate":
        changed["terminationdate"] = world.clock.today().isoformat()
    world.store.update("services", service_id, **changed)
    world.hooks.fire(event, serviceid=service_id, userid=service["client_id"], pid=service["product_id"])
    return True


def unsuspend_paid(world: World, invoice_id: int) -> None:
    """Full payment lifts a suspension for non-payment of the services on that invoice [U for the exact condition]."""
    sql = """SELECT s.id FROM services s JOIN invoice_items i ON i.relid = s.id AND i.type = 'Hosting'
             WHERE i.invoice_id = ? AND s.status = 'Suspended' AND s.suspensionreason = ?"""
    for row in world.store.rows(sql, invoice_id, OVERDUE):
        command(world, row["id"], "unsuspend")
