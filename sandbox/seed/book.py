"""Collects the rows to be planted and gives them their ids. Amounts in hundredths, days as dates."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sandbox.days import NEVER_DAY, months_back
from sandbox.seed.bills import FIRST_ORDER, Bill, write
from sandbox.seed.products import BY_ID
from sandbox.whmcs.passwords import hashed

FIRST_USER, FIRST_SERVICE = 70001, 40001


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
        """A client with its owner user; returns the user id. More columns by name, `two_factor` and `since` too.

        `owner` is the id of a user who is there already; `login` is the user's e-mail where it differs.
        """
        since: date = more.pop("since", self.today - timedelta(days=900))
        two_factor = int(more.pop("two_factor", False))
        login, user_id = more.pop("login", email), more.pop("owner", 0)
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
        user_id = user_id or self.user(first, last, login, password, since=since, two_factor=two_factor)
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
            write(self, bill)
        self.bills.clear()
