"""Everything under /console/."""

from sandbox.console import cases, customers, freebit, order_details, page, salesforce, selling, systems
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
    *freebit.ROUTES,
]
