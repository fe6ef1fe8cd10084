"""Seven clients who carry what real data carries: hostile text, zero dates, every status, shared logins."""

from __future__ import annotations

from datetime import date, timedelta

from sandbox.days import months_back, period
from sandbox.seed.book import Book
from sandbox.seed.fixed import monthly

HOSTILE = "<script>alert(1)</script>\"'&\u2028x\u202egnp.exe\u202c"


def _hostile(book: Book, client_id: int) -> None:
    """Markup, quotes, U+2028 and a right-to-left override in every free text."""
    book.client(
        client_id,
        "<b>Robert</b>",
        "'); DROP TABLE users;--",
        "hostile@example.net",
        "hostile-whmcs-pass",
        companyname=HOSTILE,
        address1='"><img src=x onerror=alert(1)>',
        notes=HOSTILE,
    )
    service = book.service(client_id, 97, months_back(book.today, 4), domain=HOSTILE, notes=HOSTILE)
    for bill in monthly(book, client_id, service, 97, 4, 5):
        bill.lines.append((HOSTILE, 10000))
        bill.notes = "{{ 7*7 }} ${7*7} =HYPERLINK(1)"


def _apostrophe(book: Book, client_id: int) -> None:
    """Entities in descriptions, an invoice of 40 lines, a zero-yen invoice, one without a due date, one untaxed."""
    book.client(client_id, "Sinéad", "O&#039;Brien", "obrien@example.org", "obrien-whmcs-pass", phonenumber="")
    day = book.today
    lines = [
        (f"通話料 Call charges &amp; SMS, line {number} &quot;A&quot;", 1000 + number * 100) for number in range(1, 41)
    ]
    book.bill(client_id, day - timedelta(days=40), lines)
    book.bill(client_id, day - timedelta(days=70), [("Free month &#8211; thank you", 0)])
    book.bill(client_id, day - timedelta(days=100), [("No due date was ever set", 120000)], due_after_days=None)
    book.bill(client_id, day - timedelta(days=130), [("Deposit (not taxable)", 500000)], untaxed_lines=1)
    book.bill(client_id, day - timedelta(days=2), [("Line one\r\nLine two\tand a tab", 98700)], status="Unpaid")
    discount = [("Plan", 300000), ("Discount 割引", -50000)]
    book.bill(client_id, day - timedelta(days=160), discount, numbered=False)


def _closed(book: Book, client_id: int) -> None:
    book.client(client_id, "Kazuo", "Mori", "closed@example.com", "closed-whmcs-pass", status="Closed")
    ended = book.today - timedelta(days=200)
    gone = {"status": "Terminated", "terminationdate": ended.isoformat(), "nextduedate": "0000-00-00"}
    service = book.service(client_id, 185, months_back(book.today, 20), **gone)
    for bill in monthly(book, client_id, service, 185, 10, 210)[:1]:
        bill.status = "Cancelled"


def _company(book: Book, client_id: int) -> None:
    """One client, three users; one of them also owns the next client."""
    since = months_back(book.today, 30)
    company = {"companyname": "株式会社テスト商事 & Sons", "login": "boss@example.com", "since": since}
    book.client(client_id, "Yuko", "Abe", "billing@company.example.com", "boss-whmcs-pass", **company)
    accountant = book.user("Ren", "Ito", "accountant@example.com", "accountant-pass", since=since)
    book.link(accountant, client_id, owner=False)
    shared = book.user("Aoi", "Mori", "shared@example.com", "shared-whmcs-pass", since=since)
    book.link(shared, client_id, owner=False)
    book.link(shared, client_id + 1, owner=False)
    for pid in (183, 100, 100, 54):
        monthly(book, client_id, book.service(client_id, pid, since), pid, 7, 4 + pid % 9)


def _old_tax(book: Book, client_id: int) -> None:
    """Bills from before October 2019 at 8 %, and single sign-on switched off."""
    since = date(2019, 2, 1)
    book.client(client_id, "昭", "髙橋", "oldtax@example.com", "oldtax-whmcs-pass", since=since, allow_sso=0)
    service = book.service(client_id, 181, since)
    for month in range(4, 10):
        issued = date(2019, month, 1)
        lines = [(f"光回線シルバー {period(issued)}", 480000)]
        book.bill(client_id, issued, lines, service_id=service, taxrate="8.000", gateway="banktransfer")
    monthly(book, client_id, service, 181, 3, 7)


def _every_status(book: Book, client_id: int) -> None:
    """One invoice and one service of each status; an unpaid one due today, and one due yesterday."""
    book.client(client_id, "Rin", "Goto", "every.status@example.com", "every-status-pass")
    statuses = ("Draft", "Unpaid", "Paid", "Cancelled", "Refunded", "Collections", "Payment Pending")
    for place, status in enumerate(statuses):
        issued = book.today - timedelta(days=20 * place + 1)
        gateway = "mailin" if status == "Payment Pending" else "stripe"
        book.bill(client_id, issued, [(f"Sample of {status}", 100000 + place * 11100)], status=status, gateway=gateway)
    for days in (14, 15):
        book.bill(client_id, book.today - timedelta(days=days), [("Due at the edge", 77700)], status="Unpaid")
    for status in ("Pending", "Active", "Suspended", "Terminated", "Cancelled", "Fraud", "Completed"):
        book.service(client_id, 98, months_back(book.today, 6), status=status)


def _credit(book: Book, client_id: int) -> None:
    """Inactive, with credit: from an overpayment, partly used; one invoice paid by credit alone."""
    book.client(
        client_id, "Chihiro", "Ogawa", "credit@example.com", "credit-whmcs-pass", status="Inactive", credit=230000
    )
    day = book.today
    row = {"client_id": client_id, "date": (day - timedelta(days=90)).isoformat(), "relid": 0}
    book.put("credits", id=1 + book.count("credits"), description="Overpayment", amount=600000, **row)
    book.bill(client_id, day - timedelta(days=60), [("Paid by credit alone", 200000)], credit=220000)
    book.bill(client_id, day - timedelta(days=30), [("Partly by credit", 300000)], credit=150000)
    transfer = {"gateway": "banktransfer", "paid": 1100000}
    book.bill(client_id, day - timedelta(days=95), [("Overpaid by transfer", 454600)], **transfer)
    book.put(
        "paymethods",
        id=501 + book.count("paymethods"),
        client_id=client_id,
        type="BankAccount",
        description="普通預金 ***1234",
        gateway_name="",
        card_type="",
        card_last_four="",
        expiry_date="",
        bank_name="みずほ銀行",
        remote_token="",
        last_updated=day.strftime("%d/%m/%Y 08:30"),
    )


ODD_PEOPLE = (_hostile, _apostrophe, _closed, _company, _old_tax, _every_status, _credit)
