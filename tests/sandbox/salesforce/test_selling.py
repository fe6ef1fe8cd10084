"""The catalogue that is planted, and what staff decide about sales in the console."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.salesforce.visitors import Salesforce
from tests.sandbox.visitors import Console, Whmcs

PRODUCT = (
    "StockKeepingUnit, Item_Class__c, Billing_Cycle__c, Bundled_Addon__c, Is_Bundled_Addon__c, WH_Product_ID__c,"
    " IsActive, Portal_Catalog__c, Portal_Accessible__c, SIM_Has_Family_Discount__c, Auto_Add__c"
)


@pytest.fixture
async def sold(salesforce: Salesforce) -> dict[str, dict[str, Any]]:
    """The portal's price book by SKU: the product with its price."""
    names = ", ".join(f"Product2.{name.strip()}" for name in PRODUCT.split(","))
    soql = f"SELECT Id, UnitPrice, IsActive, Product2Id, {names} FROM PricebookEntry WHERE Pricebook2.Name = 'Portal'"
    rows = await salesforce.rows(soql)
    return {row["Product2"]["StockKeepingUnit"]: row["Product2"] | {"entry": row} for row in rows}


@pytest.fixture
async def account(console: Console) -> str:
    return (await console("GET", "salesforce/accounts?search=C-100001"))[0]["id"]


@pytest.fixture
async def order(salesforce: Salesforce, account: str, sold: dict[str, dict[str, Any]]) -> str:
    soql = "SELECT Pricebook2Id FROM PricebookEntry WHERE Pricebook2.Name = 'Portal' LIMIT 1"
    book = (await salesforce.rows(soql))[0]["Pricebook2Id"]
    fields = {"AccountId": account, "EffectiveDate": "2026-04-15", "Status": "Pending Review", "Type": "SIM"}
    made = await salesforce.create("Order", **fields, Pricebook2Id=book)
    entry = sold["SIM-DATA-VOICE-5GB"]["entry"]["Id"]
    await salesforce.create("OrderItem", OrderId=made, PricebookEntryId=entry, Quantity=1, UnitPrice=1500)
    return made


async def test_all_three_lines_sell_at_least_forty_products_that_can_be_ordered(sold: dict[str, dict]) -> None:
    good = [
        one for one in sold.values() if one["IsActive"] and one["Portal_Accessible__c"] and one["entry"]["IsActive"]
    ]
    assert len(good) >= 40
    services = {sku.split("-")[0] for sku, one in sold.items() if one["Item_Class__c"] == "Service"}
    assert services == {"INTERNET", "SIM", "VPN"}


async def test_every_pair_is_a_monthly_and_a_onetime_product_that_point_at_each_other(
    sold: dict[str, dict],
) -> None:
    by_id = {one["entry"]["Product2Id"]: one for one in sold.values()}
    paired = {sku: by_id[one["Bundled_Addon__c"]] for sku, one in sold.items() if one["Is_Bundled_Addon__c"]}
    sound = {sku for sku, other in paired.items() if other["Bundled_Addon__c"] == sold[sku]["entry"]["Product2Id"]}
    assert set(paired) - sound == {"INTERNET-ADDON-REMOTE-SUPPORT"} and len(sound) == 12
    for sku in sound:
        assert {sold[sku]["Billing_Cycle__c"], paired[sku]["Billing_Cycle__c"]} == {"Monthly", "Onetime"}, sku


async def test_the_catalogue_has_one_of_each_oddity(sold: dict[str, dict[str, Any]]) -> None:
    assert {sku for sku, one in sold.items() if not one["IsActive"]} == {"INTERNET-SILVER-ADSL", "INTERNET-ADDON-TV"}
    assert {sku for sku, one in sold.items() if not one["entry"]["IsActive"]} == {"INTERNET-ADDON-MOVING"}
    assert {sku for sku, one in sold.items() if not one["WH_Product_ID__c"]} == {"VPN-GLOBAL"}
    hidden = {sku for sku, one in sold.items() if one["Item_Class__c"] == "Service" and not one["Portal_Catalog__c"]}
    assert hidden == {"SIM-DATA-VOICE-3GB"} and sold["SIM-DATA-VOICE-3GB"]["Portal_Accessible__c"]
    assert {sku for sku, one in sold.items() if not one["Portal_Accessible__c"]} == {"SIM-DATA-ONLY-100GB"}
    assert {sku for sku, one in sold.items() if one["SIM_Has_Family_Discount__c"]} == {
        "SIM-DATA-VOICE-5GB-FAMILY",
        "SIM-DATA-VOICE-10GB-FAMILY",
    }
    assert {sku for sku, one in sold.items() if one["Auto_Add__c"]} == {"SIM-ACTIVATION-FEE", "VPN-ACTIVATION-FEE"}
    assert "VPN-ADDON-LABEL" not in sold


