"""Everything under /console/."""

from sandbox.console import (
    cases,
    customers,
    freebit,
    hostile,
    order_details,
    page,
    salesforce,
    selling,
    systems,
    taking_orders,
)
from sandbox.pubsub import console as events

ROUTES = [
    *events.ROUTES,
    *page.ROUTES,
    *systems.ROUTES,
    *customers.ROUTES,
    *salesforce.ROUTES,
    *cases.ROUTES,
    *selling.ROUTES,
    *order_details.ROUTES,
    *taking_orders.ROUTES,
    *hostile.ROUTES,
    *freebit.ROUTES,
]
