"""Everybody else: ordinary customers with one to four services and a bill for each every month."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sandbox.days import NEVER_DAY, months_back, period
from sandbox.seed import names
from sandbox.seed.bills import FIRST_ORDER, Bill
from sandbox.seed.book import Book
from sandbox.seed.products import BY_ID, INTERNET, SIM, VPN
from sandbox.whmcs.provisioning import OVERDUE

JAPANESE = {"Internet": "光回線サービス", "SIM": "モバイル通信サービス", "VPN": "VPNルーター"}
BRANDS = (("Visa", "1111"), ("MasterCard", "5100"), ("JCB", "3530"), ("American Express", "0005"))
LONGEST_MONTHS = 36


def add_crowd_member(book: Book, client_id: int) -> None:
    chance = Random(f"client-{client_id}")
    who = names.person(chance, client_id)
    tenure = chance.randint(12, LONGEST_MONTHS)
    book.client(
        client_id,
        who.first,
        who.last,
        f"{who.mailbox}@example.{chance.choice(('com', 'net', 'org'))}",
        f"customer-pass-{client_id}",
        since=months_back(book.today, tenure),
        phonenumber=names.mobile(chance),
        language="japanese" if who.japanese else "",
        status="Inactive" if chance.random() < 0.04 else "Active",
        **names.address(chance),
    )
    if chance.random() < 0.85:
        brand, last_four = chance.choice(BRANDS)
        book.card(client_id, brand, last_four, f"{chance.randint(1, 12):02d}/{chance.randint(26, 32)}")
    for pid in _plans(chance):
        _subscribe(book, chance, client_id, pid, tenure, who.japanese)
    if chance.random() < 0.08:
        book.bill(client_id, book.today, [("Draft of next month", 480000)], status="Draft")


def _plans(chance: Random) -> list[int]:
    plans = [chance.choice(INTERNET)] if chance.random() < 0.8 else []
    if chance.random() < 0.7 or not plans:
        plans.append(chance.choice(SIM))
    if chance.random() < 0.3:
        plans.append(chance.choice(SIM))
    if chance.random() < 0.2:
        plans.append(chance.choice(VPN))
    return plans


def _subscribe(book: Book, chance: Random, client_id: int, pid: int, tenure: int, japanese: bool) -> None:
    months = chance.randint(tenure * 4 // 5, tenure)
    newest = book.today - timedelta(days=chance.randint(0, 27))
    fate = chance.random()
    stopped = chance.randint(1, months - 1) if fate < 0.1 else 0
    status = ("Cancelled" if fate < 0.06 else "Terminated") if stopped else "Suspended" if fate < 0.13 else "Active"
    reason = OVERDUE if status == "Suspended" else ""
    since = months_back(newest, months - 1)
    due = NEVER_DAY if stopped else months_back(newest, -1).isoformat()
    service_id = book.service(client_id, pid, since, status=status, suspensionreason=reason, nextduedate=due)
    bills = [
        _bill(book, chance, client_id, service_id, pid, months_back(newest, back), japanese)
        for back in range(stopped, months)
    ]
    bills[-1].order_id = FIRST_ORDER + book.count("orders") - 1


def _bill(book: Book, chance: Random, client_id: int, service_id: int, pid: int, issued: date, japanese: bool) -> Bill:
    product = BY_ID[pid]
    name = JAPANESE[product["groupname"]] if japanese else product["name"]
    lines = [(f"{name} {period(issued)}", product["monthly"])]
    if product["groupname"] == "SIM" and chance.random() < 0.35:
        lines.append(("通話料" if japanese else "Call charges", chance.randint(1, 90) * 2200))
    if product["groupname"] == "Internet" and service_id % 3 == 0:
        lines.append(("光電話" if japanese else "Home phone", 45000))
    bill = book.bill(client_id, issued, lines, service_id=service_id, pay_after_days=chance.randint(0, 13))
    bill.gateway = "stripe" if client_id % 6 else "banktransfer"
    _settle(bill, chance, (book.today - issued).days)
    return bill


def _settle(bill: Bill, chance: Random, age: int) -> None:
    """What became of it, by age in days: due after 14, mostly paid after 45."""
    luck = chance.random()
    if age <= 14:
        bill.status = "Paid" if luck < 0.45 else "Unpaid"
        bill.pay_after_days = min(bill.pay_after_days, age)
        if luck > 0.96:
            bill.paid = 50000
    elif age <= 45:
        bill.status = "Unpaid" if luck < 0.07 else "Payment Pending" if luck < 0.08 else "Paid"
    elif luck < 0.035:
        bill.status = "Cancelled" if luck < 0.015 else "Refunded" if luck < 0.025 else "Collections"
