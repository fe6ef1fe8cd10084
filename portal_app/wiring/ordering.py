"""Ordering: carts and what they become, the address and its check, identity documents."""

from contextlib import AsyncExitStack

from portal_app.domain.catalog import ProductLine
from portal_app.domain.postal import sample_table
from portal_app.domain.terms import TERMS_VERSION
from portal_app.settings import Settings
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.carts import Carts
from portal_app.storage.last_seen import LastSeen
from portal_app.storage.order_times import OrderTimes
from portal_app.wiring.parts import Parts
from portal_app.workflows.address import AddressBook
from portal_app.workflows.availability import Availability
from portal_app.workflows.checkout import Checkout
from portal_app.workflows.identity_documents import IdentityDocuments
from portal_app.workflows.salesforce_changes import SalesforceChanges
from portal_app.workflows.service_book import ServiceBook
from portal_app.workflows.shopping import Shopping


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    db, clock = parts["database"], parts["clock"]
    stores: Parts = {
        "carts": Carts(db, parts["cipher"], parts["index"], clock),
        "order_times": OrderTimes(db, clock),
        "account_locks": AccountLocks(db, clock),
        "last_seen": LastSeen(db, clock),
        "postal_codes": sample_table(),
    }
    workflows = _workflows(chosen, parts, stores)
    stack.push_async_callback(workflows["checkout"].stop)
    return stores | workflows


def _workflows(chosen: Settings, parts: Parts, stores: Parts) -> Parts:
    common = {name: parts[name] for name in ("outbox", "bus", "clock")} | {"db": parts["database"]}
    checks, audit, limits = parts["checks"], parts["audit"], parts["limits"]
    addresses = AddressBook(
        whmcs_addresses=parts["whmcs_addresses"],
        contacts=parts["contacts"],
        checks=checks,
        locks=stores["account_locks"],
        outbox=parts["outbox"],
        db=parts["database"],
        bus=parts["bus"],
        audit=audit,
    )
    book = ServiceBook(parts["services"], parts["catalog"], parts["orders"])
    return {
        "shopping": Shopping(stores["carts"], parts["catalog"], parts["bus"], parts["clock"]),
        "addresses": addresses,
        "service_book": book,
        "availability": Availability(
            checks=checks,
            addresses=addresses,
            opportunities=parts["opportunities"],
            locks=stores["account_locks"],
            seen=stores["last_seen"],
            audit=audit,
            limits=limits,
            index=parts["index"],
            **common,
        ),
        "identity_documents": IdentityDocuments(
            checks, parts["documents"], parts["bus"], audit, limits, stores["account_locks"]
        ),
        "checkout": _checkout(chosen, parts, stores, {"addresses": addresses, "services": book}, common),
        "salesforce_changes": SalesforceChanges(
            changes=parts["salesforce_record_changes"],
            users=parts["users"],
            orders=parts["orders"],
            checks=checks,
            order_times=stores["order_times"],
            seen=stores["last_seen"],
            notices=parts["notices"],
            db=parts["database"],
            bus=parts["bus"],
            clock=parts["clock"],
        ),
    }


def _checkout(chosen: Settings, parts: Parts, stores: Parts, books: Parts, common: Parts) -> Checkout:
    asked = ("catalog", "checks", "pay_methods", "orders", "opportunities", "users", "audit")
    return Checkout(
        carts=stores["carts"],
        order_times=stores["order_times"],
        locks=stores["account_locks"],
        documents_for=frozenset(map(ProductLine, chosen.documented_lines())),
        terms_version=TERMS_VERSION,
        **{name: parts[name] for name in asked},
        **books,
        **common,
    )
