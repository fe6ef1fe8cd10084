"""A small catalogue of all three lines, and builders of its parts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal_app.domain.cart import Cart, InternetChoice, SimChoice
from portal_app.domain.catalog import Catalog, Cycle, Item, ItemClass, ProductLine, checked
from portal_app.domain.checkout import Standing
from portal_app.domain.eligibility import Eligibility, EligibilityState

TODAY = date(2026, 4, 15)
EID = "89049032123451234512345678901235"
INTERNET, SIM, VPN = ProductLine.INTERNET, ProductLine.SIM, ProductLine.VPN
SERVICE, INSTALL, ADD_ON, FEE = ItemClass.SERVICE, ItemClass.INSTALLATION, ItemClass.ADD_ON, ItemClass.ACTIVATION
ONCE = Cycle.ONETIME


def an_item(sku: str, price: int = 1000, **changed: Any) -> Item:
    """An orderable monthly plan, unless told otherwise. Its ids follow from the SKU."""
    values: dict[str, Any] = {
        "salesforce_product_id": f"product:{sku}",
        "salesforce_price_id": f"price:{sku}",
        "sku": sku,
        "name": sku.replace("-", " ").title(),
        "line": ProductLine(sku.split("-")[0].lower()),
        "item_class": SERVICE,
        "cycle": Cycle.MONTHLY,
        "unit_price": Decimal(price),
        "whmcs_product_id": 1,
        "position": 1,
        "listed": True,
        "orderable": True,
    }
    return Item(**(values | changed))


def a_pair(monthly: str, once: str, price: int = 450, work: int = 1000, **changed: Any) -> tuple[Item, Item]:
    """An add-on and its installation, as they should be."""
    common = {"item_class": ADD_ON, "listed": False, "is_paired": True} | changed
    return (
        an_item(monthly, price, partner_id=f"product:{once}", **common),
        an_item(once, work, partner_id=f"product:{monthly}", cycle=ONCE, **common),
    )


def items() -> list[Item]:
    return [
        an_item("INTERNET-GOLD-HOME-1G", 5800, offering="Home 1G", tier="Gold"),
        an_item("INTERNET-GOLD-HOME-10G", 7800, offering="Home 10G", tier="Gold"),
        an_item("INTERNET-GOLD-APARTMENT-1G", 5300, offering="Apartment 1G", tier="Gold"),
        an_item("INTERNET-INSTALL-SINGLE", 22000, item_class=INSTALL, cycle=ONCE, listed=False),
        an_item("INTERNET-INSTALL-12M", 1833, item_class=INSTALL, listed=False),
        an_item("INTERNET-INSTALL-24M", 916, item_class=INSTALL, listed=False),
        an_item("INTERNET-INSTALL-NO-VISIT", 3000, item_class=INSTALL, cycle=ONCE, listed=False),
        an_item("INTERNET-INSTALL-WEEKEND", 3000, item_class=ADD_ON, cycle=ONCE, listed=False),
        an_item("INTERNET-ADDON-ROUTER", 500, item_class=ADD_ON, listed=False),
        *a_pair("INTERNET-ADDON-HOME-PHONE", "INTERNET-ADDON-HOME-PHONE-INSTALL"),
        an_item("SIM-VOICE-5GB", 1500, sim_use="DataSmsVoice", data_size="5GB", position=1),
        an_item("SIM-DATA-50GB", 4500, sim_use="DataOnly", data_size="50GB", position=2),
        an_item("SIM-VOICE-5GB-FAMILY", 1200, sim_use="DataSmsVoice", family_discount=True, position=3),
        an_item("SIM-DATA-100GB", 7000, sim_use="DataOnly", orderable=False, position=4),
        an_item("SIM-VOICE-3GB", 1100, sim_use="DataSmsVoice", listed=False, position=5),
        an_item("SIM-FEE", 1500, item_class=FEE, cycle=ONCE, listed=False, auto_add=True, is_default=True),
        an_item("SIM-FEE-SAME-DAY", 3000, item_class=FEE, cycle=ONCE, listed=False, position=0),
        an_item("SIM-ADDON-VOICE-MAIL", 300, item_class=ADD_ON, listed=False),
        an_item("VPN-USA-SF", 2500, region="USA-SF"),
        an_item("VPN-FEE", 3000, item_class=FEE, cycle=ONCE, listed=False, auto_add=True),
    ]


def a_catalog(*more: Item) -> Catalog:
    return checked([*items(), *more])


def a_standing(**changed: Any) -> Standing:
    """Of somebody with whom all is well."""
    values: dict[str, Any] = {
        "linked": True,
        "terms_version": "2026-04",
        "today": TODAY,
        "payment_method": True,
        "address_key": "渋谷1-2-3",
        "eligibility": Eligibility(EligibilityState.ELIGIBLE, "Home 1G"),
        "document": "submitted",
        "internet_here": False,
        "sim_active": False,
        "open_order": False,
    }
    return Standing(**(values | changed))


def a_cart(line: ProductLine, **changed: Any) -> Cart:
    """Complete, of the line's first plan."""
    plan = {INTERNET: "INTERNET-GOLD-HOME-1G", SIM: "SIM-VOICE-5GB", VPN: "VPN-USA-SF"}[line]
    values: dict[str, Any] = {
        "plan": plan,
        "terms_version": "2026-04",
        "terms_at": datetime(2026, 4, 15, 3, 0),
    }
    if line is INTERNET:
        values["internet"] = an_internet_choice()
    if line is SIM:
        values["sim"] = a_sim_choice()
    return Cart(line, **(values | changed))


def an_internet_choice(**changed: Any) -> InternetChoice:
    values = {
        "access_mode": "IPoE-HGW",
        "installation": "INTERNET-INSTALL-SINGLE",
        "address_confirmed": "渋谷1-2-3",
    }
    return InternetChoice(**(values | changed))


def a_sim_choice(**changed: Any) -> SimChoice:
    values = {"form": "esim", "eid": EID, "phone_ready": True, "start": "immediate"}
    return SimChoice(**(values | changed))
