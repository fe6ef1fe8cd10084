"""Hands out what fulfilment needs; `portal_app.wiring` passes these functions on."""

from portal_app.integrations.freebit.sims import Sims
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders
from portal_app.storage.fulfilments import Fulfilments
from portal_app.wiring.parts import part
from portal_app.workflows.fulfilment import Fulfilment
from portal_app.workflows.order_reconcile import OrderReconcile
from portal_app.workflows.work_standing import Work


def approved_orders() -> ApprovedOrders:
    """Approved orders in Salesforce, whoever's."""
    return part("approved_orders")


def sims() -> Sims | None:
    """SIM lines at the mobile network; None where there is none."""
    return part("sims")


def fulfilments() -> Fulfilments:
    """Orders on their way to a running service."""
    return part("fulfilments")


def fulfilment() -> Fulfilment:
    """From an approved order to a running service."""
    return part("fulfilment")


def work() -> Work:
    """How the background work stands."""
    return part("work")


def order_reconcile() -> OrderReconcile:
    """Whether any order was lost on that way."""
    return part("order_reconcile")
