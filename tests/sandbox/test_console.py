"""The operator's API: customers, invoices, services, reset, and that its pages need nothing from outside."""

from __future__ import annotations

import re

import aiohttp
import pytest

from sandbox.app import Running
from tests.sandbox.visitors import Console, Receiver, Whmcs


async def test_customers_are_found_by_name_mail_and_number(console: Console) -> None:
    for text in ("hanako", "demo@", "C-100001", "1001", "yamada"):
        assert 1001 in [row["id"] for row in await console("GET", f"clients?search={text}")]
    assert await console("GET", "clients?search=%25nobody") == []


async def test_one_customer_shows_all_there_is(console: Console) -> None:
    one = await console("GET", "clients/1001")
    assert set(one) == {"profile", "users", "invoices", "services", "paymethods", "stats"}
    assert len(one["invoices"]) == 60 and len(one["services"]) == 4
    assert sum(row["overdue"] for row in one["invoices"]) == 1
    await console("GET", "clients/5")
    assert console.status == 404


async def test_a_refused_card_changes_no_invoice_and_announces_the_mail_about_it(
    console: Console, receiver: Receiver
) -> None:
    made = await console("POST", "clients/1001/invoices", {"items": [{"description": "x", "amount": 100}]})
    path = f"invoices/{made['invoiceid']}"
    assert (await console("POST", f"{path}/fail"))["status"] == "Unpaid"
    assert await receiver.events(2) == ["EmailPreSend", "InvoiceCreated"]
    await console("POST", f"{path}/cancel")
    await console("POST", f"{path}/fail")
    assert console.status == 409


async def test_pay_unpay_and_cancel_move_an_invoice(console: Console, receiver: Receiver) -> None:
    made = await console(
        "POST", "clients/1001/invoices", {"items": [{"description": "x", "amount": "1000", "taxed": True}]}
    )
    path = f"invoices/{made['invoiceid']}"
    assert (await console("POST", f"{path}/pay", {"amount": "500.00"}))["balance"] == "600.00"
    assert (await console("POST", f"{path}/pay"))["status"] == "Paid"
    assert (await console("POST", f"{path}/unpay"))["balance"] == "1100.00"
    assert (await console("POST", f"{path}/cancel"))["status"] == "Cancelled"
    events = await receiver.events(6)
    assert events == sorted(
        ["InvoiceCreated", "AddInvoicePayment", "AddInvoicePayment", "InvoicePaid", "InvoiceUnpaid", "InvoiceCancelled"]
    )


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("invoices/101/pay", None, 409),
        ("invoices/101/cancel", None, 409),
        ("invoices/999999/pay", None, 404),
        ("invoices/159/pay", {"amount": "-1"}, 400),
        ("invoices/159/pay", {"amount": "much"}, 400),
        ("clients/5/invoices", {}, 404),
        ("clients/1001/invoices", {"items": ["x"]}, 400),
        ("services/1/suspend", None, 404),
        ("hooks", {"params": {}}, 400),
        ("profile", {"ids": "odd"}, 400),
        ("profile", {"odd": 1}, 400),
        ("latency", {"whmcs": -1}, 400),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_reason(
    console: Console, path: str, body: object, status: int
) -> None:
    assert (await console("POST", path, body))["error"]
    assert console.status == status


async def test_services_are_suspended_unsuspended_and_terminated(console: Console, whmcs: Whmcs) -> None:
    for what, status in (("suspend", "Suspended"), ("unsuspend", "Active"), ("terminate", "Terminated")):
        assert (await console("POST", f"services/40001/{what}"))["status"] == status
        row = (await whmcs("GetClientsProducts", serviceid=40001))["products"]["product"][0]
        assert row["status"] == status


async def test_reset_brings_the_first_day_back(console: Console, whmcs: Whmcs) -> None:
    await console("POST", "invoices/101/refund")
    await console("POST", "faults", {"kind": "down"})
    await console("POST", "profile", {"ids": "strings"})
    assert (await console("POST", "reset"))["clients"] == 12 + 5
    assert await console("GET", "faults") == []
    assert (await whmcs("GetInvoice", invoiceid=101))["status"] == "Paid"


@pytest.mark.parametrize("path", ["/", "/console/", "/mail/"])
async def test_pages_load_nothing_from_elsewhere(sandbox: Running, session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(sandbox.url + path) as answer:
        text = await answer.text()
    assert answer.status == 200
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert address.startswith(("/", "data:,", "#"))
        if address.startswith("/static/"):
            async with session.get(sandbox.url + address) as asset:
                assert asset.status == 200


async def test_a_page_of_another_origin_cannot_drive_the_console(
    sandbox: Running, session: aiohttp.ClientSession
) -> None:
    url = f"{sandbox.url}/console/api/reset"
    async with session.post(url, headers={"Origin": "http://evil.example"}) as answer:
        assert answer.status == 403
    async with session.post(url, headers={"Origin": sandbox.url}) as answer:
        assert answer.status == 200


async def test_hostile_customers_stay_data_in_the_console(console: Console, session: aiohttp.ClientSession) -> None:
    one = await console("GET", "clients/1006")
    assert "<script>" in one["profile"]["companyname"]
    async with session.get(f"{console.sandbox.url}/console/") as answer:
        assert "alert(1)" not in await answer.text()
