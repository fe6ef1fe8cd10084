"""What the portal sells: products, the standard price book and the portal's own. Prices are those of WHMCS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.seed.products import PRODUCTS

if TYPE_CHECKING:
    from sandbox.seed.accounts import Ledger

CATEGORIES = {"Internet": "Internet", "SIM": "SIM", "VPN": "VPN"}
CLASSES = {101: "Activation", 37: "Activation", 242: "Installation", 243: "Installation", 244: "Installation"}
FIXED_SKUS = {
    242: "INTERNET-INSTALL-SINGLE",
    243: "INTERNET-INSTALL-12M",
    244: "INTERNET-INSTALL-24M",
    245: "INTERNET-INSTALL-WEEKEND",
    246: "INTERNET-ADDON-HOME-PHONE",
    247: "INTERNET-ADDON-HOME-PHONE-INSTALL",
    97: "SIM-DATA-VOICE-5GB",
    98: "SIM-DATA-VOICE-10GB",
    99: "SIM-DATA-VOICE-25GB",
    100: "SIM-DATA-ONLY-50GB",
    101: "SIM-ACTIVATION-FEE",
    102: "SIM-ADDON-VOICE-MAIL",
    103: "SIM-ADDON-CALL-WAITING",
    33: "VPN-USA-SF",
    54: "VPN-UK-LONDON",
    37: "VPN-ACTIVATION-FEE",
}
REGIONS = {33: "USA-SF", 54: "UK-London"}
PAIR = (246, 247)


def catalogue(ledger: Ledger) -> None:
    """The second price book is the portal's: its id is the same on every machine."""
    standard = ledger.put("Pricebook2", Name="Standard Price Book", IsActive=True, IsStandard=True)
    portal = ledger.put("Pricebook2", Name="Portal", IsActive=True, IsStandard=False)
    made = {product["id"]: ledger.put("Product2", **_product(product)) for product in PRODUCTS}
    for _, record in ledger.records:
        if record.get("WH_Product_ID__c") in PAIR:
            other = PAIR[record["WH_Product_ID__c"] == PAIR[0]]
            record |= {"Bundled_Addon__c": made[other], "Is_Bundled_Addon__c": True}
    for product in PRODUCTS:
        shown = {"Name": product["name"], "ProductCode": _sku(product)}
        for book in (standard, portal):
            entry = {"Pricebook2Id": book, "Product2Id": made[product["id"]]}
            ledger.put("PricebookEntry", UnitPrice=product["monthly"] / 100, IsActive=True, **entry, **shown)


def _product(product: dict[str, Any]) -> dict[str, Any]:
    group, _, options = product["groupname"].partition(" ")
    item = CLASSES.get(product["id"]) or ("Add-on" if options else "Service")
    more: dict[str, Any] = {}
    if group == "Internet" and not options:
        tier, _, offering = product["name"].removeprefix("Internet ").partition(" ")
        more = {"Internet_Plan_Tier__c": tier, "Internet_Offering_Type__c": offering.strip("()")}
    elif group == "SIM" and not options:
        size = product["name"].rsplit(" ", 1)[-1]
        kind = "DataOnly" if "only" in product["name"] else "DataSmsVoice"
        more = {"SIM_Data_Size__c": size, "SIM_Plan_Type__c": kind}
    return more | {
        "Name": product["name"],
        "ProductCode": _sku(product),
        "StockKeepingUnit": _sku(product),
        "Family": CATEGORIES[group],
        "Product2Categories1__c": CATEGORIES[group],
        "IsActive": True,
        "Portal_Catalog__c": item == "Service",
        "Portal_Accessible__c": True,
        "Item_Class__c": item,
        "Billing_Cycle__c": "Onetime" if product["paytype"] == "onetime" else "Monthly",
        "Catalog_Order__c": float(product["id"]),
        "Auto_Add__c": item == "Activation",
        "VPN_Region__c": REGIONS.get(product["id"], ""),
        "WH_Product_ID__c": float(product["id"]),
        "WH_Product_Name__c": product["name"],
    }


def _sku(product: dict[str, Any]) -> str:
    fixed = FIXED_SKUS.get(product["id"])
    return fixed or product["name"].upper().replace(" ", "-").replace("(", "").replace(")", "")
