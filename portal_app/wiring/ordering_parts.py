"""Hands out what ordering needs; `portal_app.wiring` passes these functions on."""

from typing import Any

from portal_app.domain.postal import PostalCodes
from portal_app.integrations.salesforce.contacts import Contacts
from portal_app.integrations.salesforce.documents import Documents
from portal_app.integrations.salesforce.opportunities import Opportunities
from portal_app.integrations.salesforce.orders import Orders
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.carts import Carts
from portal_app.storage.order_times import OrderTimes
from portal_app.wiring.parts import part
from portal_app.workflows.shopping import Shopping


def carts() -> Carts:
    """Carts, and the orders they are becoming."""
    return part("carts")


def order_times() -> OrderTimes:
    """When orders reached their steps."""
    return part("order_times")


def account_locks() -> AccountLocks:
    """One at a time under a name."""
    return part("account_locks")


def shopping() -> Shopping:
    """Choosing a plan, and answering what it asks."""
    return part("shopping")


def checkout() -> Any:
    """From a cart to an order."""
    return part("checkout")


def orders() -> Orders:
    """Orders in Salesforce."""
    return part("orders")


def opportunities() -> Opportunities:
    """Opportunities in Salesforce."""
    return part("opportunities")


def contacts() -> Contacts:
    """Contacts in Salesforce."""
    return part("contacts")


def documents() -> Documents:
    """Files in Salesforce."""
    return part("documents")


def identity_documents() -> Any:
    """Handing over an identity document."""
    return part("identity_documents")


def pay_methods() -> Any:
    """Payment methods in WHMCS."""
    return part("pay_methods")


def whmcs_addresses() -> Any:
    """Addresses in WHMCS."""
    return part("whmcs_addresses")


def addresses() -> Any:
    """A customer's address in both systems."""
    return part("addresses")


def availability() -> Any:
    """Having an address checked for internet."""
    return part("availability")


def salesforce_changes() -> Any:
    """Looking for what staff changed."""
    return part("salesforce_changes")


def postal_codes() -> PostalCodes:
    """Where postal codes are looked up."""
    return part("postal_codes")
