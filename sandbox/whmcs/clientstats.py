"""The stats block of GetClientsDetails: counts are numbers, amounts are display strings nobody should compute with.

Source: WHMCS API reference, GetClientsDetails with stats.
"""

from __future__ import annotations

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs import ledger
from sandbox.whmcs.encode import Reply
from sandbox.world import World


def client_stats(world: World, client: Row) -> Reply:
    store, client_id = world.store, client["id"]
    by_status = _by_status(world, client_id, "status = status")
    today = world.clock.today().isoformat()
    overdue = _by_status(world, client_id, "duedate < ?", today).get("Unpaid", (0, 0))
    nothing = (0, 0)
    owed, owed_late = _balances(world, client_id), _balances(world, client_id, today)
    unpaid, paid, draft = (by_status.get(status, nothing) for status in ("Unpaid", "Paid", "Draft"))
    stats: Reply = {
        "numdueinvoices": unpaid[0],
        "dueinvoicesbalance": money.display(owed),
        "income": money.display(paid[1]),
        "incredit": client["credit"] > 0,
        "creditbalance": money.display(client["credit"]),
        "grossRevenue": money.display(paid[1]),
        "expenses": money.display(0),
        "numoverdueinvoices": overdue[0],
        "overdueinvoicesbalance": money.display(owed_late),
        "numDraftInvoices": draft[0],
        "draftInvoicesBalance": money.display(draft[1]),
        "numpaidinvoices": paid[0],
        "paidinvoicesamount": money.display(paid[1]),
        "numunpaidinvoices": unpaid[0],
        "unpaidinvoicesamount": money.display(unpaid[1]),
    }
    for status in ("Cancelled", "Refunded", "Collections", "Payment Pending"):
        key = status.lower().replace(" ", "")
        count, amount = by_status.get(status, nothing)
        stats |= {f"num{key}invoices": count, f"{key}invoicesamount": money.display(amount)}
    services = "SELECT COUNT(*) FROM services WHERE client_id = ?"
    return stats | {
        "productsnumactive": store.value(f"{services} AND status = 'Active'", client_id),
        "productsnumtotal": store.value(services, client_id),
        "numdomains": 0,
        "numactivedomains": 0,
        "numtickets": 0,
        "numactivetickets": 0,
        "numquotes": 0,
        "isAffiliate": False,
    }


def _balances(world: World, client_id: int, due_before: str = "9999-12-31") -> int:
    """What is left to pay of unpaid invoices, part payments taken off [U]."""
    sql = "SELECT * FROM invoices WHERE client_id = ? AND status = 'Unpaid' AND duedate < ?"
    return sum(ledger.balance(world.store, row) for row in world.store.rows(sql, client_id, due_before))


def _by_status(world: World, client_id: int, condition: str, *values: str) -> dict[str, tuple[int, int]]:
    sql = f"SELECT status, COUNT(*) AS n, SUM(total) AS s FROM invoices WHERE client_id = ? AND {condition} GROUP BY 1"
    return {row["status"]: (row["n"], row["s"]) for row in world.store.rows(sql, client_id, *values)}
