"""What the portal sells: products, the standard price book and the portal's own. Prices are net, those of WHMCS.

Some records are wrong on purpose, as they are in an org that people maintain: `odd.py` lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.seed import odd
from sandbox.seed.products import PRODUCTS

if TYPE_CHECKING:
    from sandbox.seed.accounts import Ledger

CATEGORIES = {"Internet": "Internet", "SIM": "SIM", "VPN": "VPN"}
ACTIVATIONS, INSTALLATIONS = (101, 108, 37), (242, 243, 244, 248)
AUTO_ADDED = (101, 37)
DEFAULTS = (101, 37, 242)
FIXED_SKUS = {
    242: "INTERNET-INSTALL-SINGLE",
    243: "INTERNET-INSTALL-12M",
    244: "INTERNET-INSTALL-24M",
    245: "INTERNET-INSTALL-WEEKEND",
    246: "INTERNET-ADDON-HOME-PHONE",
    247: "INTERNET-ADDON-HOME-PHONE-INSTALL",
    248: "INTERNET-INSTALL-NO-VISIT",
    249: "INTERNET-ADDON-ROUTER",
    250: "INTERNET-ADDON-FIXED-IP",
    251: "INTERNET-ADDON-FIXED-IP-INSTALL",
    252: "INTERNET-ADDON-WIFI-BOOSTER",
    253: "INTERNET-ADDON-WIFI-BOOSTER-INSTALL",
    254: "INTERNET-ADDON-REMOTE-SUPPORT",
    255: "INTERNET-ADDON-REMOTE-SUPPORT-INSTALL",
    256: "INTERNET-ADDON-TV",
    257: "INTERNET-ADDON-TV-INSTALL",
    258: "INTERNET-ADDON-NUMBER-DISPLAY",
    259: "INTERNET-ADDON-MOVING",
    97: "SIM-DATA-VOICE-5GB",
    98: "SIM-DATA-VOICE-10GB",
    99: "SIM-DATA-VOICE-25GB",
    100: "SIM-DATA-ONLY-50GB",
    104: "SIM-DATA-ONLY-5GB",
    105: "SIM-VOICE-ONLY",
    106: "SIM-DATA-VOICE-5GB-FAMILY",
    107: "SIM-DATA-VOICE-10GB-FAMILY",
    112: "SIM-DATA-ONLY-100GB",
    113: "SIM-DATA-VOICE-3GB",
    101: "SIM-ACTIVATION-FEE",
    108: "SIM-ACTIVATION-FEE-SAME-DAY",
    102: "SIM-ADDON-VOICE-MAIL",
    103: "SIM-ADDON-CALL-WAITING",
    109: "SIM-ADDON-UNLIMITED-CALLS",
    110: "SIM-ADDON-INSURANCE",
    111: "SIM-ADDON-INSURANCE-INSTALL",
    33: "VPN-USA-SF",
    54: "VPN-UK-LONDON",
    37: "VPN-ACTIVATION-FEE",
    38: "VPN-ADDON-SECOND-DEVICE",
    39: "VPN-ADDON-PROTECTION",
    40: "VPN-ADDON-PROTECTION-INSTALL",
}
REGIONS = {33: "USA-SF", 54: "UK-London"}
PAIRS = ((246, 247), (250, 251), (252, 253), (256, 257), (110, 111), (39, 40))
FAMILY = (106, 107)


def catalogue(ledger: Ledger) -> None:
    """The second price book is the portal's: its id is the same on every machine."""
    standard = ledger.put("Pricebook2", Name="Standard Price Book", IsActive=True, IsStandard=True)
    portal = ledger.put("Pricebook2", Name="Portal", IsActive=True, IsStandard=False)
    made = {product["id"]: ledger.put("Product2", **_product(product)) for product in PRODUCTS}
    links = {one: made[other] for pair in PAIRS for one, other in (pair, pair[::-1])}
    links |= {one: made[other] for one, other in odd.ONE_SIDED.items()}
    for _, record in ledger.records:
        if record.get("WH_Product_ID__c") in links:
            record |= {"Bundled_Addon__c": links[record["WH_Product_ID__c"]], "Is_Bundled_Addon__c": True}
    for product in PRODUCTS:
        price = odd.PRICES.get(product["id"], product["monthly"] / 100)
        active = product["id"] not in odd.WITHOUT_ACTIVE_PRICE
        _price(ledger, (standard, portal), made[product["id"]], product["name"], _sku(product), price, active)
    for extra in odd.ONLY_IN_SALESFORCE:
        price = extra["price"]
        product_id = ledger.put("Product2", **{name: value for name, value in extra.items() if name != "price"})
        _price(ledger, (standard, portal), product_id, extra["Name"], extra["ProductCode"], price, active=True)