async def test_whmcs_has_each_product_at_the_same_price_but_for_two(sold: dict[str, dict], whmcs: Whmcs) -> None:
    products = (await whmcs("GetProducts"))["products"]["product"]
    prices = {one["pid"]: float(one["pricing"]["JPY"]["monthly"]) for one in products}
    mapped = {sku: (one["WH_Product_ID__c"], one["entry"]["UnitPrice"]) for sku, one in sold.items()}
    odd = {sku for sku, (pid, price) in mapped.items() if pid and prices.get(int(pid)) != price}
    assert odd == {"INTERNET-ADDON-NUMBER-DISPLAY", "SIM-ADDON-PAPER-BILL"}
    assert len(prices) == len(products) >= 50


async def test_availability_is_decided_and_its_case_closed(
    salesforce: Salesforce, console: Console, account: str
) -> None:
    case = await salesforce.create("Case", Subject="Availability", AccountId=account)
    pending = {"Internet_Eligibility_Status__c": "Pending", "Internet_Eligibility_Case_Id__c": case}
    await console("PATCH", f"salesforce/records/{account}", pending)
    path = f"salesforce/accounts/{account}/availability"
    decided = await console("POST", path, {"status": "Eligible", "offering": "Home 1G", "notes": "光配線"})
    assert (decided["Internet_Eligibility_Status__c"], decided["Internet_Eligibility__c"]) == ("Eligible", "Home 1G")
    assert decided["Internet_Eligibility_Checked_Date_Time__c"] and decided["Internet_Eligibility_Notes__c"] == "光配線"
    assert (await salesforce("GET", f"sobjects/Case/{case}"))["Status"] == "Approved"
    refused = await console("POST", path, {"status": "Ineligible", "notes": "No fibre"})
    assert refused["Internet_Eligibility__c"] is None
    assert (await salesforce("GET", f"sobjects/Case/{case}"))["Status"] == "Rejected"
    again = await console("POST", path, {"status": "Not Requested"})
    assert again["Internet_Eligibility_Checked_Date_Time__c"] is None


SENSELESS = [
    {"status": "Eligible"},
    {"status": "Eligible", "offering": "Boat"},
    {"status": "Ineligible", "offering": "Home 1G"},
    {"status": "Perhaps"},
]


@pytest.mark.parametrize("body", SENSELESS)
async def test_a_decision_without_sense_is_refused(console: Console, account: str, body: dict[str, str]) -> None:
    await console("POST", f"salesforce/accounts/{account}/availability", body)
    assert console.status == 400


async def test_a_document_is_reviewed_once_there_is_one(console: Console, account: str) -> None:
    path = f"salesforce/accounts/{account}/document"
    await console("POST", path, {"status": "Verified"})
    assert console.status == 409
    await console("PATCH", f"salesforce/records/{account}", {"Id_Verification_Status__c": "Submitted"})
    await console("POST", path, {"status": "Rejected"})
    assert console.status == 400
    rejected = await console("POST", path, {"status": "Rejected", "reason": "Glare"})
    assert rejected["Id_Verification_Rejection_Message__c"] == "Glare"
    verified = await console("POST", path, {"status": "Verified"})
    assert verified["Id_Verification_Status__c"] == "Verified" and verified["Id_Verification_Verified_Date_Time__c"]
    assert verified["Id_Verification_Rejection_Message__c"] is None


async def test_an_order_is_approved_and_again_after_a_failure(console: Console, order: str) -> None:
    (waiting,) = await console("GET", "salesforce/orders?status=Pending%20Review")
    assert (waiting["Id"], waiting["number"], waiting["lines"]) == (order, "C-100001", 1)
    approved = await console("POST", f"salesforce/orders/{order}/approve")
    assert (approved["Status"], approved["Activation_Status__c"]) == ("Approved", "Activating")
    await console("POST", f"salesforce/orders/{order}/approve")
    assert console.status == 409
    failure = {"Activation_Status__c": "Failed", "Activation_Error_Code__c": "PAYMENT_METHOD_MISSING"}
    await console("PATCH", f"salesforce/records/{order}", failure)
    again = await console("POST", f"salesforce/orders/{order}/approve")
    assert (again["Activation_Status__c"], again["Activation_Error_Code__c"]) == ("Activating", None)


