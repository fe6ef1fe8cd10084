"""Products, currencies and gateways.

Source: WHMCS API reference, GetProducts, GetCurrencies, GetPaymentMethods.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox import money
from sandbox.faults import Profile
from sandbox.store import Row, Store
from sandbox.whmcs import php
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.registry import Call, action

GATEWAYS = {"stripe": "Credit Card", "banktransfer": "銀行振込 Bank Transfer", "mailin": "Konbini (Mail In Payment)"}
CYCLES = ("monthly", "quarterly", "semiannually", "annually", "biennially", "triennially")
PRODUCT_FIELDS = {1101: "Portal Reference", 1102: "OpportunityId"}
SIM_FIELDS = {1103: "Phone Number", 1104: "SIM Serial"}
ON_ORDER_FORM = ("Phone Number",)  # the technical ones are hidden, so GetProducts does not show them
NOT_SOLD = "-1.00"


def gateway_names(store: Store) -> dict[str, str]:
    """What people read for each module, in WHMCS's order."""
    changed = {row["module"]: row["displayname"] for row in store.rows("SELECT * FROM gateway_names")}
    return GATEWAYS | changed


def price_of(product: Row, cycle: str) -> int | None:
    """Net price of a cycle in hundredths, None where it is not sold. One-time products carry theirs in `monthly`."""
    if product["paytype"] == "onetime":
        return int(product["monthly"]) if cycle == "onetime" else None
    if product["paytype"] == "free":
        return 0 if cycle == "free" else None
    prices = {"monthly": product["monthly"], "annually": product["annually"] or None}
    return prices.get(cycle)


@dataclass(frozen=True, slots=True)
class ProductField:
    """A custom field of a product: the id everybody outside knows it by, and that of its values in our store."""

    id: int
    stored: int
    name: str


def product_fields(profile: Profile, product_id: int, group: str) -> list[ProductField]:
    """The hidden ones too. In WHMCS each product has ids of its own, as here where the profile says so."""
    fields = PRODUCT_FIELDS | SIM_FIELDS if group == "SIM" else PRODUCT_FIELDS
    return [
        ProductField(10 * product_id + place if profile.fields_per_product else stored, stored, name)
        for place, (stored, name) in enumerate(fields.items())
        if name not in profile.missing_fields
    ]


def kept_fields(profile: Profile, product: Row, sent: php.PhpArray) -> dict[str, str]:
    """Values to store. Ids that are no fields of this product are ignored silently [U]."""
    ids = {field.id: str(field.stored) for field in product_fields(profile, product["id"], product["groupname"])}
    return {ids[key]: str(value) for key, value in sent.items() if isinstance(key, int) and key in ids}


@action("GetProducts")
def get_products(call: Call) -> Reply:
    """Hidden products are returned like any other, pid takes a comma list. There is no paging."""
    wanted = {part.strip() for part in call.text("pid").split(",") if part.strip()}
    profile = call.world.faults.profile
    rows = [
        row
        for row in call.world.store.rows("SELECT * FROM products ORDER BY gid, id")
        if (not wanted or str(row["id"]) in wanted)
        and call.number("gid", row["gid"]) == row["gid"]
        and call.text("module") in ("", row["module"])
    ]
    return {"totalresults": len(rows), "products": Rows([_product(row, call.site, profile) for row in rows], "product")}


def _product(row: Row, site: str, profile: Profile) -> Reply:
    prices = dict.fromkeys(CYCLES, NOT_SOLD) | {"monthly": money.text(row["monthly"])}
    if row["annually"]:
        prices["annually"] = money.text(row["annually"])
    fees = {f"{cycle[0]}setupfee": "0.00" for cycle in CYCLES} | {"msetupfee": money.text(row["setup"])}
    visible = [
        {"id": field.id, "name": field.name, "description": "", "required": ""}
        for field in product_fields(profile, row["id"], row["groupname"])
        if field.name in ON_ORDER_FORM
    ]
    return {
        "pid": row["id"],
        "gid": row["gid"],
        "type": "other",
        "name": row["name"],
        "slug": row["slug"],
        "product-url": f"{site}/store/{row['groupname'].lower()}/{row['slug']}",
        "description": row["description"],
        "module": row["module"],
        "paytype": row["paytype"],
        "allowqty": 0,
        "quantity_available": 0,
        "pricing": {"JPY": {"prefix": "¥", "suffix": " JPY", **fees, **prices}},
        "customfields": Rows(visible, "customfield"),
        "configoptions": Rows([], "configoption"),
        "recommendations": [],
    }


@action("GetCurrencies")
def get_currencies(call: Call) -> Reply:
    yen = {"id": 1, "code": "JPY", "prefix": "¥", "suffix": " JPY", "format": 4, "rate": "1.00000"}
    return {"totalresults": 1, "currencies": Rows([yen], "currency")}


@action("GetPaymentMethods")
def get_payment_methods(call: Call) -> Reply:
    """Gateways, not a client's cards. `module` is what every paymentmethod parameter wants."""
    rows = [{"module": module, "displayname": name} for module, name in gateway_names(call.world.store).items()]
    return {"totalresults": len(rows), "paymentmethods": Rows(rows, "paymentmethod")}
