"""Orders as Salesforce keeps them: headers, lines, one for each key, and only for their own account."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal_app.domain.cart import Cart, InternetChoice, SimChoice, add, choose_day, lines
from portal_app.domain.catalog import Cycle, ProductLine
from portal_app.domain.orders import AddressSnapshot, OrderDraft
from portal_app.domain.sim import PortIn
from portal_app.errors import InvalidInput, NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.salesforce.catalog import PriceBook
from tests.integrations.salesforce.selling.staff import BOOK, count, customer_of, record, staff

ADDRESS = AddressSnapshot("渋谷2-21-1\nヒカリエ 1201", "渋谷区", "東京都", "150-0002")
EID = "89049032123451234512345678901235"
TERMS = {"terms_version": "2026-04", "terms_at": datetime(2026, 4, 15, 3, 0, tzinfo=UTC)}
PORT_IN = PortIn(
    "12-3456-7890",
    date(2026, 4, 27),
    "+819012345678",
    "山田",
    "花子",
    "ﾔﾏﾀﾞ",
    "はなこ",
    "female",
    date(1990, 4, 2),
)


async def a_draft(book: PriceBook, cart: Cart, **changed) -> OrderDraft:
    return OrderDraft(cart, lines(cart, await book.read_now()), ADDRESS, date(2026, 4, 15), **changed)


async def an_internet_cart(book: PriceBook) -> Cart:
    catalog = await book.read_now()
    choice = InternetChoice("IPoE-HGW", "INTERNET-INSTALL-24M", wishes=(date(2026, 5, 1), date(2026, 5, 2)))
    cart = Cart(ProductLine.INTERNET, "INTERNET-GOLD-HOME-1G", internet=choice, **TERMS)
    return choose_day(add(cart, catalog, "INTERNET-ADDON-HOME-PHONE"), catalog, weekend=True)


SIM_CART = Cart(ProductLine.SIM, "SIM-DATA-VOICE-5GB", sim=SimChoice("esim", EID, True, "immediate"), **TERMS)
VPN_CART = Cart(ProductLine.VPN, "VPN-USA-SF", **TERMS)


async def test_an_internet_order_has_its_header_lines_and_address(orders, book, customer, sandbox):
    draft = await a_draft(book, await an_internet_cart(book), address_changed=True)
    placed = await orders.place(customer, draft, "key-internet-1")
    kept = await record(sandbox, placed.salesforce_order_id)
    assert placed.created and placed.number == kept["OrderNumber"]
    wanted = {
        "Status": "Pending Review",
        "Activation_Status__c": "Not Started",
        "Activation_Type__c": "Immediate",
        "Type": "Internet",
        "EffectiveDate": "2026-04-15",
        "Pricebook2Id": BOOK,
        "Idempotency_Key__c": "key-internet-1",
        "AccountId": customer.salesforce_account_id,
        "Internet_Plan_Tier__c": "Gold",
        "Installation_Type__c": "24-Month",
        "Access_Mode__c": "IPoE-HGW",
        "Weekend_Install__c": True,
        "Hikari_Denwa__c": True,
        "Address_Changed__c": True,
        "BillingStreet": "渋谷2-21-1\nヒカリエ 1201",
        "BillingPostalCode": "150-0002",
    }
    assert {name: kept.get(name) for name in wanted} == wanted
    assert "version 2026-04 at 2026-04-15T03:00:00+00:00" in kept["Description"]
    assert "2026-05-01, 2026-05-02" in kept["Description"]
    detail = (await orders.get_order(customer, placed.salesforce_order_id)).detail
    assert [(item.sku, item.quantity, str(item.unit_price), item.cycle) for item in detail.items] == [
        ("INTERNET-GOLD-HOME-1G", 1, "5800", Cycle.MONTHLY),
        ("INTERNET-INSTALL-24M", 1, "916", Cycle.MONTHLY),
        ("INTERNET-INSTALL-WEEKEND", 1, "3000", Cycle.ONETIME),
        ("INTERNET-ADDON-HOME-PHONE", 1, "450", Cycle.MONTHLY),
        ("INTERNET-ADDON-HOME-PHONE-INSTALL", 1, "1000", Cycle.ONETIME),
    ]
    assert detail.address == ADDRESS and detail.address_changed and detail.order.line is ProductLine.INTERNET


async def test_a_sim_order_with_a_number_taken_along_and_a_day(orders, book, customer, sandbox):
    sim = SimChoice("esim", "8904 9032 1234 5123 4512 3456 7890 1235", True, "scheduled", date(2026, 4, 20), PORT_IN)
    cart = add(replace(SIM_CART, sim=sim), await book.read_now(), "SIM-ADDON-VOICE-MAIL")
    placed = await orders.place(customer, await a_draft(book, cart), "key-sim-1")
    kept = await record(sandbox, placed.salesforce_order_id)
    wanted = {
        "Type": "SIM",
        "SIM_Type__c": "eSIM",
        "EID__c": EID,
        "SIM_Voice_Mail__c": True,
        "SIM_Call_Waiting__c": False,
        "Activation_Type__c": "Scheduled",
        "Activation_Scheduled_At__c": "2026-04-19T15:00:00.000+0000",
        "MNP_Application__c": True,
        "MNP_Reservation_Number__c": "1234567890",
        "MNP_Expiry_Date__c": "2026-04-27",
        "MNP_Phone_Number__c": "09012345678",
        "Porting_Last_Name__c": "山田",
        "Porting_Last_Name_Katakana__c": "ヤマダ",
        "Porting_First_Name_Katakana__c": "ハナコ",
        "Porting_Gender__c": "Female",
        "Porting_DateOfBirth__c": "1990-04-02",
    }
    assert {name: kept.get(name) for name in wanted} == wanted
    detail = (await orders.get_order(customer, placed.salesforce_order_id)).detail
    assert detail.order.starts_on == date(2026, 4, 20)
    assert {item.sku for item in detail.items} == {"SIM-DATA-VOICE-5GB", "SIM-ACTIVATION-FEE", "SIM-ADDON-VOICE-MAIL"}


async def test_a_vpn_order_names_its_region_and_nothing_of_other_lines(orders, book, customer, sandbox):
    placed = await orders.place(customer, await a_draft(book, VPN_CART), "key-vpn-1")
    kept = await record(sandbox, placed.salesforce_order_id)
    assert kept["VPN_Region__c"] == "USA-SF" and not {"EID__c", "SIM_Type__c", "Access_Mode__c"} & kept.keys()


async def test_f8_the_same_key_gives_the_same_order_and_another_its_own(orders, book, customer, sandbox):
    draft = await a_draft(book, SIM_CART)
    first, again = [await orders.place(customer, draft, "key-1") for _ in range(2)]
    other = await orders.place(customer, draft, "key-2")
    assert (first.created, again.created) == (True, False)
    assert first.salesforce_order_id == again.salesforce_order_id != other.salesforce_order_id
    assert (count(sandbox, "Order"), count(sandbox, "OrderItem")) == (2, 4) and again.number == first.number


async def test_f8_who_submits_at_the_same_time_gets_the_same_order(orders, book, customer, sandbox):
    draft = await a_draft(book, SIM_CART)
    placed = await asyncio.gather(*[orders.place(customer, draft, "key-1") for _ in range(6)])
    assert len({one.salesforce_order_id for one in placed}) == 1 and sum(one.created for one in placed) == 1
    assert (count(sandbox, "Order"), count(sandbox, "OrderItem")) == (1, 2)


async def test_f8a_a_lost_answer_is_looked_up_and_not_sent_again(orders, book, customer, sandbox):
    draft = await a_draft(book, SIM_CART)
    sandbox.world.faults.add("salesforce", "composite", "effect_no_reply", 1, None)
    placed = await orders.place(customer, draft, "key-1")
    assert placed.number and (count(sandbox, "Order"), count(sandbox, "OrderItem")) == (1, 2)


async def test_f8a_lost_for_good_is_unknown_and_the_next_try_finds_it(orders, book, customer, sandbox):
    draft = await a_draft(book, SIM_CART)
    assert await orders.find(customer, "key-1") is None
    sandbox.world.faults.add("salesforce", "composite", "effect_no_reply", 1, None)
    real = orders.find
    looks = []

    async def blind(*args, **more):
        looks.append(args)
        if len(looks) == 2:
            raise UpstreamUnavailable("salesforce", "FindOrder", "timeout")
        return await real(*args, **more)

    orders.find = blind
    with pytest.raises(UpstreamOutcomeUnknown):
        await orders.place(customer, draft, "key-1")
    orders.find = real
    assert not (await orders.place(customer, draft, "key-1")).created and count(sandbox, "Order") == 1


async def test_down_before_anything_was_sent_leaves_nothing_and_the_same_cart_succeeds_later(
    orders, book, customer, sandbox
):
    draft = await a_draft(book, SIM_CART)
    sandbox.world.faults.add("salesforce", "*", "unavailable", None, None)
    with pytest.raises(UpstreamUnavailable):
        await orders.place(customer, draft, "key-1")
    sandbox.world.faults.heal()
    assert (await orders.place(customer, draft, "key-1")).created and count(sandbox, "Order") == 1


@pytest.mark.parametrize("kind", ["lock_row"])
async def test_a_passing_failure_inside_of_the_request_still_makes_one_order(orders, book, customer, sandbox, kind):
    draft = await a_draft(book, SIM_CART)
    sandbox.world.faults.add("salesforce", "create OrderItem", kind, 1, None)
    assert (await orders.place(customer, draft, "key-1")).created
    assert (count(sandbox, "Order"), count(sandbox, "OrderItem")) == (1, 2)


async def test_one_line_that_is_sold_no_more_leaves_no_order(orders, book, customer, sandbox):
    draft = await a_draft(book, SIM_CART)
    await staff(sandbox, "prices", {"sku": "SIM-ACTIVATION-FEE", "active": False})
    with pytest.raises(UpstreamRejected) as why:
        await orders.place(customer, draft, "key-1")
    assert why.value.code == "integrity"
    assert (count(sandbox, "Order"), count(sandbox, "OrderItem")) == (0, 0)


async def test_an_order_whose_lines_are_others_is_for_a_human(orders, book, customer):
    await orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    bigger = add(SIM_CART, await book.read_now(), "SIM-ADDON-VOICE-MAIL")
    with pytest.raises(UpstreamRejected) as why:
        await orders.place(customer, await a_draft(book, bigger), "key-1")
    assert why.value.code == "lines_differ"


async def test_o1_another_customers_order_is_not_found_listed_or_met_by_its_key(
    orders, book, customer, client, sandbox
):
    draft = await a_draft(book, SIM_CART)
    placed = await orders.place(customer, draft, "key-1")
    stranger = await customer_of(client, "C-100002")
    assert (await orders.list_orders(stranger)).items == () and await orders.find(stranger, "key-1") is None
    with pytest.raises(NotFound):
        await orders.get_order(stranger, placed.salesforce_order_id)
    with pytest.raises(UpstreamRejected) as why:
        await orders.place(stranger, draft, "key-1")
    assert why.value.code == "duplicate_value" and count(sandbox, "Order") == 1


@pytest.mark.parametrize("bad", ["", "0", "../User/005000000000001", "801000000000001X", "001000000000001AAA"])
async def test_o3_an_id_that_is_none_is_not_found(orders, customer, bad):
    with pytest.raises(NotFound):
        await orders.get_order(customer, bad)
    with pytest.raises(NotFound):
        await orders.list_orders(replace(customer, salesforce_account_id=""))


async def test_orders_are_listed_newest_first_with_what_staff_did(orders, book, customer, sandbox):
    first = await orders.place(customer, await a_draft(book, SIM_CART), "key-1")
    second = await orders.place(customer, await a_draft(book, VPN_CART), "key-2")
    await staff(sandbox, f"orders/{first.salesforce_order_id}/approve", {})
    found = {one.salesforce_order_id: one for one in (await orders.list_orders(customer, anew=True)).items}
    assert list(found) == [second.salesforce_order_id, first.salesforce_order_id]
    approved = found[first.salesforce_order_id]
    assert (approved.status, approved.activation, approved.line) == ("Approved", "Activating", ProductLine.SIM)
    assert approved.placed_at.tzinfo is UTC and approved.starts_on is None and approved.whmcs_order_id == ""
    assert [one.plan for one in found.values()] == ["VPN Router USA (San Francisco)", "SIM Data+Voice 5GB"]


async def test_an_address_without_room_is_refused_before_anything_is_sent(orders, book, customer, sandbox):
    draft = replace(await a_draft(book, VPN_CART), address=replace(ADDRESS, city="x" * 41))
    with pytest.raises(InvalidInput) as why:
        await orders.place(customer, draft, "key-1")
    assert (why.value.field, why.value.reason) == ("city", "order.address_too_long") and count(sandbox, "Order") == 0


async def test_a_draft_without_its_service_is_no_order(orders, book, customer):
    draft = await a_draft(book, VPN_CART)
    with pytest.raises(ValueError, match="one service"):
        await orders.place(customer, replace(draft, lines=draft.lines[1:]), "key-1")
