"""A small WHMCS under the client: it answers HTTP requests through httpx.MockTransport, with state and with faults.

Rows are spelled as the reference says each action spells them; `replies` overrides an action's next answers.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.integrations.whmcs.client import WhmcsClient
from sandbox.whmcs.php import decode_field
from tests.fakes.clock import FakeClock

ROOT = "https://billing.example.com/whmcs"
IDENTIFIER, SECRET = "IdentifierCanary0000000000000001", "SecretCanary00000000000000000001"
Answer = httpx.Response | Exception | Callable[[dict[str, str]], httpx.Response]


def success(**reply: Any) -> httpx.Response:
    return httpx.Response(200, json={"result": "success", **reply})


def refusal(message: str, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"result": "error", "message": message})


def page_of_html(status: int = 200) -> httpx.Response:
    return httpx.Response(status, html="<html><body>Down for maintenance</body></html>")


@dataclass
class FakeWhmcs:
    """Clients, invoices, transactions and services of one installation, and the log of what it was asked."""

    invoices: list[dict[str, Any]] = field(default_factory=list)
    transactions: list[dict[str, Any]] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    clients: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    pay_methods: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    down: bool = False
    sso_url: str = f"{ROOT}/oauth/singlesignon.php?access_token={'a1' * 20}"
    calls: list[dict[str, str]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    def will(self, action: str, *answers: Answer) -> None:
        """The next answers to an action; afterwards it answers by its state again."""
        self.replies[action].extend(answers)

    def will_lose(self, action: str) -> None:
        """The next call of an action does its work; then the connection is cut."""

        def lost(fields: dict[str, str]) -> httpx.Response:
            getattr(self, f"_{action}")(fields)
            raise httpx.ReadError("connection reset")

        self.will(action, lost)

    def asked(self, action: str) -> list[dict[str, str]]:
        """Parameters of each call of one action, without the credential."""
        return [call for call in self.calls if call["action"] == action]

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def client(self, upstream: Upstream | None = None, base_url: str = ROOT) -> WhmcsClient:
        upstream = upstream or Upstream(WHMCS, FakeClock())
        return WhmcsClient(self.http(), base_url, IDENTIFIER, SECRET, upstream)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        fields = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        self.requests.append(request)
        self.calls.append({k: v for k, v in fields.items() if k not in ("identifier", "secret")})
        if self.down:
            raise httpx.ConnectError("connection refused", request=request)
        planned = self.replies[fields["action"]]
        answer = planned.pop(0) if planned else getattr(self, f"_{fields['action']}")
        if isinstance(answer, Exception):
            raise answer
        return answer(fields) if callable(answer) else answer

    def _page(self, rows: list[dict[str, Any]], fields: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        start, limit = int(fields.get("limitstart", 0)), int(fields.get("limitnum", 25))
        part = rows[start : start + limit]
        return part, {"totalresults": str(len(rows)), "startnumber": start, "numreturned": len(part)}

    def _GetInvoices(self, fields: dict[str, str]) -> httpx.Response:
        wanted, status = fields.get("userid"), fields.get("status")
        rows = [i for i in self.invoices if wanted in (None, str(i["userid"])) and status in (None, i["status"])]
        rows = sorted(rows, key=lambda row: row["id"], reverse=fields.get("order") == "desc")
        part, counts = self._page(rows, fields)
        hidden = ("balance", "items")
        listed = [{k: v for k, v in row.items() if k not in hidden} for row in part]
        return success(**counts, invoices={"invoice": listed})

    def _GetInvoice(self, fields: dict[str, str]) -> httpx.Response:
        row = next((i for i in self.invoices if str(i["id"]) == fields["invoiceid"]), None)
        if row is None:
            return refusal("Invoice ID Not Found")
        paid = [t for t in self.transactions if str(t["invoiceid"]) == str(row["id"])]
        left = float(row["total"]) - sum(float(t["amountin"]) - float(t["amountout"]) for t in paid)
        detail = {"invoiceid": row["id"], "balance": f"{left:.2f}", "items": {"item": []}} | row
        del detail["id"]
        return success(**detail, transactions={"transaction": paid} if paid else "")

    def _GetTransactions(self, fields: dict[str, str]) -> httpx.Response:
        rows = [t for t in self.transactions if str(t["userid"]) == fields["clientid"]]
        return success(totalresults=len(rows), transactions={"transaction": rows})

    def _GetClientsProducts(self, fields: dict[str, str]) -> httpx.Response:
        rows = [s for s in self.services if str(s["clientid"]) == fields["clientid"]]
        rows = [s for s in rows if fields.get("serviceid") in (None, str(s["id"]))]
        part, counts = self._page(rows, fields)
        return success(clientid=fields["clientid"], serviceid=None, **counts, products={"product": part})

    def _GetClientsDetails(self, fields: dict[str, str]) -> httpx.Response:
        for row in self.clients:
            if fields.get("clientid") == str(row["id"]) or fields.get("email", "").lower() == row["email"].lower():
                stats = {"stats": row["stats"]} if "stats" in fields else {}
                row = {k: v for k, v in row.items() if k != "stats"}
                return success(**row, client=row, **stats)
        return refusal("Client Not Found")

    def _GetUsers(self, fields: dict[str, str]) -> httpx.Response:
        found = [u for u in self.users if u["email"].lower().startswith(fields["search"].lower())]
        part, counts = self._page(found, fields)
        secret = ("password", "two_factor")
        return success(**counts, users=[{k: v for k, v in user.items() if k not in secret} for user in part])

    def _GetPaymentMethods(self, fields: dict[str, str]) -> httpx.Response:
        rows = [{"module": "stripe", "displayname": "Credit Card"}]
        return success(totalresults=1, paymentmethods={"paymentmethod": rows})

    def _GetProducts(self, fields: dict[str, str]) -> httpx.Response:
        return success(totalresults=len(self.products), products={"product": self.products})

    def _GetPayMethods(self, fields: dict[str, str]) -> httpx.Response:
        if not any(str(row["id"]) == fields["clientid"] for row in self.clients):
            return refusal("Client Not Found")
        rows = [row for row in self.pay_methods if str(row["contact_id"]) == fields["clientid"]]
        return success(clientid=fields["clientid"], paymethods=rows)

    def _ValidateLogin(self, fields: dict[str, str]) -> httpx.Response:
        user = self._user(fields["email"])
        if user is None or user["password"] != fields["password2"]:
            return refusal("Email or Password Invalid")
        if user.get("two_factor"):
            return success(userid=user["id"], twoFactorEnabled="true")
        return success(userid=user["id"], passwordhash="HashCanary" * 4, twoFactorEnabled="false")

    def _AddClient(self, fields: dict[str, str]) -> httpx.Response:
        email = fields["email"]
        if self._user(email):
            return refusal("A user already exists with that email address")
        if any(row["email"].lower() == email.lower() for row in self.clients):
            return refusal("The email address entered is not available for use.")
        client_id = max((row["id"] for row in self.clients), default=0) + 1
        user_id = max((row["id"] for row in self.users), default=900) + 1
        profile = {k: v for k, v in fields.items() if k not in ("customfields", "password2", "identifier", "secret")}
        row = a_wire_client(client_id) | profile | {"customfields": _custom_fields(fields)}
        self.clients.append(row)
        self.users.append(a_wire_user(user_id, email, (client_id, True), password=fields["password2"]))
        return success(clientid=client_id, owner_id=user_id)

    def _UpdateClient(self, fields: dict[str, str]) -> httpx.Response:
        row = next((row for row in self.clients if str(row["id"]) == fields["clientid"]), None)
        if row is None:
            return refusal("Client ID Not Found")
        row.update({k: v for k, v in fields.items() if k in row and k != "customfields"})
        kept = {f["id"]: f for f in (*row.get("customfields", ()), *_custom_fields(fields))}
        row["customfields"] = list(kept.values())
        return success(clientid=fields["clientid"])

    def _user(self, email: str) -> dict[str, Any] | None:
        return next((user for user in self.users if user["email"].lower() == email.lower()), None)

    def _CreateSsoToken(self, fields: dict[str, str]) -> httpx.Response:
        return success(access_token="a1" * 20, redirect_url=self.sso_url)


def a_wire_invoice(invoice_id: int = 101, client_id: int = 7, **changed: Any) -> dict[str, Any]:
    """A row of GetInvoices; `items` and `balance` show only in GetInvoice."""
    row = {
        "id": invoice_id,
        "userid": client_id,
        "firstname": "Hanako",
        "lastname": "Yamada",
        "companyname": "",
        "invoicenum": "",
        "date": "2026-01-02",
        "duedate": "2026-01-31",
        "datepaid": "0000-00-00 00:00:00",
        "subtotal": "1000.00",
        "credit": "0.00",
        "tax": "100.00",
        "tax2": "0.00",
        "total": "1100.00",
        "taxrate": "10.000",
        "taxrate2": "0.000",
        "status": "Unpaid",
        "paymentmethod": "stripe",
        "paymethodid": None,
        "notes": "NotesCanary",
        "currencysuffix": " JPY",
        "unlisted_flags": [],
    }
    return row | changed


def a_wire_transaction(invoice_id: int = 101, client_id: int = 7, **changed: Any) -> dict[str, Any]:
    row = {
        "id": "9",
        "userid": str(client_id),
        "currency": "0",
        "gateway": "stripe",
        "date": "2026-01-05 10:00:00",
        "description": "Invoice Payment",
        "amountin": "300.00",
        "fees": "0.00",
        "amountout": "0.00",
        "transid": "ch_1",
        "invoiceid": str(invoice_id),
        "refundid": "0",
    }
    return row | changed


def a_wire_product(product_id: int = 97, monthly: str = "1500.00", **changed: Any) -> dict[str, Any]:
    """A row of GetProducts: recurring, sold monthly in yen."""
    unsold = {"quarterly": "-1.00", "annually": "-1.00"}
    row = {
        "pid": str(product_id),
        "gid": "20",
        "type": "other",
        "name": "SIM Data+Voice 5GB",
        "paytype": "recurring",
        "pricing": {"JPY": {"prefix": "¥", "suffix": " JPY", "msetupfee": "0.00", "monthly": monthly} | unsold},
    }
    return row | changed


def a_wire_service(service_id: int = 31, client_id: int = 7, **changed: Any) -> dict[str, Any]:
    row = {
        "id": str(service_id),
        "clientid": str(client_id),
        "pid": "182",
        "name": "Internet Gold (Home 1G)",
        "groupname": "Internet",
        "domain": "",
        "regdate": "2025-06-01",
        "nextduedate": "2026-02-01",
        "firstpaymentamount": "5800.00",
        "recurringamount": "5800.00",
        "billingcycle": "Monthly",
        "status": "Active",
        "username": "u1",
        "password": "PasswordCanary",
        "notes": "NotesCanary",
        "customfields": {"customfield": []},
        "configoptions": {"configoption": []},
    }
    return row | changed


def a_wire_pay_method(pay_method_id: int = 501, client_id: int = 7, **changed: Any) -> dict[str, Any]:
    """A card of GetPayMethods, with the token that could charge it."""
    row = {
        "id": pay_method_id,
        "type": "RemoteCreditCard",
        "description": "Visa 4111111111111111",
        "gateway_name": "stripe",
        "contact_type": "Client",
        "contact_id": client_id,
        "card_last_four": "1111",
        "expiry_date": "02/27",
        "start_date": "",
        "issue_number": "",
        "card_type": "Visa",
        "remote_token": '{"customer":"cus_TokenCanary"}',
        "last_updated": "17/05/2019 10:01",
    }
    return row | changed


def a_wire_client(client_id: int = 7, **changed: Any) -> dict[str, Any]:
    row = {
        "id": client_id,
        "userid": client_id,
        "client_id": client_id,
        "owner_user_id": client_id + 500,
        "firstname": "Hanako",
        "lastname": "Yamada",
        "companyname": "",
        "email": "hanako@example.com",
        "status": "Active",
        "address1": "1-2-3 Jingumae",
        "address2": "",
        "city": "Shibuya-ku",
        "state": "Tokyo",
        "postcode": "150-0001",
        "country": "JP",
        "notes": "NotesCanary",
        "customfields": [],
        "stats": {
            "numdueinvoices": 1,
            "dueinvoicesbalance": "¥1,100.00 JPY",
            "numoverdueinvoices": 0,
            "overdueinvoicesbalance": "¥0.00 JPY",
            "numunpaidinvoices": 1,
            "numpaidinvoices": "4",
        },
    }
    return row | changed


def a_wire_user(user_id: int, email: str, *clients: tuple[int, bool], **changed: Any) -> dict[str, Any]:
    """A login and the (client id, owns it) pairs of its clients. `password` and `two_factor` are never told."""
    links = [{"id": client_id, "isOwner": owner} for client_id, owner in clients]
    return {"id": user_id, "email": email, "clients": links, "password": "right-password"} | changed


def _custom_fields(fields: dict[str, str]) -> list[dict[str, Any]]:
    """As WHMCS decodes them: by bytes."""
    sent = decode_field(fields["customfields"]) if "customfields" in fields else {}
    return [{"id": int(key), "value": str(value)} for key, value in sent.items()]


def a_json(text: str) -> httpx.Response:
    """A body that is not what json.dumps would make."""
    return httpx.Response(200, content=text.encode(), headers={"Content-Type": "application/json"})


def as_json(reply: dict[str, Any]) -> str:
    return json.dumps({"result": "success", **reply})
