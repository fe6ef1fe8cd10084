"""What somebody has chosen, and how choices go together. Nothing here is a price: those are read when they are needed.

A cart is about one product line. Choosing another plan begins anew, so that no answer to another plan's question stays.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Final, Literal

from portal_app.domain.catalog import Catalog, Cycle, Item, ItemClass, ProductLine
from portal_app.domain.pricing import Charge
from portal_app.domain.sim import PortIn, SimForm, StartKind

AccessMode = Literal["", "IPoE-BYOR", "IPoE-HGW", "PPPoE"]
ACCESS_MODES: Final[tuple[AccessMode, ...]] = ("IPoE-BYOR", "IPoE-HGW", "PPPoE")


class CartRefused(Exception):
    """This cannot be chosen. `reason` is a key into `text`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class InternetChoice:
    """`wishes`: up to three days for the installation, the dearest first."""

    access_mode: AccessMode = ""
    installation: str = ""
    weekend: bool = False
    wishes: tuple[date, ...] = ()
    address_confirmed: str = ""  # the key of the address that was confirmed, see eligibility.address_key


@dataclass(frozen=True, slots=True)
class SimChoice:
    """`phone_ready`: the customer said the phone is SIM-free and takes an eSIM."""

    form: SimForm = ""
    eid: str = ""
    phone_ready: bool = False
    start: StartKind = ""
    start_on: date | None = None
    port_in: PortIn | None = None


@dataclass(frozen=True, slots=True)
class Cart:
    """SKUs and answers. `add_ons` holds both halves of a pair, in order of SKU, and no fees that add themselves."""

    line: ProductLine
    plan: str = ""
    add_ons: tuple[str, ...] = ()
    internet: InternetChoice = field(default_factory=InternetChoice)
    sim: SimChoice = field(default_factory=SimChoice)
    terms_version: str = ""
    terms_at: datetime | None = None

    def key(self) -> str:
        """SHA-256 in hex, the same for two carts that would make the same order. The terms do not count."""
        held = asdict(replace(self, terms_version="", terms_at=None))
        text = json.dumps(held, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of the order this cart makes. `automatic`: it came by itself and cannot be taken out alone."""

    item: Item
    automatic: bool = False
    quantity: int = 1


def choose_plan(cart: Cart | None, catalog: Catalog, sku: str) -> Cart:
    """A cart with that plan and, when it is another one, nothing else. Raises: CartRefused."""
    plan = _item(catalog, sku)
    if plan.item_class is not ItemClass.SERVICE:
        raise CartRefused("cart.unknown_item")
    if cart is not None and (cart.line, cart.plan) == (plan.line, plan.sku):
        return cart
    return Cart(plan.line, plan.sku)


def choose_installation(cart: Cart, catalog: Catalog, sku: str) -> Cart:
    """Exactly one kind of installation; without a visit there is no weekend either. Raises: CartRefused."""
    item = _item(catalog, sku)
    if item.item_class is not ItemClass.INSTALLATION or item.line is not cart.line:
        raise CartRefused("cart.unknown_item")
    weekend = cart.internet.weekend and item.needs_visit
    return replace(cart, internet=replace(cart.internet, installation=sku, weekend=weekend))


def choose_day(cart: Cart, catalog: Catalog, *, weekend: bool) -> Cart:
    """Whether the technician is to come on a weekend or holiday, for a fee. Raises: CartRefused."""
    installation = catalog.find(cart.internet.installation)
    if weekend and (installation is None or not installation.needs_visit or _weekend_fee(catalog) is None):
        raise CartRefused("cart.no_weekend")
    return replace(cart, internet=replace(cart.internet, weekend=weekend))


def add(cart: Cart, catalog: Catalog, sku: str) -> Cart:
    """With that add-on, and with what it goes together with. Twice is once. Raises: CartRefused."""
    item, plan = _item(catalog, sku), catalog.find(cart.plan)
    if item.item_class is not ItemClass.ADD_ON or item.line is not cart.line:
        raise CartRefused("cart.unknown_item")
    if plan is None:
        raise CartRefused("cart.plan_first")
    if item.is_weekend_fee:
        return choose_day(cart, catalog, weekend=True)
    if item.needs_voice and not plan.has_voice:
        raise CartRefused("cart.needs_voice")
    partner = catalog.partner(item)
    both = {item.sku} | ({partner.sku} if partner else set())
    return replace(cart, add_ons=tuple(sorted({*cart.add_ons, *both})))


def remove(cart: Cart, catalog: Catalog, sku: str) -> Cart:
    """Without that add-on and what came with it; what is not there stays away.

    The one-time half of a pair, a fee and the plan cannot go alone. Raises: CartRefused.
    """
    item = catalog.find(sku)
    if item is not None and item.is_weekend_fee:
        return choose_day(cart, catalog, weekend=False)
    if any(line.item.sku == sku and line.automatic for line in lines(cart, catalog)):
        raise CartRefused("cart.goes_with_another")
    if sku in (cart.plan, cart.internet.installation) and sku:
        raise CartRefused("cart.choose_another")
    partner = catalog.partner(item) if item else None
    gone = {sku, partner.sku if partner else sku}
    return replace(cart, add_ons=tuple(one for one in cart.add_ons if one not in gone))


def lines(cart: Cart, catalog: Catalog) -> tuple[CartLine, ...]:
    """The lines of the order, each item once: plan, fees, installation, add-ons. What is no longer sold is left out."""
    found: dict[str, CartLine] = {}
    for item, automatic in _chosen(cart, catalog):
        if item is not None and item.orderable:
            found.setdefault(item.sku, CartLine(item, automatic))
            partner = catalog.partner(item)
            if partner is not None and partner.orderable and partner.sku not in found:
                found[partner.sku] = CartLine(partner, automatic=True)
    return tuple(found.values())


def _chosen(cart: Cart, catalog: Catalog) -> list[tuple[Item | None, bool]]:
    plan, installation = catalog.find(cart.plan), catalog.find(cart.internet.installation)
    chosen: list[tuple[Item | None, bool]] = [(plan, False)]
    if plan is not None:
        chosen.append((catalog.activation_fee(plan), True))
    chosen.append((installation, False))
    if cart.internet.weekend and installation is not None and installation.needs_visit:
        chosen.append((_weekend_fee(catalog), True))
    added = [item for sku in cart.add_ons if (item := catalog.find(sku))]
    # Monthly halves first: the other ones come with them.
    added.sort(key=lambda item: (item.is_paired and item.cycle is Cycle.ONETIME, item.position, item.sku))
    return [*chosen, *((item, False) for item in added)]


def gone(cart: Cart, catalog: Catalog) -> tuple[str, ...]:
    """SKUs in the cart that are not for sale, or not any more."""
    held = (cart.plan, cart.internet.installation, *cart.add_ons)
    sold = {item.sku for item in catalog.items if item.orderable}
    return tuple(sku for sku in held if sku and sku not in sold)


def charges(cart_lines: tuple[CartLine, ...]) -> tuple[Charge, ...]:
    """The lines as sums to add up."""
    return tuple(
        Charge(line.item.unit_price, line.item.cycle is Cycle.MONTHLY, line.quantity, line.item.months)
        for line in cart_lines
    )


def _item(catalog: Catalog, sku: str) -> Item:
    item = catalog.find(sku)
    if item is None:
        raise CartRefused("cart.unknown_item")
    if not item.orderable:
        raise CartRefused("cart.not_for_sale")
    return item


def _weekend_fee(catalog: Catalog) -> Item | None:
    return next((item for item in catalog.items if item.is_weekend_fee and item.orderable), None)
