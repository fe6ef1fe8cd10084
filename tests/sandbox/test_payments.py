"""Money on invoices: partial, full, too much, twice, refused; and what is announced."""

from __future__ import annotations

from sandbox.whmcs import php
from tests.sandbox.visitors import Console, Receiver, Whmcs


async def an_invoice(console: Console, amount: str = "1000.00") -> int:
    body = {"items": [{"description": "Test", "amount": amount, "taxed": True}], "due_in_days": 14}
    return (await console("POST", "clients/1001/invoices", body))["invoiceid"]


async def pay(whmcs: Whmcs, invoice: int, **more: str) -> dict:
    return await whmcs("AddInvoicePayment", invoiceid=invoice, gateway="stripe", **({"transid": "t-1"} | more))


async def test_without_an_amount_the_balance_is_paid(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console)
    assert await pay(whmcs, invoice) == {"result": "success"}
    after = await whmcs("GetInvoice", invoiceid=invoice)
    assert (after["status"], after["balance"], after["invoicenum"][:4]) == ("Paid", "0.00", "INV-")


async def test_part_of_the_amount_leaves_the_invoice_unpaid(whmcs: Whmcs, console: Console, receiver: Receiver) -> None:
    invoice = await an_invoice(console)
    await pay(whmcs, invoice, amount="300.00")
    after = await whmcs("GetInvoice", invoiceid=invoice)
    assert (after["status"], after["balance"]) == ("Unpaid", "800.00")
    assert await receiver.events(2) == ["AddInvoicePayment", "InvoiceCreated"]


async def test_too_much_becomes_credit(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console)
    await pay(whmcs, invoice, amount="1500.00")
    client = await whmcs("GetClientsDetails", clientid=1001)
    assert client["credit"] == "900.00"
    credits = (await whmcs("GetCredits", clientid=1001))["credits"]["credit"]
    assert credits[-1]["amount"] == "400.00" and credits[-1]["relid"] == invoice


async def test_the_same_transaction_id_is_recorded_twice(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console)
    await pay(whmcs, invoice, amount="100.00")
    await pay(whmcs, invoice, amount="100.00")
    assert (await whmcs("GetTransactions", transid="t-1"))["totalresults"] == 2


async def test_a_cancelled_invoice_takes_no_money(whmcs: Whmcs, console: Console) -> None:
    invoice = await an_invoice(console)
    await console("POST", f"invoices/{invoice}/cancel")
    reply = await pay(whmcs, invoice)
    assert reply["message"] == "It is not possible to add a payment to an invoice that is Cancelled"


async def test_full_payment_announces_both_hooks(whmcs: Whmcs, console: Console, receiver: Receiver) -> None:
    invoice = await an_invoice(console)
    await pay(whmcs, invoice)
    assert await receiver.events(3) == ["AddInvoicePayment", "InvoiceCreated", "InvoicePaid"]
    assert {body["params"]["invoiceid"] for body in receiver.bodies()} == {invoice}


async def test_paying_the_overdue_invoice_lifts_the_suspension(
    whmcs: Whmcs, console: Console, receiver: Receiver
) -> None:
    overdue = (await whmcs("GetInvoices", userid=1001, status="Overdue"))["invoices"]["invoice"][0]
    await console("POST", f"invoices/{overdue['id']}/pay")
    assert "AfterModuleUnsuspend" in await receiver.events(3)
    services = (await whmcs("GetClientsProducts", clientid=1001))["products"]["product"]
    assert {service["status"] for service in services} == {"Active"}


async def test_create_invoice_numbers_its_items_and_counts_the_tax(whmcs: Whmcs) -> None:
    items = {"itemdescription1": "Router", "itemamount1": "5000.00", "itemtaxed1": 1}
    items |= {"itemdescription2": "Deposit", "itemamount2": "1000.00", "itemtaxed2": 0}
    reply = await whmcs("CreateInvoice", userid=1001, **items)
    assert reply["status"] == "Unpaid" and isinstance(reply["invoiceid"], int)
    made = await whmcs("GetInvoice", invoiceid=reply["invoiceid"])
    assert (made["subtotal"], made["tax"], made["total"]) == ("6000.00", "500.00", "6500.00")


