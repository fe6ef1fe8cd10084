"""The planted catalogue as the portal reads it."""

from portal_app.domain.catalog import ItemClass, Problem, ProductLine
from sandbox.salesforce.objects import OBJECTS
from tests.integrations.salesforce.selling.staff import BOOK, staff


async def test_the_planted_catalogue_is_read_and_its_oddities_are_told(book):
    catalog = (await book.get_catalog()).catalog
    assert {(p.sku, p.code, p.detail) for p in catalog.problems} == {
        ("INTERNET-ADDON-REMOTE-SUPPORT", "pair_one_sided", "INTERNET-ADDON-REMOTE-SUPPORT-INSTALL"),
        ("INTERNET-ADDON-TV-INSTALL", "pair_gone", ""),
        ("VPN-GLOBAL", "no_whmcs_product", ""),
    }
    assert len(catalog.items) >= 40 and all(item.whmcs_product_id for item in catalog.items)
    skus = {item.sku for item in catalog.items}
    assert not skus & {"INTERNET-SILVER-ADSL", "INTERNET-ADDON-TV", "INTERNET-ADDON-MOVING", "VPN-ADDON-LABEL"}
    assert len(catalog.plans(ProductLine.INTERNET)) == 10 and len(catalog.plans(ProductLine.VPN)) == 2
    assert len(catalog.plans(ProductLine.SIM, family=True)) - len(catalog.plans(ProductLine.SIM)) == 2
    assert not catalog.find("SIM-DATA-ONLY-100GB").orderable and not catalog.find("SIM-DATA-VOICE-3GB").listed
    for line, fee in ((ProductLine.SIM, "SIM-ACTIVATION-FEE"), (ProductLine.VPN, "VPN-ACTIVATION-FEE")):
        assert catalog.activation_fee(catalog.plans(line)[0]).sku == fee


async def test_every_planted_pair_is_one_choice_of_a_monthly_and_a_onetime_item(book):
    catalog = (await book.get_catalog()).catalog
    lines = (ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN)
    pairs = {(item.sku, partner.sku) for line in lines for item, partner in catalog.add_ons(line) if partner}
    assert pairs == {
        ("INTERNET-ADDON-HOME-PHONE", "INTERNET-ADDON-HOME-PHONE-INSTALL"),
        ("INTERNET-ADDON-FIXED-IP", "INTERNET-ADDON-FIXED-IP-INSTALL"),
        ("INTERNET-ADDON-WIFI-BOOSTER", "INTERNET-ADDON-WIFI-BOOSTER-INSTALL"),
        ("SIM-ADDON-INSURANCE", "SIM-ADDON-INSURANCE-INSTALL"),
        ("VPN-ADDON-PROTECTION", "VPN-ADDON-PROTECTION-INSTALL"),
    }
    terms = {item.sku: item.months for item in catalog.of(ProductLine.INTERNET, ItemClass.INSTALLATION)}
    assert terms["INTERNET-INSTALL-12M"] == 12 and terms["INTERNET-INSTALL-24M"] == 24


async def test_a_changed_price_is_seen_after_the_copy_is_cleared_and_at_once_by_an_order(book, sandbox):
    before = (await book.get_catalog()).catalog.find("VPN-USA-SF").unit_price
    await staff(sandbox, "prices", {"sku": "VPN-USA-SF", "price": 2600})
    assert (await book.get_catalog()).catalog.find("VPN-USA-SF").unit_price == before == 2500
    assert (await book.read_now()).find("VPN-USA-SF").unit_price == 2600
    await book.clear()
    assert (await book.get_catalog()).catalog.find("VPN-USA-SF").unit_price == 2600


async def test_what_staff_break_disappears_with_its_other_half(book, sandbox):
    await staff(sandbox, "prices", {"sku": "SIM-ADDON-INSURANCE-INSTALL", "active": False})
    await staff(sandbox, "prices", {"sku": "SIM-VOICE-ONLY", "price": 1000.5})
    problems = (await book.get_catalog()).catalog.problems
    assert Problem("SIM-ADDON-INSURANCE", "pair_gone") in problems
    assert Problem("SIM-VOICE-ONLY", "unreadable", "unit_price") in problems


async def test_a_book_of_more_than_one_page_is_read_whole(book, sandbox):
    records, store = sandbox.world.salesforce.records, sandbox.world.store
    entry = records.having(OBJECTS["PricebookEntry"], "Pricebook2Id", BOOK)[0]
    product = records.get(OBJECTS["Product2"], entry["Product2Id"])
    with store.transaction():
        for number in range(2000):
            values = {name: value for name, value in product.items() if name != "Id"}
            made = records.insert(OBJECTS["Product2"], values | {"StockKeepingUnit": f"SIM-MANY-{number:04d}"})
            values = {name: value for name, value in entry.items() if name != "Id"}
            records.insert(OBJECTS["PricebookEntry"], values | {"Product2Id": made["Id"]})
    catalog = (await book.get_catalog()).catalog
    assert len([item for item in catalog.items if item.sku.startswith("SIM-MANY-")]) == 2000


async def test_without_salesforce_the_catalogue_still_shows_with_its_time(book, sandbox):
    first = await book.get_catalog()
    sandbox.world.faults.add("salesforce", "*", "down", None, None)
    await book.clear()
    found = await book.get_catalog()
    assert (found.stale, found.as_of) == (True, first.as_of) and found.catalog == first.catalog
