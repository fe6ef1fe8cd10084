"""Approved SIM orders: an eSIM with voice on a new number, unless told otherwise. No number here is anybody's."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal_app.domain.catalog import Cycle, ItemClass, ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.fulfilment import ApprovedLine, ApprovedOrder, SimWishes
from portal_app.domain.sim import PortIn
from tests.fakes.freebit import CARD, EID

ACCOUNT_ID = "001000000000001AAA"
OWNER = Customer("u-7", 7, ACCOUNT_ID)
NUMBER = "070-0000-0001"
VOICE, DATA = "SIM-DATA-VOICE-5GB", "SIM-DATA-ONLY-5GB"
MOVING = PortIn(
    "1200000001",
    date(2026, 4, 25),
    "07000000009",
    "試験",
    "太郎",
    "テスト",
    "タロウ",
    "male",
    date(1990, 4, 1),
)


def a_line(**changed: Any) -> ApprovedLine:
    """The plan."""
    line = ApprovedLine(
        1, "802000000000001AAA", "SIM 5GB", VOICE, ItemClass.SERVICE, Decimal(1), Decimal(1500), Cycle.MONTHLY, 97
    )
    return replace(line, **changed)


FEE = a_line(
    number=2,
    salesforce_item_id="802000000000002AAA",
    sku="SIM-ACTIVATION-FEE",
    item_class=ItemClass.ACTIVATION,
    cycle=Cycle.ONETIME,
    whmcs_product_id=101,
)


def a_sim_order(sim: SimWishes | None = None, *, sku: str = VOICE, sim_use: str = "", **changed: Any) -> ApprovedOrder:
    order = ApprovedOrder(
        salesforce_order_id="801000000000001AAA",
        number="00000001",
        salesforce_account_id=ACCOUNT_ID,
        line=ProductLine.SIM,
        status="Approved",
        activation="Activating",
        error_code="",
        from_portal=True,
        salesforce_opportunity_id="",
        starts_on=None,
        whmcs_order_id="",
        lines=(a_line(sku=sku, sim_use=sim_use), FEE),
        sim=sim or an_esim(),
    )
    return replace(order, **changed)


def an_esim(**changed: Any) -> SimWishes:
    return replace(SimWishes(form="esim", eid=EID, phone_number=NUMBER), **changed)


def a_card(**changed: Any) -> SimWishes:
    return replace(SimWishes(form="physical", product_number=CARD, phone_number=NUMBER), **changed)


def moving(wishes: SimWishes, **changed: Any) -> SimWishes:
    """The same, with a number taken along instead of a new one."""
    return replace(wishes, phone_number="", port_in=replace(MOVING, **changed))
