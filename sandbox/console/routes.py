"""Everything under /console/."""

from sandbox.console import customers, page, salesforce, selling, systems

ROUTES = [*page.ROUTES, *systems.ROUTES, *customers.ROUTES, *salesforce.ROUTES, *selling.ROUTES]
