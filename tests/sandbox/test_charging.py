"""Cards and credit: charged, declined, applied within bounds."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.sandbox.visitors import Console, Receiver, Whmcs


async def an_invoice(console: Console, amount: str = "1000.00", client: int = 1001) -> int:
    items = [{"description": "Data top-up", "amount": amount, "taxed": True}]
    return (await console("POST", f"clients/{client}/invoices", {"items": items}))["invoiceid"]


async def credit_of(whmcs: Whmcs, client: int = 1001) -> str:
    return (await whmcs("GetClientsDetails", clientid=client))["credit"]


async def test_a_stored_card_pays_the_balance(whmcs: Whmcs, console: Console, receiver: Receiver) -> None:
    invoice = await an_invoice(console)
    assert await whmcs("CapturePayment", invoiceid=invoice) == {"result": "success"}
    after = await whmcs("GetInvoice", invoiceid=invoice)
    assert (after["status"], after["balance"], after["transactions"]["transaction"][0]["amountin"]) == (
        "Paid",
        "0.00",
        "1100.00",
    )
    assert await receiver.events(3) == ["AddInvoicePayment", "InvoiceCreated", "InvoicePaid"]


async def test_a_decline_has_no_reason_and_leaves_an_attempt_behind(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console)
    await console("POST", "profile", {"capture": "declined"})
    refused = await whmcs("CapturePayment", invoiceid=invoice)
    assert (whmcs.status, refused) == (200, {"result": "error", "message": "Payment Attempt Failed"})
    after = await whmcs("GetInvoice", invoiceid=invoice)
    assert (after["status"], after["transactions"]) == ("Unpaid", "")
    assert after["lastcaptureattempt"].startswith("2026-04-15")


async def test_without_a_card_there_is_nothing_to_charge(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console, client=1005)
    assert (await whmcs("CapturePayment", invoiceid=invoice))["message"] == "Payment Attempt Failed"


async def test_an_unknown_invoice_and_a_paid_one_are_one_refusal(whmcs: Whmcs, console: Console) -> None:
    for invoice in (999999, 101):
        assert (await whmcs("CapturePayment", invoiceid=invoice))["message"] == "Invoice Not Found or Not Unpaid"


async def test_a_charge_whose_answer_is_lost_was_made(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console)
    fault = {"system": "whmcs", "action": "CapturePayment", "kind": "effect_no_reply", "times": 1}
    await console("POST", "faults", fault)
    with pytest.raises(aiohttp.ClientError):
        await whmcs("CapturePayment", invoiceid=invoice)
    assert (await whmcs("GetInvoice", invoiceid=invoice))["balance"] == "0.00"


@pytest.mark.parametrize(
    ("applied", "message"),
    [
        ({"amount": "0"}, "Credit Amount to apply must be greater than zero"),
        ({"amount": "-5"}, "Credit Amount to apply must be greater than zero"),
        ({"amount": "words"}, "Credit Amount to apply must be greater than zero"),
        ({"amount": "500.01"}, "Amount exceeds customer credit balance"),
        ({"amount": "230.00"}, "Amount Exceeds Invoice Balance"),
        ({"amount": "10.00", "invoiceid": 101}, "Invoice Not in Unpaid Status"),
        ({"amount": "10.00", "invoiceid": 999999}, "Invoice ID Not Found"),
    ],
)
async def test_credit_is_applied_within_bounds(
    whmcs: Whmcs, console: Console, applied: dict[str, Any], message: str
) -> None:
    invoice = await an_invoice(console, "200.00")
    assert (await whmcs("ApplyCredit", **({"invoiceid": invoice} | applied)))["message"] == message
    assert await credit_of(whmcs) == "500.00"


async def test_whether_credit_settled_an_invoice_is_said_in_a_word(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console, "200.00")
    part = await whmcs("ApplyCredit", invoiceid=invoice, amount="20")
    assert part == {"result": "success", "invoiceid": str(invoice), "amount": "20.00", "invoicepaid": "false"}
    rest = await whmcs("ApplyCredit", invoiceid=invoice, amount="full")
    assert (rest["amount"], rest["invoicepaid"]) == ("200.00", "true")
    after = await whmcs("GetInvoice", invoiceid=invoice)
    assert (after["status"], after["credit"], after["transactions"]) == ("Paid", "220.00", "")
    assert await credit_of(whmcs) == "280.00"
    moved = (await whmcs("GetCredits", clientid=1001))["credits"]["credit"][-2:]
    assert [row["amount"] for row in moved] == ["-20.00", "-200.00"]


async def test_credit_is_added_and_taken_away(whmcs: Whmcs) -> None:
    added = await whmcs("AddCredit", clientid=1001, description="Sorry", amount="100")
    assert added["newbalance"] == "600.00"
    taken = await whmcs("AddCredit", clientid=1001, description="Oops", amount="100.00", type="remove")
    assert taken["newbalance"] == "500.00"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clientid": 5}, "Client ID Not Found"),
        ({"amount": ""}, "No Amount Provided"),
        ({"amount": "-5"}, "Amount must be in decimal format: ### or ###.##"),
        ({"type": "steal"}, "Type can only be add or remove"),
    ],
)
async def test_add_credit_refuses_in_the_documented_words(whmcs: Whmcs, change: dict[str, Any], message: str) -> None:
    asked = {"clientid": 1001, "description": "x", "amount": "1.00"} | change
    assert (await whmcs("AddCredit", **asked))["message"] == message