async def test_credit_that_covers_an_invoice_settles_it_without_a_transaction(whmcs: Whmcs, receiver: Receiver) -> None:
    item = {"itemdescription1": "Small", "itemamount1": "400.00", "itemtaxed1": 1, "autoapplycredit": 1}
    made = await whmcs("GetInvoice", invoiceid=(await whmcs("CreateInvoice", userid=1001, **item))["invoiceid"])
    assert (made["status"], made["credit"], made["total"], made["transactions"]) == ("Paid", "440.00", "0.00", "")
    assert (await whmcs("GetClientsDetails", clientid=1001))["credit"] == "60.00"
    assert await receiver.events(2) == ["InvoiceCreated", "InvoicePaid"]


async def test_a_draft_cannot_be_created_and_sent_at_once(whmcs: Whmcs) -> None:
    reply = await whmcs("CreateInvoice", userid=1001, draft=1, sendinvoice=1)
    assert reply["message"].startswith("Cannot create and send a draft invoice in a single API request.")


async def test_publishing_a_draft_announces_it_once(whmcs: Whmcs, receiver: Receiver) -> None:
    draft = (await whmcs("CreateInvoice", userid=1001, draft=1))["invoiceid"]
    await whmcs("UpdateInvoice", invoiceid=draft, publish=1)
    again = await whmcs("UpdateInvoice", invoiceid=draft, publish=1)
    assert again["message"] == "Invoice must be in Draft status to be published"
    assert await receiver.events(1) == ["InvoiceCreated"]


async def test_update_invoice_refuses_an_unknown_status_and_a_half_described_line(whmcs: Whmcs) -> None:
    assert (await whmcs("UpdateInvoice", invoiceid=101, status="Gone"))["message"] == "Invalid status Gone"
    half = await whmcs("UpdateInvoice", invoiceid=101, **{"itemdescription[1]": "x"})
    assert half["message"].startswith("Missing Variables: itemdescription, itemamount and itemtaxed")


async def test_lines_of_an_issued_invoice_are_fixed_when_the_install_says_so(whmcs: Whmcs, console: Console) -> None:
    line = {"newitemdescription[0]": "More", "newitemamount[0]": "10.00", "newitemtaxed[0]": "0"}
    assert (await whmcs("UpdateInvoice", invoiceid=101, **line))["result"] == "success"
    await console("POST", "profile", {"immutable_invoices": True})
    assert (await whmcs("UpdateInvoice", invoiceid=101, **line))["result"] == "error"


async def test_a_refund_shows_as_money_going_out(whmcs: Whmcs, console: Console, receiver: Receiver) -> None:
    await console("POST", "invoices/101/refund")
    rows = (await whmcs("GetTransactions", invoiceid=101))["transactions"]["transaction"]
    assert (rows[1]["amountout"], rows[1]["refundid"]) == ("31075.00", rows[0]["id"])
    assert await receiver.events(1) == ["InvoiceRefunded"]


async def test_custom_fields_are_written_by_id_and_bad_ones_ignored(whmcs: Whmcs) -> None:
    sent = php.encode_field({202: "portal-7", 9999: "nobody"})
    assert (await whmcs("UpdateClient", clientid="1001", customfields=sent))["clientid"] == "1001"
    await whmcs("UpdateClient", clientid="1001", customfields="bm90IHNlcmlhbGl6ZWQ=")
    fields = {row["id"]: row["value"] for row in (await whmcs("GetClientsDetails", clientid=1001))["customfields"]}
    assert fields[202] == "portal-7" and fields[198] == "C-100001"
