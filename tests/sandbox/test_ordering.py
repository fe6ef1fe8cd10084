"""From a cart to a running service: what each action does, refuses and announces."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.whmcs import php
from tests.sandbox.visitors import Console, Receiver, Whmcs

INTERNET, SIM, ACTIVATION = 182, 98, 101
AMBIGUOUS = "Order ID not found or Status not Pending"


def cart(*pids: int, **more: Any) -> dict[str, Any]:
    """A cart of monthly products (one-time where they are), by index."""
    fields: dict[str, Any] = {"clientid": 1005, "paymentmethod": "stripe"}
    for index, pid in enumerate(pids):
        fields |= {f"pid[{index}]": pid, f"billingcycle[{index}]": "onetime" if pid == ACTIVATION else "monthly"}
    return fields | more


async def services(whmcs: Whmcs, client: int = 1005) -> list[dict[str, Any]]:
    return (await whmcs("GetClientsProducts", clientid=client))["products"]["product"]


async def order(whmcs: Whmcs, order_id: int) -> dict[str, Any]:
    return (await whmcs("GetOrders", id=order_id))["orders"]["order"][0]


# AddOrder


async def test_an_order_is_pending_with_pending_services_and_an_unpaid_invoice(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(INTERNET, ACTIVATION))
    made = await order(whmcs, placed["orderid"])
    assert (made["status"], made["paymentstatus"], made["invoiceid"]) == ("Pending", "Unpaid", placed["invoiceid"])
    rows = await services(whmcs)
    assert placed["serviceids"] == ",".join(row["id"] for row in rows)
    assert [(row["status"], row["billingcycle"]) for row in rows] == [("Pending", "Monthly"), ("Pending", "One Time")]
    invoice = await whmcs("GetInvoice", invoiceid=placed["invoiceid"])
    assert (invoice["status"], invoice["subtotal"], invoice["balance"]) == ("Unpaid", "7300.00", "8030.00")
    assert [(line["type"], str(line["relid"])) for line in invoice["items"]["item"]] == [
        ("Hosting", row["id"]) for row in rows
    ]
    assert (placed["addonids"], placed["domainids"]) == ("", "")


async def test_the_same_order_twice_is_two_orders(whmcs: Whmcs) -> None:
    first, second = [await whmcs("AddOrder", **cart(SIM)) for _ in range(2)]
    assert first["orderid"] != second["orderid"] and len(await services(whmcs)) == 2


async def test_custom_fields_are_kept_by_index_and_by_the_bytes_they_were_counted_in(whmcs: Whmcs) -> None:
    sent = {"customfields[0]": "", "customfields[1]": php.encode_field({1101: "注文-7", 1103: "09011112222", 99: "x"})}
    await whmcs("AddOrder", **cart(INTERNET, SIM, **sent))
    plain, sim = [{f["id"]: f["value"] for f in row["customfields"]["customfield"]} for row in await services(whmcs)]
    assert (plain[1101], sim[1101], sim[1103]) == ("", "注文-7", "09011112222")


@pytest.mark.parametrize("bad", ["bm90IHBocA==", "{}", "YToxOntpOjExMDE7czo0OiLmnbHkuqwiO30=", "YToxOntpOjExMDE7"])
async def test_fields_that_php_would_refuse_are_lost_without_a_word(whmcs: Whmcs, bad: str) -> None:
    placed = await whmcs("AddOrder", **cart(SIM, **{"customfields[0]": bad}))
    assert placed["result"] == "success"
    [row] = await services(whmcs)
    assert {f["value"] for f in row["customfields"]["customfield"]} == {""}


async def test_a_quantity_makes_as_many_services(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(SIM, INTERNET, **{"qty[0]": 3}))
    assert len(placed["serviceids"].split(",")) == 4


async def test_an_unknown_product_is_left_out_without_a_word(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(SIM, 99999))
    assert len(placed["serviceids"].split(",")) == 1


async def test_a_price_of_ones_own_counts_for_both_payments(whmcs: Whmcs) -> None:
    await whmcs("AddOrder", **cart(SIM, **{"priceoverride[0]": "1234.00"}))
    [row] = await services(whmcs)
    assert (row["firstpaymentamount"], row["recurringamount"]) == ("1234.00", "1234.00")


async def test_a_cycle_that_is_not_sold_becomes_one_that_is(whmcs: Whmcs) -> None:
    await whmcs("AddOrder", **cart(SIM, **{"billingcycle[0]": "annually"}))
    assert (await services(whmcs))[0]["billingcycle"] == "Monthly"


@pytest.mark.parametrize(
    ("empty", "spelled"), [("natural", 0), ("string", ""), ("list", None), ("object", None), ("missing", "absent")]
)
async def test_without_an_invoice_its_id_has_many_spellings(
    whmcs: Whmcs, console: Console, empty: str, spelled: object
) -> None:
    await console("POST", "profile", {"empty": empty})
    placed = await whmcs("AddOrder", **cart(SIM, noinvoice=1))
    assert placed.get("invoiceid", "absent") == spelled


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clientid": 5}, "Client ID Not Found"),
        ({"clientid": 1008}, "Unable to add order when client status is Closed"),
        ({"paymentmethod": "gold"}, "Invalid Payment Method. Valid options include stripe, banktransfer, mailin"),
        ({"pid[0]": 99999}, "No items added to cart so order cannot proceed"),
        ({"addonid": 1, "serviceid": 40001}, "Addon ID invalid"),
    ],
)
async def test_add_order_refuses_in_the_documented_words(whmcs: Whmcs, change: dict, message: str) -> None:
    assert (await whmcs("AddOrder", **(cart(SIM) | change)))["message"] == message
    assert (await whmcs("GetOrders", userid=1005))["totalresults"] == 0


async def test_a_single_value_where_an_array_belongs_is_refused(whmcs: Whmcs) -> None:
    reply = await whmcs("AddOrder", clientid=1005, paymentmethod="stripe", pid=SIM, billingcycle="monthly")
    assert reply["message"] == "Expecting parameter 'pid' to be an array"


async def test_a_lost_answer_leaves_an_order_that_can_be_found_by_its_reference(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "faults", {"system": "whmcs", "action": "AddOrder", "kind": "effect_no_reply", "times": 1})
    reference = {"customfields[0]": php.encode_field({1101: "portal-42"})}
    with pytest.raises(aiohttp.ClientError):
        await whmcs("AddOrder", **cart(SIM, **reference))
    [row] = await services(whmcs)
    assert "portal-42" in {f["value"] for f in row["customfields"]["customfield"]}
    assert (await whmcs("GetOrders", userid=1005))["orders"]["order"][0]["id"] == int(row["orderid"])
    asked = [call for call in await console("GET", "calls") if call["action"] == "AddOrder"]
    assert len(asked) == 1


async def test_mail_goes_out_unless_it_is_switched_off(whmcs: Whmcs) -> None:
    await whmcs("AddOrder", **cart(SIM, noemail=1, noinvoiceemail=1))
    assert (await whmcs("GetEmails", clientid=1005))["totalresults"] == 0
    await whmcs("AddOrder", **cart(SIM))
    subjects = [mail["subject"] for mail in (await whmcs("GetEmails", clientid=1005))["emails"]["email"]]
    assert subjects == ["Order Confirmation", "Customer Invoice"]


# AcceptOrder and the others


async def test_accepting_without_a_module_makes_the_services_active_once(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(INTERNET))
    assert await whmcs("AcceptOrder", orderid=placed["orderid"], serviceusername="line-1") == {"result": "success"}
    [row] = await services(whmcs)
    assert (row["status"], row["username"]) == ("Active", "line-1")
    assert (await order(whmcs, placed["orderid"]))["status"] == "Active"
    assert (await whmcs("AcceptOrder", orderid=placed["orderid"]))["message"] == AMBIGUOUS
    assert (await whmcs("AcceptOrder", orderid=1))["message"] == AMBIGUOUS


async def test_accepting_is_announced_before_anything_has_changed(whmcs: Whmcs, receiver: Receiver) -> None:
    placed = await whmcs("AddOrder", **cart(INTERNET))
    await receiver.events(1)
    seen: list[str] = []

    async def look(request: web.Request) -> None:
        seen.append((await order(Whmcs(whmcs.session, whmcs.sandbox), placed["orderid"]))["status"])

    receiver.on_event["AcceptOrder"] = look
    await whmcs("AcceptOrder", orderid=placed["orderid"], autosetup=1)
    assert await receiver.events(3) == ["AcceptOrder", "AfterModuleCreate", "InvoiceCreated"]
    assert seen == ["Pending"]


async def test_a_module_that_fails_keeps_what_came_before_it(
    whmcs: Whmcs, console: Console, receiver: Receiver
) -> None:
    placed = await whmcs("AddOrder", **cart(ACTIVATION, SIM))
    await console("POST", "profile", {"module_failure": "Line 090-0000-0000 rejected by carrier"})
    refused = await whmcs("AcceptOrder", orderid=placed["orderid"], autosetup=1)
    assert (whmcs.status, refused["message"]) == (200, "Line 090-0000-0000 rejected by carrier")
    assert [row["status"] for row in await services(whmcs)] == ["Active", "Pending"]
    assert (await order(whmcs, placed["orderid"]))["status"] == "Pending"
    assert "AfterModuleCreateFailed" in await receiver.events(3)
    await console("POST", "profile", {"module_failure": ""})
    assert (await whmcs("AcceptOrder", orderid=placed["orderid"], autosetup=1))["result"] == "success"


async def test_only_a_pending_order_is_cancelled_and_its_invoice_goes_along(whmcs: Whmcs, receiver: Receiver) -> None:
    placed = await whmcs("AddOrder", **cart(SIM))
    assert (await whmcs("CancelOrder", orderid=placed["orderid"]))["result"] == "success"
    assert (await order(whmcs, placed["orderid"]))["status"] == "Cancelled"
    assert (await whmcs("GetInvoice", invoiceid=placed["invoiceid"]))["status"] == "Cancelled"
    assert (await services(whmcs))[0]["status"] == "Cancelled"
    assert (await whmcs("CancelOrder", orderid=placed["orderid"]))["message"] == AMBIGUOUS
    assert await receiver.events(3) == ["CancelOrder", "InvoiceCancelled", "InvoiceCreated"]


async def test_an_accepted_order_is_cancelled_by_way_of_pending(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(SIM))
    await whmcs("AcceptOrder", orderid=placed["orderid"])
    assert (await whmcs("CancelOrder", orderid=placed["orderid"]))["message"] == AMBIGUOUS
    await whmcs("PendingOrder", orderid=placed["orderid"])
    assert (await whmcs("CancelOrder", orderid=placed["orderid"]))["result"] == "success"


async def test_only_a_cancelled_or_fraudulent_order_is_deleted(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(SIM))
    refused = await whmcs("DeleteOrder", orderid=placed["orderid"])
    assert refused["message"] == "The order status must be in Cancelled or Fraud to be deleted"
    await whmcs("FraudOrder", orderid=placed["orderid"])
    await whmcs("DeleteOrder", orderid=placed["orderid"])
    assert (await whmcs("GetOrders", id=placed["orderid"]))["totalresults"] == 0
    assert await services(whmcs) == []
    assert (await whmcs("GetInvoice", invoiceid=placed["invoiceid"]))["result"] == "error"


async def test_unknown_orders_are_refused_in_three_spellings(whmcs: Whmcs) -> None:
    said = {name: (await whmcs(name, orderid=1))["message"] for name in ("PendingOrder", "FraudOrder", "DeleteOrder")}
    assert said == {
        "PendingOrder": "Order ID Not Found",
        "FraudOrder": "Order ID Not Found",
        "DeleteOrder": "Order ID not found",
    }


async def test_order_statuses_are_counted(whmcs: Whmcs) -> None:
    before = {one["title"]: one["count"] for one in (await whmcs("GetOrderStatuses"))["statuses"]["status"]}
    await whmcs("AddOrder", **cart(SIM))
    after = {one["title"]: one["count"] for one in (await whmcs("GetOrderStatuses"))["statuses"]["status"]}
    assert after["Pending"] == before["Pending"] + 1 and after["Active"] == before["Active"]


# Paying it


async def test_paying_a_new_orders_invoice_is_announced_three_times_and_sets_nothing_up(
    whmcs: Whmcs, receiver: Receiver
) -> None:
    placed = await whmcs("AddOrder", **cart(SIM))
    await whmcs("AddInvoicePayment", invoiceid=placed["invoiceid"], transid="t", gateway="stripe")
    assert await receiver.events(4) == ["AddInvoicePayment", "InvoiceCreated", "InvoicePaid", "OrderPaid"]
    paid = next(body["params"] for body in receiver.bodies() if body["event"] == "OrderPaid")
    assert paid == {"orderId": placed["orderid"], "userId": 1005, "invoiceId": placed["invoiceid"]}
    [row] = await services(whmcs)
    assert (row["status"], row["nextduedate"]) == ("Pending", "2026-05-15")


async def test_an_install_may_set_up_on_payment(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"setup_on_payment": True})
    placed = await whmcs("AddOrder", **cart(SIM, ACTIVATION))
    await whmcs("AddInvoicePayment", invoiceid=placed["invoiceid"], transid="t", gateway="stripe")
    rows = await services(whmcs)
    assert [(row["status"], row["nextduedate"]) for row in rows] == [
        ("Active", "2026-05-15"),
        ("Pending", "0000-00-00"),
    ]


# GenInvoices


async def test_services_ordered_without_an_invoice_are_billed_for_exactly_these_once(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(SIM, ACTIVATION, noinvoice=1))
    ids = placed["serviceids"].split(",")
    wanted = {f"serviceids[{index}]": service_id for index, service_id in enumerate(ids)}
    assert (await whmcs("GenInvoices", **wanted))["numcreated"] == 0, "pending services are not billed"
    await whmcs("AcceptOrder", orderid=placed["orderid"])
    run = await whmcs("GenInvoices", noemails=1, **wanted)
    invoice = await whmcs("GetInvoice", invoiceid=run["latestinvoiceid"])
    assert (run["numcreated"], invoice["userid"], invoice["subtotal"]) == (1, 1005, "3500.00")
    assert [str(line["relid"]) for line in invoice["items"]["item"]] == ids
    assert (await whmcs("GenInvoices", **wanted))["numcreated"] == 0
    assert (await whmcs("GetEmails", clientid=1005, subject="invoice"))["totalresults"] == 0


async def test_an_invoiced_order_is_not_billed_again_when_it_is_accepted(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(SIM))
    await whmcs("AcceptOrder", orderid=placed["orderid"])
    assert (await whmcs("GenInvoices", clientid=1005))["numcreated"] == 0
    await whmcs("AddInvoicePayment", invoiceid=placed["invoiceid"], transid="t", gateway="stripe")
    assert (await whmcs("GenInvoices", clientid=1005))["numcreated"] == 0


async def test_the_next_month_is_billed_when_it_comes_near(whmcs: Whmcs) -> None:
    placed = await whmcs("AddOrder", **cart(SIM))
    await whmcs("AcceptOrder", orderid=placed["orderid"])
    await whmcs("AddInvoicePayment", invoiceid=placed["invoiceid"], transid="t", gateway="stripe")
    await whmcs("UpdateClientProduct", serviceid=placed["serviceids"], nextduedate="2026-04-20")
    run = await whmcs("GenInvoices", clientid=1005)
    assert (await whmcs("GetInvoice", invoiceid=run["latestinvoiceid"]))["duedate"] == "2026-04-20"
    await whmcs("AddInvoicePayment", invoiceid=run["latestinvoiceid"], transid="u", gateway="stripe")
    assert (await services(whmcs))[0]["nextduedate"] == "2026-05-20"


# As installations differ


async def test_every_product_may_have_field_ids_of_its_own(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"fields_per_product": True})
    sent = {
        "customfields[0]": php.encode_field({1820: "a"}),
        "customfields[1]": php.encode_field({1820: "b", 982: "090"}),
    }
    await whmcs("AddOrder", **cart(INTERNET, SIM, **sent))
    plain, sim = [{f["id"]: f["value"] for f in row["customfields"]["customfield"]} for row in await services(whmcs)]
    assert plain == {1820: "a", 1821: ""}
    assert sim == {980: "", 981: "", 982: "090", 983: ""}
    form = (await whmcs("GetProducts", pid=SIM))["products"]["product"][0]["customfields"]["customfield"]
    assert [(field["id"], field["name"]) for field in form] == [(982, "Phone Number")]


async def test_a_field_an_install_does_not_have_is_neither_shown_nor_kept(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"missing_fields": ["Portal Reference"]})
    await whmcs("AddOrder", **cart(INTERNET, **{"customfields[0]": php.encode_field({1101: "a", 1102: "b"})}))
    await console("POST", "profile", {"missing_fields": []})
    [row] = await services(whmcs)
    assert {f["id"]: f["value"] for f in row["customfields"]["customfield"]} == {1101: "", 1102: "b"}


async def test_whether_accepting_sets_up_is_the_products_setting_unless_it_is_said(
    whmcs: Whmcs, console: Console, receiver: Receiver
) -> None:
    await console("POST", "profile", {"setup_on_accept": True})
    placed = await whmcs("AddOrder", **cart(SIM, noinvoice=1))
    await whmcs("AcceptOrder", orderid=placed["orderid"])
    assert await receiver.events(2) == ["AcceptOrder", "AfterModuleCreate"]
    await console("POST", "profile", {"module_failure": "no carrier"})
    placed = await whmcs("AddOrder", **cart(SIM, noinvoice=1))
    assert (await whmcs("AcceptOrder", orderid=placed["orderid"]))["message"] == "no carrier"
    assert (await whmcs("AcceptOrder", orderid=placed["orderid"], autosetup=0))["result"] == "success"