def _price(
    ledger: Ledger, books: tuple[str, str], product_id: str, name: str, sku: str, price: float, active: bool
) -> None:
    for book in books:
        if book == books[0] or sku not in odd.ONLY_IN_THE_STANDARD_BOOK:
            entry = {"Pricebook2Id": book, "Product2Id": product_id, "Name": name, "ProductCode": sku}
            ledger.put("PricebookEntry", UnitPrice=float(price), IsActive=active, **entry)


def _product(product: dict[str, Any]) -> dict[str, Any]:
    pid = product["id"]
    group, _, options = product["groupname"].partition(" ")
    fee = "Activation" if pid in ACTIVATIONS else "Installation" if pid in INSTALLATIONS else ""
    item = fee or ("Add-on" if options else "Service")
    more: dict[str, Any] = {}
    if not options:
        more = {"Internet": _internet, "SIM": _sim, "VPN": _vpn}[group](product)
    return more | {
        "Name": product["name"],
        "ProductCode": _sku(product),
        "StockKeepingUnit": _sku(product),
        "Family": CATEGORIES[group],
        "Product2Categories1__c": CATEGORIES[group],
        "IsActive": pid not in odd.RETIRED,
        "Portal_Catalog__c": item == "Service" and pid not in odd.UNLISTED,
        "Portal_Accessible__c": pid not in odd.NOT_YET_ORDERABLE,
        "Item_Class__c": item,
        "Billing_Cycle__c": "Onetime" if product["paytype"] == "onetime" else "Monthly",
        "Catalog_Order__c": float(pid),
        "Is_Default__c": pid in DEFAULTS,
        "Auto_Add__c": pid in AUTO_ADDED,
        "VPN_Region__c": REGIONS.get(pid, ""),
        "WH_Product_ID__c": float(pid),
        "WH_Product_Name__c": product["name"],
    }


def _internet(product: dict[str, Any]) -> dict[str, Any]:
    tier, _, inside = product["name"].removeprefix("Internet ").partition(" ")
    offering = inside.strip("()")
    speed = offering.rpartition(" ")[2].replace("10G", "10 Gbps").replace("1G", "1 Gbps").replace("100M", "100 Mbps")
    if offering == "ADSL":
        return {"Internet_Plan_Tier__c": tier}
    facts = (f"Up to {speed}, best effort", "No minimum term", "Support in English and Japanese")
    return {
        "Internet_Plan_Tier__c": tier,
        "Internet_Offering_Type__c": offering,
        "Description": "\n".join(facts),
    }


def _sim(product: dict[str, Any]) -> dict[str, Any]:
    words = product["name"].removesuffix(" (Family)").split()
    kind = {"Data+Voice": "DataSmsVoice", "Data": "DataOnly", "Voice": "VoiceOnly"}[words[1]]
    size = words[-1] if words[-1].endswith("GB") else ""
    facts = (f"{size or 'No'} data a month", "SIM or eSIM", "Docomo network, 5G and 4G")
    return {
        "SIM_Data_Size__c": size,
        "SIM_Plan_Type__c": kind,
        "SIM_Has_Family_Discount__c": product["id"] in FAMILY,
        "Description": "\n".join(facts),
    }


def _vpn(product: dict[str, Any]) -> dict[str, Any]:
    place = product["name"].partition("(")[2].rstrip(")")
    facts = (f"Your traffic leaves in {place}", "Router sent to you, ready to use", "No minimum term")
    return {"Description": "\n".join(facts)}


def _sku(product: dict[str, Any]) -> str:
    fixed = FIXED_SKUS.get(product["id"])
    return fixed or product["name"].upper().replace(" ", "-").replace("(", "").replace(")", "")
