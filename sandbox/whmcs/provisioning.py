"""What a module command does to a service, how it is announced, and what a payment sets off."""

from __future__ import annotations

from sandbox.days import NEVER_DAY
from sandbox.store import Row
from sandbox.whmcs import cycles
from sandbox.world import World

OVERDUE = "Overdue on Payment"
COMMANDS = {
    "create": ("Active", "AfterModuleCreate"),
    "suspend": ("Suspended", "AfterModuleSuspend"),
    "unsuspend": ("Active", "AfterModuleUnsuspend"),
    "terminate": ("Terminated", "AfterModuleTerminate"),
    "changepackage": ("", "AfterModuleChangePackage"),
    "custom": ("", "AfterModuleCustom"),
}


def command(world: World, service_id: int, name: str, reason: str = "") -> bool:
    """False when there is no such service. The hook carries ids only: module parameters hold passwords."""
    service = world.store.get("services", service_id)
    if service is None:
        return False
    status, event = COMMANDS[name]
    changed = {}
    if status:
        changed = {"status": status, "suspensionreason": (reason or OVERDUE) if name == "suspend" else ""}
    if name == "terminate":
        changed["terminationdate"] = world.clock.today().isoformat()
    world.store.update("services", service_id, **changed)
    _announce(world, service, event)
    return True


def has_module(world: World, service: Row) -> bool:
    return bool(world.store.value("SELECT module FROM products WHERE id = ?", service["product_id"]))


def by_module(world: World, service: Row, name: str, reason: str = "") -> str:
    """The module's own words when it fails, "" when it worked. A failure is announced, too."""
    failure = world.faults.profile.module_failure
    if failure:
        _announce(world, service, f"{COMMANDS[name][1]}Failed")
        return failure
    command(world, service["id"], name, reason)
    return ""


def _announce(world: World, service: Row, event: str) -> None:
    world.hooks.fire(event, serviceid=service["id"], userid=service["client_id"], pid=service["product_id"])


def after_payment(world: World, invoice_id: int) -> None:
    """What a full payment sets off: suspensions end, due dates move on, and a new order's first invoice is announced.

    Services of a pending order are set up only where the profile says so; the order stays pending then [U].
    """
    _unsuspend_paid(world, invoice_id)
    _move_due_dates(world, invoice_id)
    order = world.store.row("SELECT * FROM orders WHERE invoice_id = ? AND invoice_id > 0", invoice_id)
    if order is None:
        return
    world.hooks.fire("OrderPaid", orderId=order["id"], userId=order["client_id"], invoiceId=invoice_id)
    if world.faults.profile.setup_on_payment:
        waiting = "SELECT * FROM services WHERE order_id = ? AND status = 'Pending'"
        for service in world.store.rows(waiting, order["id"]):
            if has_module(world, service):
                by_module(world, service, "create")


def _unsuspend_paid(world: World, invoice_id: int) -> None:
    """Full payment lifts a suspension for non-payment of the services on that invoice [U for the exact condition]."""
    for service in _billed(world, invoice_id):
        if service["status"] == "Suspended" and service["suspensionreason"] == OVERDUE:
            command(world, service["id"], "unsuspend")


def _move_due_dates(world: World, invoice_id: int) -> None:
    """One cycle on, for the services whose current period this invoice is for [U for how WHMCS knows]."""
    due = world.store.value("SELECT duedate FROM invoices WHERE id = ?", invoice_id)
    for service in _billed(world, invoice_id):
        if NEVER_DAY < service["nextduedate"] <= due:
            later = cycles.next_due(service["nextduedate"], service["billingcycle"])
            world.store.update("services", service["id"], nextduedate=later)


def _billed(world: World, invoice_id: int) -> list[Row]:
    sql = """SELECT DISTINCT s.* FROM services s JOIN invoice_items i ON i.relid = s.id AND i.type = 'Hosting'
             WHERE i.invoice_id = ? ORDER BY s.id"""
    return world.store.rows(sql, invoice_id)
