"""Records of the catalogue that a shop has to cope with. Keys are WHMCS product ids."""

from __future__ import annotations

from typing import Any

ONE_SIDED = {254: 255}  # 254 points at its set-up work, which does not point back
RETIRED = (191, 256)  # 257, the work of 256, is still sold and points at a product that is not
UNLISTED = (113,)  # a Service that may be ordered and is not shown
NOT_YET_ORDERABLE = (112,)  # shown, and not to be ordered
PRICES = {258: 450.0}  # WHMCS says 400
WITHOUT_ACTIVE_PRICE = (259,)
ONLY_IN_THE_STANDARD_BOOK = ("VPN-ADDON-LABEL",)


def _extra(sku: str, name: str, line: str, item: str, cycle: str, price: float, **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "ProductCode": sku,
        "StockKeepingUnit": sku,
        "Family": line,
        "Product2Categories1__c": line,
        "IsActive": True,
        "Portal_Catalog__c": item == "Service",
        "Portal_Accessible__c": True,
        "Item_Class__c": item,
        "Billing_Cycle__c": cycle,
        "price": price,
        **more,
    }


ONLY_IN_SALESFORCE: list[dict[str, Any]] = [
    _extra("VPN-GLOBAL", "VPN Router Global", "VPN", "Service", "Monthly", 3200, VPN_Region__c="Global"),
    # WHMCS has no product 999.
    _extra("SIM-ADDON-PAPER-BILL", "Paper bill", "SIM", "Add-on", "Monthly", 200, WH_Product_ID__c=999.0),
    _extra("VPN-ADDON-LABEL", "Return label", "VPN", "Add-on", "Onetime", 700, WH_Product_ID__c=37.0),
]
