"""Everything under /console/."""

from sandbox.console import customers, page, systems

ROUTES = [*page.ROUTES, *systems.ROUTES, *customers.ROUTES]
