"""Orders as they stand in Salesforce once customers have placed them, and what staff do with them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

from portal_app.domain.customer import Customer
from sandbox.config import DEMO_SF_PRICEBOOK_ID
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS
from sandbox.world import World

Kind = Literal["internet", "vpn", "esim", "card", "port_in"]
KINDS: Final[tuple[Kind, ...]] = ("internet", "vpn", "esim", "card", "port_in")
SIMS: Final = ("esim", "card", "port_in")
TYPES: Final = {"internet": "Internet", "vpn": "VPN"}
SKUS: Final[dict[str, tuple[str, ...]]] = {
    "internet": ("INTERNET-GOLD-HOME-1G", "INTERNET-INSTALL-SINGLE", "INTERNET-ADDON-HOME-PHONE"),
    "vpn": ("VPN-USA-SF", "VPN-ACTIVATION-FEE"),
    "esim": ("SIM-DATA-VOICE-5GB", "SIM-ACTIVATION-FEE"),
    "card": ("SIM-DATA-ONLY-50GB", "SIM-ACTIVATION-FEE", "SIM-ADDON-INSURANCE"),
    "port_in": ("SIM-DATA-VOICE-5GB", "SIM-ACTIVATION-FEE"),
}
_EID_STEM: Final = "8904903212345123451234"


@dataclass(frozen=True)
class Placed:
    """One order. `account`: Freebit's number of its line, "" for no SIM. `lines`: item id -> WHMCS product."""

    kind: Kind
    customer: Customer
    order_id: str
    opportunity_id: str
    lines: dict[str, int]
    prices: dict[str, int] = field(repr=False, default_factory=dict)
    account: str = ""
    eid: str = ""
    product_number: str = ""

    @property
    def is_sim(self) -> bool:
        return self.kind in SIMS

    @property
    def ids(self) -> set[str]:
        """Every Salesforce id that is of this order alone."""
        return {self.order_id, self.opportunity_id, *self.lines}


def place(world: World, kind: Kind, customer: Customer, number: int) -> Placed:
    """As the portal's checkout leaves it: waiting for staff. `number`: another one for each order of a world."""
    records, store = world.salesforce.records, world.store
    account, eid, product_number, sim = _sim(world, kind, number)
    with store.transaction():
        opportunity = {
            "Name": f"{customer.user_id} - {TYPES.get(kind, 'SIM')} inquiry",
            "AccountId": customer.salesforce_account_id,
            "StageName": "Post Processing",
            "CloseDate": world.clock.today().isoformat(),
        }
        opportunity_id = dml.create(records, OBJECTS["Opportunity"], opportunity)
        header = {
            "AccountId": customer.salesforce_account_id,
            "EffectiveDate": world.clock.today().isoformat(),
            "Status": "Pending Review",
            "Pricebook2Id": DEMO_SF_PRICEBOOK_ID,
            "OpportunityId": opportunity_id,
            "Type": TYPES.get(kind, "SIM"),
            "Idempotency_Key__c": f"order-key-{number:08d}",
            "Activation_Status__c": "Not Started",
            "Activation_Type__c": "Immediate",
            **sim,
        }
        order_id = dml.create(records, OBJECTS["Order"], header)
        lines = {}
        prices = {}
        for at, sku in enumerate(SKUS[kind], start=1):
            item_id, product_id, price = _line(world, order_id, sku, f"order-key-{number:08d}:{at}")
            lines[item_id], prices[item_id] = product_id, price
    return Placed(kind, customer, order_id, opportunity_id, lines, prices, account, eid, product_number)


def approve(world: World, placed: Placed) -> None:
    """Staff say yes, again after a failure, too; the organisation's flow clears the error."""
    no_error = dict.fromkeys(("Activation_Error_Code__c", "Activation_Error_Message__c"))
    change(world, "Order", placed.order_id, Status="Approved", Activation_Status__c="Activating", **no_error)


def cancel(world: World, placed: Placed) -> None:
    """Staff call it off."""
    change(world, "Order", placed.order_id, Status="Cancelled")


def change(world: World, name: str, record_id: str, **values: Any) -> None:
    """As staff do, under the rules of the API."""
    with world.store.transaction():
        dml.update(world.salesforce.records, OBJECTS[name], record_id, values)


def record(world: World, name: str, record_id: str) -> dict[str, Any]:
    """One live record of Salesforce."""
    found = world.salesforce.records.live(OBJECTS[name], record_id)
    assert found is not None
    return found


def _line(world: World, order_id: str, sku: str, key: str) -> tuple[str, int, int]:
    records = world.salesforce.records
    entries = records.having(OBJECTS["PricebookEntry"], "Pricebook2Id", DEMO_SF_PRICEBOOK_ID)
    entry = next(one for one in entries if one["ProductCode"] == sku)
    product = records.live(OBJECTS["Product2"], entry["Product2Id"]) or {}
    item = {
        "OrderId": order_id,
        "PricebookEntryId": entry["Id"],
        "Quantity": 1,
        "UnitPrice": entry["UnitPrice"],
        "Line_Key__c": key,
        "Billing_Cycle__c": product["Billing_Cycle__c"],
    }
    item_id = dml.create(records, OBJECTS["OrderItem"], item)
    return item_id, int(product["WH_Product_ID__c"]), int(entry["UnitPrice"])


def _sim(world: World, kind: Kind, number: int) -> tuple[str, str, str, dict[str, Any]]:
    """Freebit's number, EID, product number; and the order's fields about it."""
    if kind not in SIMS:
        return "", "", "", {}
    account = f"0701{number:07d}" if kind != "port_in" else f"0803{1000000 + number:07d}"
    eid = an_eid(number) if kind != "card" else ""
    product_number = f"AX{number:013d}" if kind == "card" else ""
    fields: dict[str, Any] = {
        "SIM_Type__c": "Physical SIM" if kind == "card" else "eSIM",
        "SIM_Phone_Number__c": account if kind != "port_in" else None,
        "EID__c": eid or None,
        "SIM_Product_Number__c": product_number or None,
    }
    if kind == "port_in":
        fields |= {
            "MNP_Application__c": True,
            "MNP_Reservation_Number__c": f"12{number:08d}",
            "MNP_Expiry_Date__c": (world.clock.today() + timedelta(days=10)).isoformat(),
            "MNP_Phone_Number__c": account,
            "Porting_First_Name__c": "太郎",
            "Porting_Last_Name__c": "試験",
            "Porting_First_Name_Katakana__c": "タロウ",
            "Porting_Last_Name_Katakana__c": "テスト",
            "Porting_Gender__c": "Male",
            "Porting_DateOfBirth__c": "1990-04-01",
        }
    return account, eid, product_number, fields


def an_eid(number: int) -> str:
    """32 digits whose number leaves 1 when divided by 97."""
    stem = f"{_EID_STEM}{number:08d}"
    return f"{stem}{98 - int(stem + '00') % 97:02d}"
