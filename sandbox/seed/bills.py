"""An invoice before it has an id, and how it becomes rows: lines, payments, refunds, credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sandbox import money
from sandbox.days import NEVER, NEVER_DAY

if TYPE_CHECKING:
    from sandbox.seed.book import Book

NUMBERED_SINCE_DAYS = 540
FIRST_ORDER = 9001


@dataclass(slots=True)
class Bill:
    """An invoice before it has an id. `paid` is what came in; None for nothing, and the status decides the rest."""

    client_id: int
    issued: date
    lines: list[tuple[str, int]]
    service_id: int = 0
    status: str = "Paid"
    paid: int | None = None
    credit: int = 0
    taxrate: str = "10.000"
    gateway: str = "stripe"
    pay_after_days: int = 5
    due_after_days: int | None = 14
    notes: str = ""
    paymethod_id: int | None = None
    numbered: bool = True
    untaxed_lines: int = 0
    order_id: int = 0


def write(book: Book, bill: Bill) -> None:
    """Give the bill its id and put its rows into the book."""
    invoice_id, book.next_invoice = book.next_invoice, book.next_invoice + 1
    taxed = bill.lines[: len(bill.lines) - bill.untaxed_lines]
    subtotal = sum(amount for _, amount in bill.lines)
    tax = money.tax_on(sum(amount for _, amount in taxed), bill.taxrate)
    total = subtotal + tax - bill.credit
    settled = bill.status in ("Paid", "Refunded")
    paid_on = min(bill.issued + timedelta(days=bill.pay_after_days), book.today)
    hour = 0 if paid_on == book.today else 9 + invoice_id % 9
    stamp = f"{paid_on.isoformat()} {hour:02d}:{invoice_id % 60:02d}:{invoice_id * 7 % 60:02d}"
    numbered = settled and bill.numbered and (book.today - paid_on).days < NUMBERED_SINCE_DAYS
    book.last_invoicenum += numbered
    book.put(
        "invoices",
        id=invoice_id,
        client_id=bill.client_id,
        invoicenum=f"INV-{book.last_invoicenum:07d}" if numbered else "",
        date=bill.issued.isoformat(),
        duedate=NEVER_DAY
        if bill.due_after_days is None
        else (bill.issued + timedelta(days=bill.due_after_days)).isoformat(),
        datepaid=stamp if settled else NEVER,
        last_capture_attempt=stamp if settled and bill.gateway == "stripe" else NEVER,
        date_refunded=stamp if bill.status == "Refunded" else NEVER,
        date_cancelled=stamp if bill.status == "Cancelled" else NEVER,
        subtotal=subtotal,
        credit=bill.credit,
        tax=tax,
        total=total,
        taxrate=bill.taxrate,
        status=bill.status,
        paymentmethod=bill.gateway,
        paymethodid=bill.paymethod_id,
        notes=bill.notes,
        created_at=f"{bill.issued.isoformat()} 04:00:11",
        updated_at=stamp if settled else f"{bill.issued.isoformat()} 04:00:11",
    )
    _write_lines(book, bill, invoice_id)
    _write_money(book, bill, invoice_id, total, stamp)
    if bill.order_id:
        order = book.tables["orders"][bill.order_id - FIRST_ORDER]
        order["invoice_id"] = invoice_id


def _write_lines(book: Book, bill: Bill, invoice_id: int) -> None:
    for place, (description, amount) in enumerate(bill.lines):
        book.put(
            "invoice_items",
            id=book.next_item,
            invoice_id=invoice_id,
            type="Hosting" if bill.service_id and place == 0 else "Item" if bill.service_id else "",
            relid=bill.service_id if place == 0 else 0,
            description=description,
            amount=amount,
            taxed=int(place < len(bill.lines) - bill.untaxed_lines),
        )
        book.next_item += 1


def _write_money(book: Book, bill: Bill, invoice_id: int, total: int, stamp: str) -> None:
    amount = total if bill.paid is None and bill.status in ("Paid", "Refunded") else bill.paid or 0
    if amount:
        first = _transaction(book, bill, invoice_id, stamp, amount, 0, 0)
        if bill.status == "Refunded":
            _transaction(book, bill, invoice_id, stamp, 0, amount, first)
    if bill.credit:
        words = f"Credit Applied to Invoice #{invoice_id}"
        row = {"client_id": bill.client_id, "date": bill.issued.isoformat(), "relid": invoice_id}
        book.put("credits", id=1 + book.count("credits"), description=words, amount=-bill.credit, **row)


def _transaction(book: Book, bill: Bill, invoice_id: int, stamp: str, came: int, went: int, refund_of: int) -> int:
    row_id, book.next_transaction = book.next_transaction, book.next_transaction + 1
    book.put(
        "transactions",
        id=row_id,
        client_id=bill.client_id,
        invoice_id=invoice_id,
        gateway=bill.gateway,
        date=stamp,
        description="Refund" if went else "Invoice Payment",
        amountin=came,
        fees=came * 36 // 1000 // 100 * 100 if bill.gateway == "stripe" else 0,
        amountout=went,
        transid=f"{'re' if went else 'ch'}_seed{invoice_id:06d}{row_id:06d}",
        refundid=refund_of,
    )
    return row_id
