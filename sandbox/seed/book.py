"""Collects the rows to be planted and gives them their ids. Amounts in hundredths, days as dates."""

from __future__ import annotations

import calendar
import json
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sandbox import money
from sandbox.seed.products import BY_ID
from sandbox.whmcs.passwords import hashed

NEVER_DAY, NEVER = "0000-00-00", "0000-00-00 00:00:00"
NUMBERED_SINCE_DAYS = 540
FIRST_USER, FIRST_SERVICE, FIRST_ORDER = 70001, 40001, 9001


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


@dataclass(slots=True)
class Book:
    today: date
    next_invoice: int = 101
    next_item: int = 1
    next_transaction: int = 1
    last_invoicenum: int = 0
    bills: list[Bill] = field(default_factory=list)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def count(self, table: str) -> int:
        return len(self.tables.get(table, ()))

    def client(self, client_id: int, first: str, last: str, email: str, password: str, **more: Any) -> int:
        """A client with its owner user; returns the user id. More columns by name, `two_factor` and `since` too."""
        since: date = more.pop("since", self.today - timedelta(days=900))
        two_factor = int(more.pop("two_factor", False))
        login = more.pop("login", email)
        fields = {198: f"C-{99000 + client_id}", 199: "1985-04-12", 200: "", 201: "Japan"} | more.pop("fields", {})
        row = {
            "id": client_id,
            "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox-client-{client_id}")),
            "firstname": first,
            "lastname": last,
            "companyname": "",
            "email": email,
            "address1": "Shibuya 2-21-1",
            "address2": "Hikarie 1201",
            "city": "Shibuya-ku",
            "state": "Tokyo",
            "postcode": "150-0002",
            "phonenumber": f"090-1234-{client_id % 10000:04d}",
            "status": "Active",
            "credit": 0,
            "language": "",
            "datecreated": since.isoformat(),
            "notes": "",
            "defaultgateway": "stripe",
            "allow_sso": 1,
            "lastlogin": "",
            "customfields": json.dumps({str(key): value for key, value in fields.items() if value}, ensure_ascii=False),
        }
        self.put("clients", **(row | more))
        user_id = self.user(first, last, login, password, since=since, two_factor=two_factor)
        self.link(user_id, client_id, owner=True)
        return user_id

    def user(self, first: str, last: str, email: str, password: str, *, since: date, two_factor: int = 0) -> int:
        user_id = FIRST_USER + self.count("users")
        names = {"firstname": first, "lastname": last, "email": email, "password": hashed(password)}
        self.put("users", id=user_id, two_factor=two_factor, datecreated=since.isoformat(), **names)
        return user_id

    def link(self, user_id: int, client_id: int, *, owner: bool) -> None:
        self.put("user_clients", user_id=user_id, client_id=client_id, is_owner=int(owner))

    def card(self, client_id: int, brand: str, last_four: str, expiry: str) -> int:
        card_id = 501 + self.count("paymethods")
        self.put(
            "paymethods",
            id=card_id,
            client_id=client_id,
            type="RemoteCreditCard",
            description=f"{brand} {last_four}",
            gateway_name="stripe",
            card_type=brand,
            card_last_four=last_four,
            expiry_date=expiry,
            bank_name="",
            remote_token=f'{{"customer":"cus_seed{client_id}","method":"pm_seed{card_id}"}}',
            last_updated=self.today.strftime("%d/%m/%Y 10:01"),
        )
        return card_id

    def service(self, client_id: int, pid: int, since: date, *, status: str = "Active", **more: Any) -> int:
        """A service and the order it came from; returns the service id."""
        service_id, order_id = FIRST_SERVICE + self.count("services"), FIRST_ORDER + self.count("orders")
        product = BY_ID[pid]
        pending = status == "Pending"
        fields = {"1103": f"090{service_id:08d}"[:11]} if product["groupname"] == "SIM" else {}
        row = {
            "id": service_id,
            "client_id": client_id,
            "order_id": order_id,
            "product_id": pid,
            "regdate": since.isoformat(),
            "domain": fields.get("1103", ""),
            "firstpaymentamount": product["monthly"],
            "recurringamount": 0 if product["paytype"] == "onetime" else product["monthly"],
            "paymentmethod": "stripe",
            "billingcycle": "One Time" if product["paytype"] == "onetime" else "Monthly",
            "nextduedate": NEVER_DAY if pending else months_back(self.today, -1).isoformat(),
            "terminationdate": NEVER_DAY,
            "status": status,
            "username": f"svc{service_id}",
            "password": f"Sv!{service_id}-plain",
            "suspensionreason": "",
            "notes": "",
            "customfields": json.dumps(fields),
        }
        self.put("services", **(row | more))
        self.put(
            "orders",
            id=order_id,
            ordernum=str(1_000_000_007 + order_id * 7919 % 8_000_000_000),
            client_id=client_id,
            user_id=next(
                link["user_id"] for link in self.tables["user_clients"][::-1] if link["client_id"] == client_id
            ),
            date=f"{since.isoformat()} 11:20:05",
            amount=product["monthly"],
            paymentmethod="stripe",
            invoice_id=0,
            status={"Pending": "Pending", "Fraud": "Fraud"}.get(status, "Active"),
            ipaddress="203.0.113.24",
        )
        return service_id

    def bill(self, *args: Any, **more: Any) -> Bill:
        bill = Bill(*args, **more)
        self.bills.append(bill)
        return bill

    def number_bills(self) -> None:
        """Give ids in order of issue to what has been collected since the last time."""
        for bill in sorted(self.bills, key=lambda bill: (bill.issued, bill.client_id)):
            self._write(bill)
        self.bills.clear()

    def _write(self, bill: Bill) -> None:
        invoice_id, self.next_invoice = self.next_invoice, self.next_invoice + 1
        taxed = bill.lines[: len(bill.lines) - bill.untaxed_lines]
        subtotal = sum(amount for _, amount in bill.lines)
        tax = money.tax_on(sum(amount for _, amount in taxed), bill.taxrate)
        total = subtotal + tax - bill.credit
        settled = bill.status in ("Paid", "Refunded")
        paid_on = min(bill.issued + timedelta(days=bill.pay_after_days), self.today)
        stamp = f"{paid_on.isoformat()} {9 + invoice_id % 9:02d}:{invoice_id % 60:02d}:{invoice_id * 7 % 60:02d}"
        numbered = settled and bill.numbered and (self.today - paid_on).days < NUMBERED_SINCE_DAYS
        self.last_invoicenum += numbered
        self.put(
            "invoices",
            id=invoice_id,
            client_id=bill.client_id,
            invoicenum=f"INV-{self.last_invoicenum:07d}" if numbered else "",
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
        self._write_lines(bill, invoice_id)
        self._write_money(bill, invoice_id, total, stamp)
        if bill.order_id:
            order = self.tables["orders"][bill.order_id - FIRST_ORDER]
            order["invoice_id"] = invoice_id

    def _write_lines(self, bill: Bill, invoice_id: int) -> None:
        for place, (description, amount) in enumerate(bill.lines):
            self.put(
                "invoice_items",
                id=self.next_item,
                invoice_id=invoice_id,
                type="Hosting" if bill.service_id and place == 0 else "Item" if bill.service_id else "",
                relid=bill.service_id if place == 0 else 0,
                description=description,
                amount=amount,
                taxed=int(place < len(bill.lines) - bill.untaxed_lines),
            )
            self.next_item += 1

    def _write_money(self, bill: Bill, invoice_id: int, total: int, stamp: str) -> None:
        amount = total if bill.paid is None and bill.status in ("Paid", "Refunded") else bill.paid or 0
        if amount:
            first = self._transaction(bill, invoice_id, stamp, amount, 0, 0)
            if bill.status == "Refunded":
                self._transaction(bill, invoice_id, stamp, 0, amount, first)
        if bill.credit:
            words = f"Credit Applied to Invoice #{invoice_id}"
            row = {"client_id": bill.client_id, "date": bill.issued.isoformat(), "relid": invoice_id}
            self.put("credits", id=1 + self.count("credits"), description=words, amount=-bill.credit, **row)

    def _transaction(self, bill: Bill, invoice_id: int, stamp: str, came: int, went: int, refund_of: int) -> int:
        row_id, self.next_transaction = self.next_transaction, self.next_transaction + 1
        self.put(
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


def months_back(day: date, months: int) -> date:
    """The same day some months earlier (negative: later), or the last day of a shorter month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period(issued: date) -> str:
    until = months_back(issued, -1) - timedelta(days=1)
    return f"({issued:%Y/%m/%d} - {until:%Y/%m/%d})"