@pytest.mark.parametrize(("what", "status"), [("reject", "Rejected"), ("cancel", "Cancelled")])
async def test_an_order_that_ended_does_not_move_again(console: Console, order: str, what: str, status: str) -> None:
    assert (await console("POST", f"salesforce/orders/{order}/{what}"))["Status"] == status
    for move in ("approve", "reject", "cancel"):
        await console("POST", f"salesforce/orders/{order}/{move}")
        assert console.status == 409


async def test_a_price_is_changed_and_a_product_taken_out(salesforce: Salesforce, console: Console) -> None:
    (shown,) = await console("GET", "salesforce/prices?search=sim-voice-only")
    changed = await console("POST", "salesforce/prices", {"sku": "SIM-VOICE-ONLY", "price": 1100, "active": False})
    assert (shown["price"], shown["active"], changed["price"], changed["active"]) == (1000.0, True, 1100.0, False)
    soql = "SELECT UnitPrice, Pricebook2.Name FROM PricebookEntry WHERE Product2.StockKeepingUnit = 'SIM-VOICE-ONLY'"
    prices = {row["Pricebook2"]["Name"]: row["UnitPrice"] for row in await salesforce.rows(soql)}
    assert prices == {"Portal": 1100.0, "Standard Price Book": 1000.0}
    for body, status in (({"sku": "NONE", "price": 1}, 404), ({"sku": "SIM-VOICE-ONLY", "price": "1"}, 400)):
        await console("POST", "salesforce/prices", body)
        assert console.status == status


@pytest.mark.parametrize("stands", ["Failed", "Scheduled", "Not Started"])
async def test_an_approved_order_is_activated_again_by_staff(console: Console, order: str, stands: str) -> None:
    await console("POST", f"salesforce/orders/{order}/reactivate")
    assert console.status == 409
    await console("POST", f"salesforce/orders/{order}/approve")
    await console("POST", f"salesforce/orders/{order}/reactivate")
    assert console.status == 409
    known = {"Activation_Status__c": stands, "Activation_Error_Code__c": "SIM_ERROR"}
    await console("PATCH", f"salesforce/records/{order}", known)
    again = await console("POST", f"salesforce/orders/{order}/reactivate")
    assert (again["Activation_Status__c"], again["Activation_Error_Code__c"]) == ("Activating", None)


async def test_staff_fill_in_the_number_and_the_card_of_a_sim_order(console: Console, order: str) -> None:
    path, free = f"salesforce/orders/{order}/sim", await console("GET", "freebit/stock")
    filled = await console("POST", path, free)
    assert (filled["SIM_Phone_Number__c"], filled["SIM_Product_Number__c"]) == tuple(free.values()) and all(
        free.values()
    )
    emptied = await console("POST", path, {"product_number": " "})
    assert (emptied["SIM_Phone_Number__c"], emptied["SIM_Product_Number__c"]) == (free["phone_number"], None)
    for senseless in ({}, {"number": "1"}, {"phone_number": 1}, {"phone_number": "0" * 21}):
        await console("POST", path, senseless)
        assert console.status == 400
    await console("PATCH", f"salesforce/records/{order}", {"Type": "VPN"})
    await console("POST", path, free)
    assert console.status == 409


async def test_a_number_and_a_card_on_an_order_are_not_in_the_drawer_any_more(console: Console, order: str) -> None:
    free = await console("GET", "freebit/stock")
    shown = {"phone_number": f"+81 70-{free['phone_number'][3:]}", "product_number": free["product_number"].lower()}
    await console("POST", f"salesforce/orders/{order}/sim", shown)
    left = await console("GET", "freebit/stock")
    assert not set(left.values()) & set(free.values()) and all(left.values())


async def test_an_order_starts_with_a_day_in_japan_or_at_once(console: Console, order: str) -> None:
    path = f"salesforce/orders/{order}/schedule"
    later = await console("POST", path, {"on": "2026-04-20"})
    assert later["Activation_Type__c"] == "Scheduled"
    assert later["Activation_Scheduled_At__c"] == "2026-04-19T15:00:00.000+0000"
    at_once = await console("POST", path, {"on": ""})
    assert (at_once["Activation_Type__c"], at_once["Activation_Scheduled_At__c"]) == ("Immediate", None)
    for senseless in ({}, {"on": "tomorrow"}, {"on": 1}):
        await console("POST", path, senseless)
        assert console.status == 400
    await console("POST", f"salesforce/orders/{order}/cancel")
    await console("POST", path, {"on": "2026-04-20"})
    assert console.status == 409
