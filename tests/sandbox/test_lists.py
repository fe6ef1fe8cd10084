"""Filters, order and paging."""

from __future__ import annotations

from tests.sandbox.visitors import Whmcs


async def test_pages_hold_25_rows_unless_asked_otherwise(whmcs: Whmcs) -> None:
    first = await whmcs("GetInvoices", userid=1001)
    last = await whmcs("GetInvoices", userid=1001, limitstart=50)
    assert (first["numreturned"], first["totalresults"]) == (25, 60)
    assert (last["startnumber"], last["numreturned"]) == (50, 10)


async def test_without_userid_the_invoices_of_everybody_come(whmcs: Whmcs) -> None:
    rows = (await whmcs("GetInvoices", limitnum=500))["invoices"]["invoice"]
    assert len({row["userid"] for row in rows}) > 5


async def test_there_is_no_ownership_check(whmcs: Whmcs) -> None:
    foreign = (await whmcs("GetInvoices", userid=1002))["invoices"]["invoice"][0]["id"]
    assert (await whmcs("GetInvoice", invoiceid=foreign, userid=1001))["userid"] == 1002


async def test_overdue_is_a_filter_and_never_a_status(whmcs: Whmcs) -> None:
    rows = (await whmcs("GetInvoices", userid=1001, status="overdue"))["invoices"]["invoice"]
    assert [row["status"] for row in rows] == ["Unpaid"]
    assert rows[0]["duedate"] < "2026-04-15"


async def test_an_invoice_due_today_is_not_overdue(whmcs: Whmcs) -> None:
    edge = (await whmcs("GetInvoices", userid=1011, status="Unpaid"))["invoices"]["invoice"]
    late = (await whmcs("GetInvoices", userid=1011, status="Overdue"))["invoices"]["invoice"]
    dates, late_dates = {row["duedate"] for row in edge}, {row["duedate"] for row in late}
    assert {"2026-04-14", "2026-04-15"} <= dates
    assert "2026-04-14" in late_dates and "2026-04-15" not in late_dates


async def test_sorting_by_due_date_descending_is_honoured(whmcs: Whmcs) -> None:
    rows = (await whmcs("GetInvoices", userid=1001, orderby="duedate", order="desc"))["invoices"]["invoice"]
    dates = [row["duedate"] for row in rows]
    assert dates == sorted(dates, reverse=True)


async def test_an_unknown_order_is_ignored_silently(whmcs: Whmcs) -> None:
    reply = await whmcs("GetInvoices", userid=1001, orderby="nonsense; DROP TABLE invoices", limitnum=1)
    assert reply["invoices"]["invoice"][0]["id"] == 101


async def test_search_matches_beginnings_only(whmcs: Whmcs) -> None:
    assert (await whmcs("GetClients", search="demo@"))["clients"]["client"][0]["id"] == 1001
    assert (await whmcs("GetClients", search="Hanako Yam"))["totalresults"] == 1
    assert (await whmcs("GetClients", search="example.com"))["totalresults"] == 0
    assert (await whmcs("GetClients", search="%"))["totalresults"] == 0


async def test_users_carry_their_clients_and_the_ids_differ(whmcs: Whmcs) -> None:
    [user] = (await whmcs("GetUsers", search="demo@example.com"))["users"]
    assert user["clients"] == [{"id": 1001, "isOwner": True}]
    assert user["id"] != 1001


async def test_transactions_are_found_by_transaction_id(whmcs: Whmcs) -> None:
    all_of_one = (await whmcs("GetTransactions", invoiceid=101))["transactions"]["transaction"]
    again = await whmcs("GetTransactions", transid=all_of_one[0]["transid"])
    assert again["totalresults"] == 1


async def test_a_missing_service_is_success_with_no_rows(whmcs: Whmcs) -> None:
    reply = await whmcs("GetClientsProducts", serviceid=1)
    assert (reply["result"], reply["totalresults"], reply["serviceid"]) == ("success", "0", "1")
