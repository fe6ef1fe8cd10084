"""Carts in the states that tests start from."""

from dataclasses import replace
from datetime import date
from typing import Any

from portal_app.domain.cart import Cart, SimChoice
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.domain.sim import PortIn
from portal_app.storage.carts import OPEN, PLACING, CartRecord, Carts

SIM = ProductLine.SIM
EID = "89049032000001000000000000000012"
PLAN = Cart(SIM, "SIM-5G-VOICE")
OTHER_PLAN = Cart(SIM, "SIM-10G-VOICE")
FILLED = replace(
    PLAN,
    add_ons=("SIM-CALL-A", "SIM-CALL-B"),
    sim=SimChoice(
        form="esim",
        eid=EID,
        phone_ready=True,
        start="scheduled",
        start_on=date(2026, 2, 1),
        port_in=PortIn("1234567890", date(2026, 1, 25), "09012345678", "山田", "花子", "ヤマダ", "ハナコ", "female"),
    ),
)


async def held(carts: Carts, customer: Customer, state: str = PLACING, cart: Cart = FILLED, **noted: Any) -> CartRecord:
    """A cart of that state, moved there by whoever took it."""
    kept = await carts.save(customer, cart, version=None)
    record = await carts.take(customer, cart.line, version=kept.version, order_key=kept.order_key)
    assert record is not None
    return record if state == PLACING and not noted else await carts.step(record, state, **noted)


async def opened_again(carts: Carts, record: CartRecord) -> CartRecord:
    """The cart after surely nothing came of it."""
    return await carts.step(record, OPEN, error_code="checkout.not_placed")
