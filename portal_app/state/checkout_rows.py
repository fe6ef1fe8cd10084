"""The checkout as its page shows it: what was answered, and how each part of the order stands."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from portal_app import routes
from portal_app.domain.cart import AccessMode, Cart, CartLine
from portal_app.domain.catalog import ProductLine
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import EligibilityState
from portal_app.format import day
from portal_app.state.returning import with_return
from portal_app.text import say
from portal_app.workflows.checkout_offer import Offer

Held = Literal["held", "none", "unknown"]
DocumentShown = Literal["not_needed", "not_submitted", "submitted", "verified", "rejected", "unknown"]
_ACCESS: Final[dict[AccessMode, str]] = {
    "IPoE-BYOR": "checkout.fact.own_router",
    "IPoE-HGW": "checkout.fact.gateway",
    "PPPoE": "checkout.fact.pppoe",
}
_ADDRESS: Final[dict[Held, str]] = {"none": "checkout.where_none", "unknown": "checkout.unknown"}
_PAY: Final[dict[Held, str]] = {
    "held": "checkout.pay_held",
    "none": "checkout.pay_none",
    "unknown": "checkout.unknown",
}
_DOCUMENT: Final[dict[DocumentShown, str]] = {
    "not_submitted": "checkout.document_wanted",
    "rejected": "checkout.document_again",
    "submitted": "checkout.document_sent",
    "verified": "checkout.document_good",
    "unknown": "checkout.unknown",
}


@dataclass(frozen=True)
class FactRow:
    """One answer of the customer."""

    label: str
    value: str


@dataclass(frozen=True)
class CheckoutView:
    """How each part stands. Of the address only what is shown; of the way to pay never a number."""

    where: str = ""  # what the address is for
    address: Held = "unknown"
    address_words: str = ""  # why none is shown
    address_1: str = ""
    address_2: str = ""
    address_3: str = ""
    address_mark: str = ""  # names the address that is shown, and tells nothing of it
    address_href: str = ""
    installed: bool = False  # the line ends there
    confirmed: bool = False
    available: bool = False
    pay: Held = "unknown"
    pay_label: str = ""  # of the method, or why none is shown
    pay_until: str = ""
    document: DocumentShown = "not_needed"
    document_words: str = ""
    document_reason: str = ""
    document_href: str = ""
    terms_accepted: bool = False
    terms_version: str = ""
    wizard_href: str = ""
    here: str = ""  # this page, to come back to


def fact_rows(cart: Cart, lines: Iterable[CartLine], locale: str) -> list[FactRow]:
    """The answers in a cart; of an EID and of a telephone number the last four digits."""
    visit = any(line.item.needs_visit for line in lines)
    facts = _internet(cart, visit, locale) if cart.line is ProductLine.INTERNET else _sim(cart, locale)
    return [FactRow(say(locale, label), value) for label, value in facts if value]


def _internet(cart: Cart, visit: bool, locale: str) -> list[tuple[str, str]]:
    choice = cart.internet
    mode = _ACCESS.get(choice.access_mode)
    weekend = "checkout.fact.weekend" if choice.weekend else "checkout.fact.weekday"
    return [
        ("checkout.fact.access", say(locale, mode) if mode else ""),
        ("checkout.fact.day", say(locale, weekend) if visit else ""),
        ("checkout.fact.wishes", " · ".join(day(wish, locale) for wish in choice.wishes)),
    ]


def _sim(cart: Cart, locale: str) -> list[tuple[str, str]]:
    choice = cart.sim
    if cart.line is not ProductLine.SIM:
        return []
    form = {"esim": _esim(choice.eid, locale), "physical": say(locale, "checkout.fact.card")}.get(choice.form, "")
    if choice.start == "scheduled":
        start = day(choice.start_on, locale) if choice.start_on else ""
    else:
        start = say(locale, "checkout.fact.at_once") if choice.start else ""
    number = say(locale, "checkout.fact.new_number")
    if choice.port_in is not None:
        number = say(locale, "checkout.fact.kept_number", digits=_last_four(choice.port_in.phone_number))
    return [("checkout.fact.form", form), ("checkout.fact.start", start), ("checkout.fact.number", number)]


def _esim(eid: str, locale: str) -> str:
    digits = _last_four(eid)
    return say(locale, "checkout.fact.esim_for", digits=digits) if digits else say(locale, "checkout.fact.esim")


def _last_four(number: str) -> str:
    return "".join(char for char in number if char.isdecimal())[-4:]


def view_of(offer: Offer, documents_for: Iterable[str], locale: str) -> CheckoutView:
    """How each part of an offer stands, in a language."""
    cart: Cart = offer.cart
    words = {one.words for one in offer.missing}
    address, method, line = offer.address, offer.pay_method, cart.line.value
    where: Held = "held" if address else "unknown" if "checkout.address_unknown" in words else "none"
    pay: Held = "held" if method else "unknown" if "checkout.payment_unknown" in words else "none"
    document = _document(offer.document, needed=line in set(documents_for))
    back = routes.checkout(line)
    return CheckoutView(
        where=say(locale, _where(cart)),
        address=where,
        address_words=say(locale, _ADDRESS[where]) if where in _ADDRESS else "",
        address_1=", ".join(filter(None, (address.address1, address.address2))) if address else "",
        address_2=", ".join(filter(None, (address.city, address.prefecture))) if address else "",
        address_3=address.postal_code if address else "",
        address_mark=mark_of(address.key) if address else "",
        address_href=with_return(routes.ADDRESS, back),
        installed=cart.line is ProductLine.INTERNET,
        confirmed=address is not None and cart.internet.address_confirmed == address.key,
        available=offer.eligibility is not None and offer.eligibility.state is EligibilityState.ELIGIBLE,
        pay=pay,
        pay_label=(method.label if method else "") or say(locale, _PAY[pay]),
        pay_until=day(method.expires_on, locale) if method and method.expires_on else "",
        document=document,
        document_words=say(locale, _DOCUMENT[document]) if document in _DOCUMENT else "",
        document_reason=offer.document.reason if offer.document else "",
        document_href=with_return(routes.VERIFICATION, back),
        terms_accepted=accepted(cart, offer.terms_version) is not None,
        terms_version=offer.terms_version,
        wizard_href=routes.order_wizard(line),
        here=back,
    )


def mark_of(address_key: str) -> str:
    """A name for an address that can be sent about."""
    return hashlib.sha256(address_key.encode()).hexdigest()[:16]


def accepted(cart: Cart, terms_version: str) -> datetime | None:
    """When the terms that hold now were accepted."""
    return cart.terms_at if cart.terms_version == terms_version else None


def _where(cart: Cart) -> str:
    if cart.line is ProductLine.INTERNET:
        return "checkout.where_internet"
    electronic = cart.line is ProductLine.SIM and cart.sim.form == "esim"
    return "checkout.where_plain" if electronic else "checkout.where_delivery"


def _document(check: DocumentCheck | None, *, needed: bool) -> DocumentShown:
    if not needed:
        return "not_needed"
    return check.state if check else "unknown"
