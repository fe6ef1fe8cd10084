"""Proves the catalogue against WHMCS, every day: an order is made from the one and billed by the other.

Nothing is repaired: a product is mended by whoever looks after it.
"""

from typing import Final

from portal_app.domain.price_drift import Drift, price_drift
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.whmcs.products import Products
from portal_app.storage.clock import Clock
from portal_app.storage.jobs import ReconcileReports
from portal_app.workflows.findings import Findings, Stopping, go_on, reported

KIND: Final = "catalog.daily"


class CatalogCheck:
    """One question to each system."""

    def __init__(self, catalog: PriceBook, products: Products, reports: ReconcileReports, clock: Clock) -> None:
        self._catalog, self._products, self._reports, self._clock = catalog, products, reports, clock

    async def daily(self, stopping: Stopping = lambda: False) -> str:
        """Every item that may be sold, and what keeps the others from being sold; one line about it.

        Raises: Stopped, after the report was saved.
        """
        run = Findings(KIND, self._clock.now())
        return await reported(run, self._reports, self._all(run, stopping))

    async def _all(self, run: Findings, stopping: Stopping) -> None:
        catalog = await self._catalog.read_now()
        for problem in catalog.problems:
            run.leave(problem.code, sku=problem.sku, **({"detail": problem.detail} if problem.detail else {}))
        go_on(stopping)
        drifts = price_drift(catalog, await self._products.list_billed())
        run.compared = len(catalog.items)
        for drift in drifts:
            run.leave(drift.code, **_facts(drift))


def _facts(drift: Drift) -> dict[str, int | str]:
    facts: dict[str, int | str] = {"sku": drift.sku, "whmcs_product_id": drift.whmcs_product_id}
    if drift.theirs is not None:
        facts |= {"salesforce": f"{drift.ours:f}", "whmcs": f"{drift.theirs:f}"}
    return facts
