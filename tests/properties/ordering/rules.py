"""The rules of ordering, read from the raw tables and from the outside. Each gives what breaks it."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from portal_app.domain.catalog import ProductLine
from portal_app.domain.offering import refusal
from portal_app.integrations.salesforce.order_header import TYPES
from tests.properties.ordering.moments import GOOD_DOCUMENTS, Moment, Submit

if TYPE_CHECKING:
    from tests.properties.ordering.story import Story

SERVICES: Final = ("INTERNET-GOLD", "SIM-DATA", "VPN-U")
FEES: Final = {ProductLine.SIM: "SIM-ACTIVATION-FEE", ProductLine.VPN: "VPN-ACTIVATION-FEE"}
OFFERING_OF: Final = {"INTERNET-GOLD-HOME-1G": "Home 1G", "INTERNET-GOLD-APARTMENT-1G": "Apartment 1G"}
ENDED: Final = ("Cancelled", "Rejected")
REPEATING: Final = ("crash", "commit_fails", "stalls")
LIVE: Final = ("OPEN", "PLACING", "UNSURE")


class Tables:
    """Rows as they are on disk."""

    def __init__(self, file: Path) -> None:
        connection = sqlite3.connect(file)
        connection.row_factory = sqlite3.Row
        try:
            self.carts = self._all(connection, "carts")
            self.outbox = self._all(connection, "outbox")
        finally:
            connection.close()

    def _all(self, connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


def always(story: "Story", file: Path) -> Iterator[str]:
    """What holds after every step, in the middle of everything."""
    tables = Tables(file)
    orders = story.town.orders()
    carts = story.note_carts(tables.carts)
    yield from _one_order_each(orders, carts)
    yield from _one_open_order(orders)
    for order in orders:
        yield from _order(story, order)
    by_key = {order["Idempotency_Key__c"]: order for order in orders}
    for cart in tables.carts:
        yield from _cart(cart, by_key.get(cart["order_key"]))


def at_rest(story: "Story", file: Path) -> Iterator[str]:
    """What holds when nothing is left to be done."""
    yield from always(story, file)
    yield from unfinished(file)
    tables, orders = Tables(file), story.town.orders()
    placed = {cart["order_key"]: cart for cart in tables.carts if cart["state"] == "PLACED"}
    for order in orders:
        if order["Idempotency_Key__c"] not in placed:
            yield f"order {order['OrderNumber']} is there and its cart does not know"
    for cart in tables.carts:
        if cart["state"] == "UNSURE":
            yield f"a cart stayed unsure: {cart['error_code']}"
    numbers = {order["Id"] for order in orders}
    for submit in story.submits:
        if submit.outcome == "placed" and submit.order_id not in numbers:
            yield "an order was promised that is not there"
    yield from _mails(story, orders, placed)
    yield from _opportunities(story, orders)


def unfinished(file: Path) -> list[str]:
    """Work that is still due."""
    tables = Tables(file)
    moving = [cart["state"] for cart in tables.carts if cart["state"] in ("PLACING", "UNSURE")]
    waiting = [row["kind"] for row in tables.outbox if row["sent_at"] is None and row["gave_up_at"] is None]
    return [f"left unfinished: {what}" for what in (*moving, *waiting)]


def _one_order_each(orders: list[dict[str, Any]], carts: dict[str, str]) -> Iterator[str]:
    """`carts`: the cart that ever had a key."""
    for key, times in Counter(order["Idempotency_Key__c"] for order in orders).items():
        if times > 1:
            yield f"{times} orders with the key {key}"
        if key not in carts:
            yield f"an order has the key {key}, which no cart ever had"
    for cart_id, times in Counter(carts.get(order["Idempotency_Key__c"]) for order in orders).items():
        if cart_id is not None and times > 1:
            yield f"{times} orders of one cart"


def _one_open_order(orders: list[dict[str, Any]]) -> Iterator[str]:
    """Somebody who ordered waits for staff before ordering the same once more."""
    waiting = Counter((one["AccountId"], one["Type"]) for one in orders if one["Status"] == "Pending Review")
    yield from (f"{times} open orders of {kind}" for (_, kind), times in waiting.items() if times > 1)


def _order(story: "Story", order: dict[str, Any]) -> Iterator[str]:
    number, key, lines = order["OrderNumber"], order["Idempotency_Key__c"], order["lines"]
    submits = [one for one in story.submits if one.order_key == key and one.account_id == order["AccountId"]]
    skus = [sku for sku, _, _ in lines]
    if sum(sku.startswith(SERVICES) for sku in skus) != 1 or len(set(skus)) != len(skus):
        yield f"order {number} has the lines {skus}"
    if any(quantity != 1 for _, _, quantity in lines):
        yield f"order {number} has quantities"
    if not submits:
        yield f"order {number} was submitted by nobody of its account"
        return
    line = submits[-1].line
    if order["Type"] != TYPES[line]:
        yield f"order {number} is of another line"
    if (fee := FEES.get(line)) and fee not in skus:
        yield f"order {number} is without its activation fee"
    held = [(submit, moment) for submit in submits for moment in story.town.moments.during(submit)]
    prices = {sku: price for sku, price, _ in lines}
    if _street(order) not in {one.street for one in submits}:
        yield f"order {number} goes to {_street(order)}, which was not shown"
    if not any(_agrees(prices, submit, moment) for submit, moment in held):
        yield f"order {number} has prices that were not those of the price book at submit: {_said(prices)}"
    yield from _gates(order, prices, held)


def _agrees(prices: dict[str, Decimal], submit: Submit, moment: Moment) -> bool:
    """On the screen and in the book, the same lines at the same prices."""
    return prices == submit.shown and all(moment.prices.get(sku) == price for sku, price in prices.items())


def _gates(order: dict[str, Any], prices: dict[str, Decimal], held: list[tuple[Submit, Moment]]) -> Iterator[str]:
    """Nothing was ordered that was not allowed at any time of a submit."""
    number, account = order["OrderNumber"], order["AccountId"]
    people = [moment.people[account] for _, moment in held]
    if not any(one.card for one in people):
        yield f"order {number} was placed without a payment method"
    if order["Type"] == "SIM" and not any(one.document in GOOD_DOCUMENTS for one in people):
        yield f"order {number} was placed without a document"
    if order["Type"] == "Internet":
        plan = next(OFFERING_OF[sku] for sku in prices if sku in OFFERING_OF)
        checked = [one for one in people if not refusal(plan, one.offering)]
        if not checked:
            yield f"order {number} was placed where it cannot be had"
        elif not any(one.checked == _street(order) for one in checked):
            yield f"order {number} goes to {_street(order)}, which nobody checked"
    if not any(one.street == _street(order) for one in people):
        yield f"order {number} goes to {_street(order)}, where nobody lived"


def _cart(cart: dict[str, Any], order: dict[str, Any] | None) -> Iterator[str]:
    if cart["state"] == "OPEN" and order is not None:
        yield f"order {order['OrderNumber']} is there and its cart may be ordered again"
    if cart["state"] == "DROPPED" and order is not None:
        yield f"order {order['OrderNumber']} is there and its cart was dropped"
    if cart["state"] == "PLACED" and (order is None or order["Id"] != cart["salesforce_order_id"]):
        yield "a cart is placed and its order is another one or none"
    if cart["state"] == "PLACED" and (cart["payload_sealed"] or cart["draft_sealed"]):
        yield "a placed cart keeps what was chosen"


def _mails(story: "Story", orders: list[dict[str, Any]], placed: dict[str, Any]) -> Iterator[str]:
    """One for each order; the same one twice only where a process died or stood still in between."""
    mails = [mail for mail in story.mails if mail["template"] == "order_placed"]
    interrupted = sum(kind.startswith(REPEATING) for kind in story.troubles.struck)
    for reference, times in Counter(mail["reference"] for mail in mails).items():
        if times > 1 + interrupted:
            yield f"mail {reference} was sent {times} times"
    if len({mail["reference"] for mail in mails}) != len(orders):
        yield f"{len({mail['reference'] for mail in mails})} mails about {len(orders)} orders"


def _opportunities(story: "Story", orders: list[dict[str, Any]]) -> Iterator[str]:
    kept = {row["Id"]: row for row in story.market.records("Opportunity")}
    for order in orders:
        opportunity = kept.get(order.get("OpportunityId", ""))
        if opportunity is None or opportunity["AccountId"] != order["AccountId"]:
            yield f"order {order['OrderNumber']} has no opportunity of its account"
    live = [order.get("OpportunityId") for order in orders if order["Status"] not in ENDED]
    if len(set(live)) != len(live):
        yield "two orders share an opportunity"


def _street(order: dict[str, Any]) -> str:
    return str(order.get("BillingStreet", "")).partition("\n")[0]


def _said(prices: dict[str, Decimal]) -> str:
    return ", ".join(f"{sku} {price}" for sku, price in sorted(prices.items()))
