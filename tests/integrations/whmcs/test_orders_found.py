"""What an order left in WHMCS: its services by our marker, its invoice by its lines, its number read back."""

from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
import pytest

from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import marker
from portal_app.errors import (
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.whmcs.mapping import detail_of, service_of
from portal_app.integrations.whmcs.orders import FoundService
from portal_app.integrations.whmcs.wire import WireInvoiceDetail, WireService, read
from sandbox.whmcs.php import decode_field
from tests.fakes.whmcs import a_wire_invoice, a_wire_service, page_of_html, refusal, success
from tests.fakes.whmcs_orders import GOLD, HANAKO, LINES, OPPORTUNITY, ORDER, REFERENCE, SIM, add

ONE, TWO = marker(ORDER, 1), marker(ORDER, 2)
NUMBER = "09011112222"


def own(service_id, mark="", **more):
    """A service of HANAKO's with a marker in a field of any name."""
    fields = [{"id": 7, "name": "Something", "value": mark}] if mark else []
    return a_wire_service(service_id, 7, orderid="90", customfields={"customfield": fields}) | more


def ids(found):
    return {number: [one.whmcs_service_id for one in ones] for number, ones in found.items()}


# Services by their marker


async def test_f4_a_service_is_found_by_its_marker_in_any_custom_field_or_in_the_domain(orders, shop):
    shop.services = [own(61, ONE, pid=str(GOLD), status="Pending"), own(62, domain=TWO), own(63), own(64, domain="x")]
    found = await orders.find_services(HANAKO, ORDER)
    assert found[1] == (FoundService(61, 90, GOLD, "Pending"),)
    assert ids(found) == {1: [61], 2: [62]}


async def test_f4_several_of_one_line_are_all_found_oldest_first_whatever_their_status(orders, shop):
    shop.services = [own(68, ONE, status="Cancelled"), own(61, ONE, domain=ONE), own(65, ONE, status="Odd")]
    found = await orders.find_services(HANAKO, ORDER)
    assert [(one.whmcs_service_id, one.status) for one in found[1]] == [
        (61, "Active"), (65, "Odd"), (68, "Cancelled"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "nearly",
    [
        marker(ORDER.lower(), 1),
        marker(ORDER[:-3], 1),
        f"{ONE}x",
        f"{ONE}:1",
        f"x{ONE}",
        f"Portal:{ORDER}:1",
        f"portal:{ORDER}:",
        f"portal:{ORDER}:一",
        f"see {ONE}",
        ORDER,
        OPPORTUNITY,
    ],
)
async def test_f4_what_only_resembles_the_marker_is_not_ours(orders, shop, nearly):
    shop.services = [own(61, nearly)]
    assert await orders.find_services(HANAKO, ORDER) == {}


async def test_f4_a_domain_that_whmcs_keeps_in_lower_case_is_still_found(orders, shop):
    shop.fields.clear()
    shop.services.clear()
    shop.lower_case_domains = True
    await add(orders)
    assert set(await orders.find_services(HANAKO, ORDER)) == {1, 2}


async def test_f4_every_page_is_read(orders, shop):
    shop.services = [*(own(1000 + n) for n in range(600)), own(61, TWO), own(9000, ONE)]
    assert ids(await orders.find_services(HANAKO, ORDER)) == {1: [9000], 2: [61]}
    assert len(shop.asked("GetClientsProducts")) == 3


async def test_f4_a_list_that_does_not_hold_still_is_no_empty_list(orders, shop):
    short = success(totalresults="300", products={"product": [own(61)]})
    shop.will("GetClientsProducts", *[short, success(totalresults="300", products="")] * 2)
    with pytest.raises(UpstreamUnavailable, match="incomplete"):
        await orders.find_services(HANAKO, ORDER)


@pytest.mark.parametrize("answer", [page_of_html(), page_of_html(500), httpx.ReadTimeout("slow"), refusal("x", 503)])
async def test_f4_an_outage_is_never_nothing_found(orders, shop, answer):
    shop.will("GetClientsProducts", answer)
    with pytest.raises(UpstreamUnavailable):
        await orders.find_services(HANAKO, ORDER)


async def test_o1_a_row_of_another_client_means_that_nothing_can_be_concluded(make_orders, shop):
    foreign = []
    orders = make_orders(on_foreign=lambda customer, kind, whmcs_id: foreign.append((kind, whmcs_id)))
    theirs = a_wire_service(77, 8, customfields={"customfield": [{"id": 7, "name": REFERENCE, "value": ONE}]})
    shop.will("GetClientsProducts", success(totalresults="2", products={"product": [own(61), theirs]}))
    with pytest.raises(UpstreamReplyChanged, match="foreign_row"):
        await orders.find_services(HANAKO, ORDER)
    assert foreign == [("service", 77)]


@pytest.mark.parametrize("empty", ["", [], {}, {"product": []}, {"product": ""}, None])
async def test_a_client_without_services_has_none_of_ours_in_every_spelling(orders, shop, empty):
    shop.will("GetClientsProducts", success(totalresults="0", products=empty))
    assert await orders.find_services(HANAKO, ORDER) == {}


async def test_f3_a_marker_that_whmcs_dropped_is_not_found_afterwards(orders, shop):
    shop.keeps_fields = False
    assert (await add(orders)).service_ids == {1: 5003, 2: 5004}
    assert await orders.find_services(HANAKO, ORDER) == {}


async def test_f3_what_an_order_left_without_its_marker_is_told_from_everything_else_a_customer_has(orders, shop):
    new = {"pid": str(GOLD), "regdate": "2026-01-15"}
    shop.services = [
        own(61, **new),
        own(62, **new, status="Pending", domain="of.another.kind"),
        own(63, pid=str(GOLD), regdate="2026-01-14"),
        own(64, pid=str(GOLD), regdate="2026-01-13"),
        own(65, pid=str(SIM), regdate="2026-01-15"),
        own(66, **new, status="Cancelled"),
        own(67, marker("8015g00000AbCdFAAX", 1), **new),
        own(68, **new, domain=TWO.lower()),
        own(69, pid=str(GOLD), regdate="0000-00-00"),
    ]
    found = await orders.find_unmarked(HANAKO, {GOLD}, since=datetime(2026, 1, 15, 3, tzinfo=UTC))
    assert found == (61, 62, 63, 69)


@pytest.mark.parametrize(
    ("paymentstatus", "amount", "is_paid"),
    [("Paid", "5800.00", True), ("Unpaid", "5800.00", False), ("", "5800.00", False), ("Paid", "0.00", False)],
)
async def test_f13_an_order_is_paid_when_money_has_come_in_for_it(orders, shop, paymentstatus, amount, is_paid):
    row = {"id": 90, "userid": 7, "status": "Pending", "invoiceid": 700}
    shop.orders.append(row | {"paymentstatus": paymentstatus, "amount": amount})
    assert (await orders.read_order(HANAKO, 90)).is_paid is is_paid


async def test_two_orders_of_one_customer_are_told_apart(orders, shop):
    await add(orders)
    await orders.add(HANAKO, "8015g00000AbCdFAAX", LINES, opportunity_id="", invoice=True)
    assert ids(await orders.find_services(HANAKO, ORDER)) == {1: [5003], 2: [5004]}
    assert ids(await orders.find_services(HANAKO, "8015g00000AbCdFAAX")) == {1: [5005], 2: [5006]}


def test_the_marker_is_shown_to_nobody_where_whmcs_keeps_it_in_the_domain():
    service = service_of(read(WireService, own(61, domain=ONE)), 7, 10)
    assert service.label == ""
    line = {"id": 1, "type": "Hosting", "relid": 61, "amount": "5800.00"}
    named = [f"Internet Gold - {ONE} (2026/01/15 - 2026/02/14)", f"Internet Gold - {ONE.lower()}", "Call 15:1"]
    items = {"item": [line | {"description": text} for text in named]}
    row = a_wire_invoice(items=items, balance="1100.00") | {"invoiceid": 101, "transactions": ""}
    detail = detail_of(read(WireInvoiceDetail, row), 7, {}, date(2026, 1, 15), None)
    assert [shown.description for shown in detail.lines] == [
        "Internet Gold (2026/01/15 - 2026/02/14)", "Internet Gold", "Call 15:1",
    ]  # fmt: skip


# Its invoice


def bill(shop, invoice_id, *service_ids, **changed):
    lines = [{"id": n, "type": "Hosting", "relid": n, "description": "x", "amount": "1.00"} for n in service_ids]
    row = a_wire_invoice(invoice_id, 7, date="2026-01-15") | {"items": {"item": lines}} | changed
    shop.invoices.append(row)


@pytest.fixture
def sold(shop):
    shop.services = [own(61, regdate="2026-01-15"), own(62, regdate="2026-01-15"), own(50, regdate="2024-01-01")]
    return [61, 62]


async def test_the_invoice_is_the_one_whose_lines_name_the_services(orders, shop, sold):
    bill(shop, 700, 50)
    bill(shop, 701, 61, 62)
    bill(shop, 702)
    assert await orders.find_invoice(HANAKO, sold) == 701


async def test_of_several_the_one_with_most_of_them_and_then_the_newest_counts(orders, shop, sold):
    bill(shop, 701, 61)
    bill(shop, 702, 61)
    assert await orders.find_invoice(HANAKO, sold) == 702
    bill(shop, 690, 61, 62)
    assert await orders.find_invoice(HANAKO, sold) == 690


@pytest.mark.parametrize("status", ["Cancelled", "cancelled "])
async def test_a_cancelled_invoice_does_not_count_and_every_other_does(orders, shop, sold, status):
    bill(shop, 701, 61, 62, status=status)
    assert await orders.find_invoice(HANAKO, sold) == 0
    for place, other in enumerate(("Draft", "Paid", "Refunded", "Payment Pending")):
        bill(shop, 710 + place, 61, 62, status=other)
        assert await orders.find_invoice(HANAKO, sold) == 710 + place


async def test_lines_of_other_kinds_do_not_count(orders, shop, sold):
    for place, kind in enumerate(("Addon", "PromoHosting", "", "Upgrade")):
        bill(shop, 700 + place, items={"item": [{"id": 1, "type": kind, "relid": 61, "amount": "1.00"}]})
    assert await orders.find_invoice(HANAKO, sold) == 0


async def test_only_invoices_since_the_services_were_made_are_opened(orders, shop, sold):
    for place in range(40):
        bill(shop, 600 + place, 61, date="2025-12-15")
    bill(shop, 701, 61, 62, date="2026-01-14")
    assert await orders.find_invoice(HANAKO, sold) == 701
    assert len(shop.asked("GetInvoice")) == 1
    [asked] = shop.asked("GetInvoices")
    assert (asked["orderby"], asked["order"], asked["limitnum"], asked["userid"]) == ("id", "desc", "100", "7")


async def test_invoices_of_services_whose_day_is_not_known_are_all_opened(orders, shop, sold):
    shop.services[0]["regdate"] = "0000-00-00"
    bill(shop, 701, 61, date="2020-01-01")
    assert await orders.find_invoice(HANAKO, sold) == 701


async def test_a_list_that_is_not_newest_first_is_not_concluded_from(orders, shop, sold):
    bill(shop, 701)
    bill(shop, 702, 61)
    listed = [{k: v for k, v in row.items() if k != "items"} for row in shop.invoices]
    shop.will("GetInvoices", success(totalresults=2, invoices={"invoice": listed}))
    with pytest.raises(UpstreamReplyChanged, match="order"):
        await orders.find_invoice(HANAKO, sold)


async def test_an_invoice_deleted_or_cancelled_meanwhile_does_not_count(orders, shop, sold):
    bill(shop, 701, 61, 62)
    bill(shop, 702, 61, 62)
    shop.will("GetInvoice", refusal("Invoice ID Not Found"), lambda f: shop._GetInvoice(f | {"x": _cancel(shop, 701)}))
    assert await orders.find_invoice(HANAKO, sold) == 0


def _cancel(shop, invoice_id):
    next(row for row in shop.invoices if row["id"] == invoice_id)["status"] = "Cancelled"
    return ""


async def test_o1_services_and_invoices_of_others_are_not_looked_through(orders, shop, sold):
    with pytest.raises(NotFound):
        await orders.find_invoice(HANAKO, [61, 31])
    theirs = a_wire_invoice(900, 8, items={"item": []})
    shop.will("GetInvoices", success(totalresults=1, invoices={"invoice": [theirs]}))
    with pytest.raises(UpstreamReplyChanged, match="foreign_row"):
        await orders.find_invoice(HANAKO, sold)


async def test_exactly_these_services_are_billed_and_the_customer_is_told(orders, shop):
    added = await add(orders, invoice=False)
    await orders.generate_invoice(HANAKO, list(added.service_ids.values()))
    [call] = shop.asked("GenInvoices")
    assert {k: v for k, v in call.items() if k not in ("action", "responsetype")} == {
        "clientid": "7", "serviceids[0]": "5003", "serviceids[1]": "5004", "noemails": "0",
    }  # fmt: skip
    assert await orders.find_invoice(HANAKO, added.service_ids.values()) == 700


async def test_f1_a_lost_answer_to_an_invoice_run_is_unknown_and_its_invoice_is_found(orders, shop):
    added = await add(orders, invoice=False)
    shop.will_lose("GenInvoices")
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.generate_invoice(HANAKO, list(added.service_ids.values()))
    assert len(shop.asked("GenInvoices")) == 1
    assert await orders.find_invoice(HANAKO, added.service_ids.values()) == 700


# The number of a SIM


@pytest.fixture
async def sim(orders, shop):
    added = await add(orders, [replace(LINES[0], whmcs_product_id=SIM)], invoice=False)
    return added.service_ids[1]


async def test_the_number_is_written_to_the_products_own_field_and_once(orders, shop, sim):
    await orders.note_number(HANAKO, sim, NUMBER)
    await orders.note_number(HANAKO, sim, NUMBER)
    [call] = shop.asked("UpdateClientProduct")
    assert decode_field(call["customfields"]) == {982: NUMBER}
    assert call.keys() == {"action", "responsetype", "serviceid", "customfields"}
    assert ids(await orders.find_services(HANAKO, ORDER)) == {1: [sim]}, "the marker stays"


async def test_a_number_that_is_not_kept_is_an_unknown_outcome(orders, shop, sim):
    shop.keeps_fields = False
    with pytest.raises(UpstreamOutcomeUnknown, match="field_not_kept"):
        await orders.note_number(HANAKO, sim, NUMBER)


async def test_after_a_lost_answer_the_number_is_read_and_not_written_again(orders, shop, sim):
    shop.will_lose("UpdateClientProduct")
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.note_number(HANAKO, sim, NUMBER)
    await orders.note_number(HANAKO, sim, NUMBER)
    assert len(shop.asked("UpdateClientProduct")) == 1


async def test_a_product_without_the_field_is_a_refusal_of_ours(orders, shop):
    shop.services = [own(61)]
    with pytest.raises(UpstreamRejected, match="no_phone_field"):
        await orders.note_number(HANAKO, 61, NUMBER)


async def test_the_opportunity_is_noted_where_its_field_was_not_known_when_ordering(orders, shop):
    shop.services.clear()
    added = await add(orders, opportunity_id=OPPORTUNITY)
    assert OPPORTUNITY not in str(shop.services)
    ids_of_it = list(added.service_ids.values())
    for _ in range(2):
        await orders.note_opportunity(HANAKO, ids_of_it, OPPORTUNITY)
    assert [decode_field(call["customfields"]) for call in shop.asked("UpdateClientProduct")] == [
        {1821: OPPORTUNITY}, {2421: OPPORTUNITY},
    ]  # fmt: skip
    assert set(await orders.find_services(HANAKO, ORDER)) == {1, 2}


async def test_an_opportunity_that_stands_there_or_has_no_field_or_is_none_is_not_written(orders, shop):
    shop.services.append(own(61))
    added = await add(orders)
    await orders.note_opportunity(HANAKO, [*added.service_ids.values(), 61, 31], OPPORTUNITY)
    await orders.note_opportunity(HANAKO, [61], "")
    assert shop.asked("UpdateClientProduct") == []


async def test_an_opportunity_that_is_not_kept_is_an_unknown_outcome(orders, shop):
    shop.services.clear()
    added = await add(orders)
    shop.keeps_fields = False
    with pytest.raises(UpstreamOutcomeUnknown, match="field_not_kept"):
        await orders.note_opportunity(HANAKO, added.service_ids.values(), OPPORTUNITY)


async def test_o1_nobody_elses_service_gets_a_number(orders, shop):
    for service_id in (31, 4711, 0, -1):
        with pytest.raises(NotFound):
            await orders.note_number(HANAKO, service_id, NUMBER)
    assert shop.asked("UpdateClientProduct") == []


async def test_r1_a_number_is_neither_logged_nor_in_an_error(orders, shop, sim, caplog):
    caplog.set_level("DEBUG")
    shop.keeps_fields = False
    with pytest.raises(UpstreamOutcomeUnknown) as unknown:
        await orders.note_number(HANAKO, sim, NUMBER)
    assert NUMBER not in str(unknown.value) + str([vars(record) for record in caplog.records])


async def test_somebody_without_a_client_has_nothing(orders, shop):
    with pytest.raises(NotFound):
        await orders.find_services(Customer("u", 0), ORDER)
    assert shop.calls == []
