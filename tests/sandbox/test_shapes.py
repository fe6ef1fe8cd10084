"""The same thing spelled differently from action to action, and under the profiles."""

from __future__ import annotations

import pytest

from tests.sandbox.visitors import Console, Whmcs


async def test_get_invoices_has_number_ids_currency_and_no_balance(whmcs: Whmcs) -> None:
    row = (await whmcs("GetInvoices", userid=1001, limitnum=1))["invoices"]["invoice"][0]
    assert row["id"] == 101 and row["userid"] == 1001
    assert (row["currencycode"], row["currencysuffix"]) == ("JPY", " JPY")
    assert "balance" not in row and "last_capture_attempt" in row


async def test_get_invoice_has_balance_and_other_key_names_and_no_currency(whmcs: Whmcs) -> None:
    reply = await whmcs("GetInvoice", invoiceid=101)
    assert (reply["balance"], reply["subtotal"], reply["tax"], reply["total"]) == (
        "0.00",
        "28250.00",
        "2825.00",
        "31075.00",
    )
    assert "lastcaptureattempt" in reply and "currencycode" not in reply
    assert reply["transactions"]["transaction"][0]["amountin"] == "31075.00"


async def test_an_invoice_without_payments_has_an_empty_string_for_transactions(whmcs: Whmcs) -> None:
    unpaid = (await whmcs("GetInvoices", userid=1002, status="Unpaid"))["invoices"]["invoice"][0]
    reply = await whmcs("GetInvoice", invoiceid=unpaid["id"])
    assert reply["transactions"] == ""
    assert unpaid["datepaid"] == "0000-00-00 00:00:00"


async def test_services_have_string_ids_echoed_filters_and_a_plaintext_password(whmcs: Whmcs) -> None:
    reply = await whmcs("GetClientsProducts", clientid=1001)
    assert (reply["clientid"], reply["serviceid"], reply["totalresults"]) == ("1001", None, "4")
    row = reply["products"]["product"][0]
    assert row["id"].isdigit() and row["recurringamount"] == "5800.00" and row["password"].endswith("-plain")


async def test_pay_methods_are_a_flat_list_with_a_remote_token(whmcs: Whmcs) -> None:
    reply = await whmcs("GetPayMethods", clientid=1001)
    assert reply["clientid"] == "1001"
    [card] = reply["paymethods"]
    assert (card["card_type"], card["card_last_four"]) == ("Visa", "4242") and card["remote_token"]


async def test_client_details_stand_twice_with_flat_custom_fields(whmcs: Whmcs) -> None:
    reply = await whmcs("GetClientsDetails", clientid=1001)
    assert reply["client"]["email"] == reply["email"] == "demo@example.com"
    assert reply["customfields"][0] == {"id": 198, "value": "C-100001"}
    assert reply["customfields1"] == "C-100001" and "stats" not in reply
    assert reply["users"]["user"][0]["is_owner"] is True


async def test_stats_come_on_request_with_counts_as_numbers_and_money_for_display(whmcs: Whmcs) -> None:
    stats = (await whmcs("GetClientsDetails", clientid=1001, stats=1))["stats"]
    assert (stats["numunpaidinvoices"], stats["numoverdueinvoices"], stats["numDraftInvoices"]) == (3, 1, 1)
    assert stats["creditbalance"] == "¥500.00 JPY"


async def test_orders_without_a_match_succeed_without_a_list(whmcs: Whmcs) -> None:
    reply = await whmcs("GetOrders", id=1)
    assert reply == {"result": "success", "totalresults": 0, "startnumber": 0, "numreturned": 0}


async def test_order_suffix_has_no_leading_space(whmcs: Whmcs) -> None:
    row = (await whmcs("GetOrders", userid=1001))["orders"]["order"][0]
    assert row["currencysuffix"] == "JPY" and row["lineitems"]["lineitem"][0]["type"] == "product"


async def test_a_cycle_that_is_not_sold_costs_minus_one(whmcs: Whmcs) -> None:
    row = (await whmcs("GetProducts", pid="97,33"))["products"]["product"]
    assert [entry["pid"] for entry in row] == [97, 33]
    assert row[0]["pricing"]["JPY"]["annually"] == "-1.00" and row[0]["pricing"]["JPY"]["monthly"] == "1500.00"


async def test_the_strings_profile_turns_every_number_into_text(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"ids": "strings"})
    reply = await whmcs("GetInvoices", userid=1001, limitnum=1)
    assert reply["totalresults"] == "60" and reply["invoices"]["invoice"][0]["id"] == "101"


async def test_the_ints_profile_turns_text_ids_into_numbers_but_leaves_money(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"ids": "ints"})
    reply = await whmcs("GetClientsProducts", clientid=1001)
    row = reply["products"]["product"][0]
    assert reply["clientid"] == 1001 and isinstance(row["id"], int) and row["recurringamount"] == "5800.00"


@pytest.mark.parametrize(
    ("empty", "expected"),
    [("list", []), ("string", ""), ("object", {}), ("numeric", {"invoice": {}}), ("natural", {"invoice": []})],
)
async def test_an_empty_list_has_many_spellings(whmcs: Whmcs, console: Console, empty: str, expected: object) -> None:
    await console("POST", "profile", {"empty": empty})
    assert (await whmcs("GetInvoices", userid=1005))["invoices"] == expected


async def test_an_empty_list_may_be_missing(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"empty": "missing"})
    assert "invoices" not in await whmcs("GetInvoices", userid=1005)


async def test_the_numeric_profile_shows_lists_as_objects_with_a_gap(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"empty": "numeric"})
    rows = (await whmcs("GetInvoices", userid=1001, limitnum=3))["invoices"]["invoice"]
    assert list(rows) == ["0", "2", "3"] and [row["id"] for row in rows.values()] == [101, 102, 103]


async def test_rows_carry_keys_nobody_documented(whmcs: Whmcs) -> None:
    assert "unlisted_flags" in (await whmcs("GetInvoices", limitnum=1))["invoices"]["invoice"][0]
