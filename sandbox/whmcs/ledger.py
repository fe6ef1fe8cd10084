"""What happens to an invoice, whoever does it: the API, the customer's Pay button, or the operator.

Money in hundredths. Every change announces itself with the hooks WHMCS documents for it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sandbox import money
from sandbox.store import Row, Store
from sandbox.whmcs import provisioning
from sandbox.world import World

STATUSES = ("Draft", "Unpaid", "Paid", "Cancelled", "Refunded", "Collections", "Payment Pending")
PAYABLE = ("Unpaid", "Collections", "Payment Pending")
ANNOUNCED = {"Unpaid": "InvoiceUnpaid", "Cancelled": "InvoiceCancelled", "Refunded": "InvoiceRefunded"}
TAX_RATE = "10.000"
NEVER = "0000-00-00 00:00:00"


class NotPossible(Exception):
    """The invoice is in no state for that; the message says which."""


@dataclass(frozen=True, slots=True)
class NewItem:
    description: str
    amount: int
    taxed: bool = True
    type: str = ""
    relid: int = 0


def paid_so_far(store: Store, invoice_id: int) -> int:
    sql = "SELECT COALESCE(SUM(amountin - amountout), 0) FROM transactions WHERE invoice_id = ?"
    return int(store.value(sql, invoice_id))


def balance(store: Store, invoice: Row) -> int:
    """Total less what came in, plus what went back: a refunded invoice shows its whole total again [U]."""
    return int(invoice["total"]) - paid_so_far(store, invoice["id"])


def create(
    world: World,
    client_id: int,
    items: list[NewItem],
    *,
    due_in_days: int = 14,
    status: str = "Unpaid",
    date: str = "",
    duedate: str = "",
    gateway: str = "stripe",
    taxrate: str = TAX_RATE,
    notes: str = "",
    source: str = "adminarea",
) -> int:
    """Announces InvoiceCreated unless it is a draft."""
    today, now = world.clock.today(), world.clock.stamp()
    with world.store.transaction():
        invoice_id = world.store.insert(
            "invoices",
            client_id=client_id,
            date=date or today.isoformat(),
            duedate=duedate or (today + timedelta(days=due_in_days)).isoformat(),
            subtotal=0,
            tax=0,
            total=0,
            taxrate=taxrate,
            status=status,
            paymentmethod=gateway,
            notes=notes,
            created_at=now,
            updated_at=now,
        )
        for item in items:
            add_item(world.store, invoice_id, item)
        recompute(world, invoice_id)
    if status != "Draft":
        announce_created(world, invoice_id, status, source)
    return invoice_id


def announce_created(world: World, invoice_id: int, status: str, source: str) -> None:
    world.hooks.fire("InvoiceCreated", source=source, user="system", invoiceid=invoice_id, status=status)


def add_item(store: Store, invoice_id: int, item: NewItem) -> None:
    store.insert(
        "invoice_items",
        invoice_id=invoice_id,
        type=item.type,
        relid=item.relid,
        description=item.description,
        amount=item.amount,
        taxed=int(item.taxed),
    )


def recompute(world: World, invoice_id: int) -> None:
    """Subtotal and tax from the lines. `total` is net of applied credit [U]."""
    invoice = world.store.get("invoices", invoice_id) or {}
    lines = world.store.rows("SELECT amount, taxed FROM invoice_items WHERE invoice_id = ?", invoice_id)
    subtotal = sum(line["amount"] for line in lines)
    tax = money.tax_on(sum(line["amount"] for line in lines if line["taxed"]), invoice["taxrate"])
    total = subtotal + tax - invoice["credit"]
    now = world.clock.stamp()
    world.store.update("invoices", invoice_id, subtotal=subtotal, tax=tax, total=total, updated_at=now)


def pay(
    world: World,
    invoice_id: int,
    amount: int | None = None,
    *,
    transid: str = "",
    gateway: str = "",
    date: str = "",
    fees: int = 0,
) -> None:
    """Record money. None pays the balance; what is too much becomes client credit [U]; a repeated transid is accepted.

    Announces AddInvoicePayment, and InvoicePaid when nothing is left, in no promised order. An amount of 0 settles an
    invoice that credit has covered, and writes no transaction [U].
    """
    invoice = _invoice(world, invoice_id)
    if invoice["status"] == "Cancelled":
        raise NotPossible("It is not possible to add a payment to an invoice that is Cancelled")
    left = balance(world.store, invoice)
    amount = max(left, 0) if amount is None else amount
    now = date or world.clock.stamp()
    settles = invoice["status"] != "Paid" and amount >= left
    with world.store.transaction():
        if amount:
            world.store.insert(
                "transactions",
                client_id=invoice["client_id"],
                invoice_id=invoice_id,
                gateway=gateway or invoice["paymentmethod"],
                date=now,
                description="Invoice Payment",
                amountin=amount,
                fees=fees,
                transid=transid or f"ch_{secrets.token_hex(10)}",
            )
        if amount > left:
            _overpaid(world, invoice, amount - max(left, 0))
        world.store.update("invoices", invoice_id, updated_at=world.clock.stamp())
        if settles:
            _settle(world, invoice, now)
    if amount:
        world.hooks.fire("AddInvoicePayment", invoiceid=invoice_id)
    if settles:
        world.hooks.fire("InvoicePaid", invoiceid=invoice_id)
        provisioning.after_payment(world, invoice_id)


def fail_payment(world: World, invoice_id: int) -> None:
    """The card was refused: nothing changes, and WHMCS writes a mail. No hook is about it but the one of that mail."""
    invoice = _invoice(world, invoice_id)
    if invoice["status"] not in PAYABLE:
        raise NotPossible(f"an invoice that is {invoice['status']} has nothing to pay")
    world.hooks.fire("EmailPreSend", messagename="Credit Card Payment Failed", relid=invoice_id)


def _settle(world: World, invoice: Row, now: str) -> None:
    number = invoice["invoicenum"] or _next_number(world)
    changed = {"status": "Paid", "datepaid": now, "invoicenum": number, "updated_at": world.clock.stamp()}
    world.store.update("invoices", invoice["id"], **changed)


def _next_number(world: World) -> str:
    """Sequential paid-invoice numbers: given at payment, so unpaid invoices have none."""
    last = int(world.store.value("SELECT value FROM meta WHERE key = 'last_invoicenum'") or 0) + 1
    world.store.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('last_invoicenum', ?)", str(last))
    return f"INV-{last:07d}"


def _overpaid(world: World, invoice: Row, excess: int) -> None:
    client_id, today = invoice["client_id"], world.clock.today().isoformat()
    world.store.execute("UPDATE clients SET credit = credit + ? WHERE id = ?", excess, client_id)
    words = f"Invoice #{invoice['id']} Overpayment"
    world.store.insert(
        "credits", client_id=client_id, date=today, description=words, amount=excess, relid=invoice["id"]
    )


def refund(world: World, invoice_id: int) -> None:
    """Give everything back. Announces InvoiceRefunded."""
    invoice = _invoice(world, invoice_id)
    paid = paid_so_far(world.store, invoice_id)
    if invoice["status"] == "Refunded" or paid <= 0:
        raise NotPossible("nothing was paid that could be refunded")
    first = world.store.row("SELECT * FROM transactions WHERE invoice_id = ? AND amountin > 0 ORDER BY id", invoice_id)
    assert first is not None, "money came in, so there is a row for it"
    with world.store.transaction():
        world.store.insert(
            "transactions",
            client_id=invoice["client_id"],
            invoice_id=invoice_id,
            gateway=first["gateway"],
            date=world.clock.stamp(),
            description=f"Refund of Transaction ID {first['transid']}",
            amountout=paid,
            transid=f"re_{secrets.token_hex(10)}",
            refundid=first["id"],
        )
        set_status(world, invoice_id, "Refunded")


def cancel(world: World, invoice_id: int) -> None:
    status = _invoice(world, invoice_id)["status"]
    if status not in (*PAYABLE, "Draft"):
        raise NotPossible(f"an invoice that is {status} cannot be cancelled here")
    set_status(world, invoice_id, "Cancelled")


def unpay(world: World, invoice_id: int) -> None:
    """Back to Unpaid with the payments deleted, as staff would do to undo a mistake."""
    if _invoice(world, invoice_id)["status"] == "Unpaid":
        raise NotPossible("the invoice is already Unpaid")
    with world.store.transaction():
        world.store.execute("DELETE FROM transactions WHERE invoice_id = ?", invoice_id)
        world.store.update("invoices", invoice_id, datepaid=NEVER, date_refunded=NEVER, date_cancelled=NEVER)
        set_status(world, invoice_id, "Unpaid")


def set_status(world: World, invoice_id: int, status: str) -> None:
    """Mark only, no money moves. Announces the change where WHMCS has a hook for it."""
    now = world.clock.stamp()
    stamps = {"Paid": "datepaid", "Cancelled": "date_cancelled", "Refunded": "date_refunded"}
    changed = {"status": status, "updated_at": now}
    if status in stamps:
        changed[stamps[status]] = now
    world.store.update("invoices", invoice_id, **changed)
    if status in ANNOUNCED:
        world.hooks.fire(ANNOUNCED[status], invoiceid=invoice_id)


def _invoice(world: World, invoice_id: int) -> Row:
    invoice = world.store.get("invoices", invoice_id)
    if invoice is None:
        raise NotPossible("Invoice ID Not Found")
    return invoice
