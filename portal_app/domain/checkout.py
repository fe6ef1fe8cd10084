"""Everything that still stands between a cart and an order, said at once, each with the place that mends it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from portal_app.domain.cart import ACCESS_MODES, Cart, gone, lines
from portal_app.domain.catalog import Catalog, Item, ItemClass, ProductLine
from portal_app.domain.documents import DocumentState
from portal_app.domain.eligibility import OPEN, Eligibility, EligibilityState
from portal_app.domain.offering import Reason, refusal
from portal_app.domain.sim import check_eid, check_port_in, check_start

Fix = Literal[
    "plan", "configure", "link", "payment", "availability", "address", "document", "terms", "orders", "retry", "support"
]
FIRST_WISH: Final = timedelta(days=10)
LAST_WISH: Final = timedelta(days=90)
MOST_WISHES: Final = 3
_SATURDAY: Final = 5
_UNSUITABLE: Final[dict[Reason, str]] = {
    "dwelling": "checkout.offering_dwelling",
    "speed": "checkout.offering_speed",
    "unknown": "checkout.offering_unknown",
}
_WITH_FEE: Final = frozenset({ProductLine.SIM, ProductLine.VPN})


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing. `words` is a key of `text`; `field` names the answer it is about, where it is about one."""

    words: str
    fix: Fix
    field: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about the customer at this moment. None: it could not be asked, so it is no yes.

    `address_key` is that of the address on file, "" when there is none. `documents_for`: the lines that need one.
    """

    linked: bool
    terms_version: str
    today: date
    payment_method: bool | None = None
    address_key: str | None = None
    eligibility: Eligibility | None = None
    document: DocumentState | None = None
    documents_for: frozenset[ProductLine] = frozenset({ProductLine.SIM})
    internet_here: bool | None = None  # an active internet service at this address
    sim_active: bool | None = None
    open_order: bool | None = None  # of the same line, for the same address


def missing(cart: Cart, catalog: Catalog, standing: Standing) -> tuple[Missing, ...]:
    """In the order a customer would mend them; empty when the order may be placed."""
    return tuple(_missing(cart, catalog, standing))


def _missing(cart: Cart, catalog: Catalog, standing: Standing) -> Iterator[Missing]:
    plan = catalog.find(cart.plan)
    yield from _items(cart, catalog, plan, standing)
    if cart.line is ProductLine.INTERNET:
        yield from _internet(cart, catalog, plan, standing)
    elif cart.line is ProductLine.SIM:
        yield from _sim(cart, plan, standing)
    elif cart.line is ProductLine.VPN and plan is not None and not plan.region:
        yield Missing("checkout.region", "plan")
    yield from _account(cart, standing)


def _items(cart: Cart, catalog: Catalog, plan: Item | None, standing: Standing) -> Iterator[Missing]:
    if not cart.plan:
        yield Missing("checkout.plan", "plan")
    if gone(cart, catalog):
        yield Missing("checkout.item_gone", "plan")
    if plan is None:
        return
    if plan.family_discount and not standing.sim_active:
        yield Missing("checkout.family", "plan")
    held = lines(cart, catalog)
    if cart.line in _WITH_FEE and not any(line.item.item_class is ItemClass.ACTIVATION for line in held):
        yield Missing("checkout.no_fee", "support")


def _internet(cart: Cart, catalog: Catalog, plan: Item | None, standing: Standing) -> Iterator[Missing]:
    choice = cart.internet
    if choice.access_mode not in ACCESS_MODES:
        yield Missing("checkout.access_mode", "configure", "access_mode")
    if not choice.installation:
        yield Missing("checkout.installation", "configure", "installation")
    if not _good_wishes(choice.wishes, standing.today):
        yield Missing("checkout.wishes", "configure", "wishes")
    if not choice.weekend and any(day.weekday() >= _SATURDAY for day in choice.wishes):
        yield Missing("checkout.wishes_weekend", "configure", "wishes")
    yield from _availability(plan, standing.eligibility)
    if standing.address_key and choice.address_confirmed != standing.address_key:
        yield Missing("checkout.address_confirm", "address")
    if standing.internet_here is None:
        yield Missing("checkout.services_unknown", "retry")
    elif standing.internet_here:
        yield Missing("checkout.internet_here", "support")


def _good_wishes(wishes: tuple[date, ...], today: date) -> bool:
    within = all(today + FIRST_WISH <= day <= today + LAST_WISH for day in wishes)
    return within and len(set(wishes)) == len(wishes) <= MOST_WISHES


def _availability(plan: Item | None, check: Eligibility | None) -> Iterator[Missing]:
    if check is None:
        yield Missing("checkout.availability_unknown", "retry")
    elif check.state in OPEN:
        yield Missing("checkout.availability_wait", "availability")
    elif check.state is EligibilityState.INELIGIBLE:
        yield Missing("checkout.availability_none", "availability")
    elif check.state is not EligibilityState.ELIGIBLE:
        yield Missing("checkout.availability_ask", "availability")
    elif plan is not None and (reason := refusal(plan.offering, check.offering)):
        yield Missing(_UNSUITABLE[reason], "plan")


def _sim(cart: Cart, plan: Item | None, standing: Standing) -> Iterator[Missing]:
    choice = cart.sim
    if choice.form == "":
        yield Missing("checkout.sim_form", "configure", "form")
    if choice.form == "esim":
        if reason := check_eid(choice.eid):
            yield Missing(reason, "configure", "eid")
        if not choice.phone_ready:
            yield Missing("checkout.phone_ready", "configure", "phone_ready")
    if reason := check_start(choice.start, choice.start_on, choice.form, standing.today):
        yield Missing(reason, "configure", "start")
    if choice.port_in is not None and plan is not None:
        found = check_port_in(
            choice.port_in, voice=plan.has_voice, form=choice.form, today=standing.today, start_on=choice.start_on
        )
        yield from (Missing(words, "configure", field) for field, words in found.items())


def _account(cart: Cart, standing: Standing) -> Iterator[Missing]:
    if not standing.linked:
        yield Missing("checkout.link", "link")
    if standing.address_key is None:
        yield Missing("checkout.address_unknown", "retry")
    elif not standing.address_key and cart.line is not ProductLine.VPN:
        yield Missing("checkout.address", "address")
    if standing.payment_method is None:
        yield Missing("checkout.payment_unknown", "retry")
    elif not standing.payment_method:
        yield Missing("checkout.payment_method", "payment")
    if cart.line in standing.documents_for:
        yield from _document(standing.document)
    if standing.open_order is None:
        yield Missing("checkout.orders_unknown", "retry")
    elif standing.open_order:
        yield Missing("checkout.open_order", "orders")
    if not cart.terms_version or cart.terms_version != standing.terms_version or cart.terms_at is None:
        yield Missing("checkout.terms", "terms")


def _document(state: DocumentState | None) -> Iterator[Missing]:
    """Submitted is enough: staff look at it before they approve the order."""
    if state is None:
        yield Missing("checkout.document_unknown", "retry")
    elif state == "not_submitted":
        yield Missing("checkout.document", "document")
    elif state == "rejected":
        yield Missing("checkout.document_rejected", "document")
