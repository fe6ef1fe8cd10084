"""Five people who are always there, with the same ids at every size."""

from __future__ import annotations

from datetime import timedelta

from sandbox.days import months_back, period
from sandbox.seed.bills import Bill
from sandbox.seed.book import FIRST_SERVICE, Book
from sandbox.seed.products import BY_ID
from sandbox.whmcs.provisioning import OVERDUE

DEMO, SECOND, LEGACY, TWO_FACTOR, EMPTY = 1001, 1002, 1003, 1004, 1005


def add_fixed_people(book: Book) -> None:
    for add in (_demo, _second, _legacy, _two_factor, _empty):
        add(book)
        book.number_bills()


def monthly(
    book: Book, client_id: int, service_id: int, pid: int, months: int, days_ago: int, **more: int
) -> list[Bill]:
    """One paid bill a month, newest first, the newest issued `days_ago`."""
    newest = book.today - timedelta(days=days_ago)
    price = BY_ID[pid]["monthly"]
    bills = []
    for back in range(months):
        issued = months_back(newest, back)
        lines = [(f"{BY_ID[pid]['name']} {period(issued)}", price)]
        bills.append(book.bill(client_id, issued, lines, service_id=service_id, pay_after_days=2 + back % 11))
    service = book.tables["services"][service_id - FIRST_SERVICE]
    if service["status"] in ("Active", "Suspended"):
        service["nextduedate"] = months_back(newest, -1).isoformat()
    bills[-1].order_id = service["order_id"]
    return bills


def _demo(book: Book) -> None:
    """3 unpaid invoices: one overdue (its SIM is suspended), one partially paid, one just issued."""
    today = book.today
    book.client(
        DEMO, "Hanako", "Yamada", "demo@example.com", "demo-whmcs-pass", since=months_back(today, 27), credit=50000
    )
    visa = book.card(DEMO, "Visa", "4242", f"{today:%m}/{(today.year + 2) % 100:02d}")
    internet = book.service(DEMO, 182, months_back(today, 26))
    sim = book.service(DEMO, 98, months_back(today, 16))
    vpn = book.service(DEMO, 33, months_back(today, 11))
    second_sim = book.service(DEMO, 97, months_back(today, 7), status="Suspended", suspensionreason=OVERDUE)
    home = monthly(book, DEMO, internet, 182, 26, 3)
    mobile = monthly(book, DEMO, sim, 98, 16, 10)
    monthly(book, DEMO, vpn, 33, 11, 8)
    late = monthly(book, DEMO, second_sim, 97, 6, 34)
    for bill in home[1:]:
        bill.lines.append((f"Home phone {period(bill.issued)}", 45000))
        bill.paymethod_id = visa
    home[0].status = late[0].status = mobile[0].status = "Unpaid"
    mobile[0].paid = 100000
    home[-1].lines.append(("Installation (single payment)", 2200000))
    home[4].credit = 50000
    mobile[5].status = "Refunded"
    mobile[8].status = "Cancelled"
    mobile[2].lines.append(("International calls &amp; SMS", 132000))
    book.bill(DEMO, today, [("Next month, being prepared", 580000)], status="Draft")
    note = {"client_id": DEMO, "date": months_back(today, 5).isoformat(), "relid": 0}
    book.put("credits", id=1 + book.count("credits"), description="Apology for an outage", amount=100000, **note)


def _second(book: Book) -> None:
    since = months_back(book.today, 15)
    book.client(SECOND, "健一", "佐藤", "second@example.com", "second-whmcs-pass", since=since)
    book.card(SECOND, "MasterCard", "4444", "09/31")
    internet = book.service(SECOND, 184, since)
    vpn = book.service(SECOND, 54, months_back(book.today, 5))
    bills = monthly(book, SECOND, internet, 184, 15, 6)
    monthly(book, SECOND, vpn, 54, 5, 12)
    bills[0].status = "Unpaid"


def _legacy(book: Book) -> None:
    """A client of old who has never heard of any portal."""
    since = months_back(book.today, 33)
    book.client(LEGACY, "Ichiro", "Tanaka", "legacy@example.com", "legacy-whmcs-pass", since=since)
    book.card(LEGACY, "JCB", "0505", "03/29")
    internet = book.service(LEGACY, 181, since)
    bills = monthly(book, LEGACY, internet, 181, 24, 9)
    bills[0].status = "Unpaid"


def _two_factor(book: Book) -> None:
    since = months_back(book.today, 8)
    password = "twofactor-whmcs-pass"
    book.client(TWO_FACTOR, "Misaki", "Kato", "twofactor@example.com", password, since=since, two_factor=True)
    sim = book.service(TWO_FACTOR, 99, since)
    monthly(book, TWO_FACTOR, sim, 99, 8, 15)


def _empty(book: Book) -> None:
    book.client(EMPTY, "Sora", "Ishii", "empty@example.com", "empty-whmcs-pass", since=book.today - timedelta(days=3))
