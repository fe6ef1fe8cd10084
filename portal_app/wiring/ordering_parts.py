"""Hands out what ordering needs; `portal_app.wiring` passes these functions on."""

from portal_app.domain.postal import PostalCodes
from portal_app.integrations.salesforce.orders import Orders
from portal_app.integrations.whmcs.billed_services import BilledServices
from portal_app.integrations.whmcs.gateways import Gateways
from portal_app.integrations.whmcs.pay_methods import PayMethods
from portal_app.storage.carts import Carts
from portal_app.storage.invoice_services import InvoiceServices
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.order_times import OrderTimes
from portal_app.wiring.parts import part
from portal_app.workflows.address import AddressBook
from portal_app.workflows.availability import Availability
from portal_app.workflows.checkout import Checkout
from portal_app.workflows.identity_documents import IdentityDocuments
from portal_app.workflows.salesforce_changes import SalesforceChanges
from portal_app.workflows.service_book import ServiceBook
from portal_app.workflows.shopping import Shopping


def carts() -> Carts:
    """Carts, and the orders they are becoming."""
    return part("carts")


def last_seen() -> LastSeen:
    """What was last seen of things that change elsewhere."""
    return part("last_seen")


def order_times() -> OrderTimes:
    """When orders reached their steps."""
    return part("order_times")


def shopping() -> Shopping:
    """Choosing a plan, and answering what it asks."""
    return part("shopping")


def checkout() -> Checkout:
    """From a cart to an order."""
    return part("checkout")


def orders() -> Orders:
    """Orders in Salesforce."""
    return part("orders")


def identity_documents() -> IdentityDocuments:
    """Handing over an identity document."""
    return part("identity_documents")


def pay_methods() -> PayMethods:
    """Payment methods in WHMCS."""
    return part("pay_methods")


def gateways() -> Gateways:
    """What ways to pay are called."""
    return part("gateways")


def billed_services() -> BilledServices:
    """Which invoices bill which service."""
    return part("billed_services")


def invoice_services() -> InvoiceServices:
    """Which invoices were found to bill which service."""
    return part("invoice_services")


def service_book() -> ServiceBook:
    """Services with what Salesforce knows of them."""
    return part("service_book")


def addresses() -> AddressBook:
    """A customer's address in both systems."""
    return part("addresses")


def availability() -> Availability:
    """Having an address checked for internet."""
    return part("availability")


def salesforce_changes() -> SalesforceChanges:
    """Looking for what staff changed."""
    return part("salesforce_changes")


def postal_codes() -> PostalCodes:
    """Where postal codes are looked up."""
    return part("postal_codes")
