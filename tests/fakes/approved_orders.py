"""Orders in Salesforce as the fulfilment asks for them, kept in memory: told forward only, as the real one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal_app.domain.catalog import Cycle, ItemClass, ProductLine
from portal_app.domain.fulfilment import ApprovedLine, ApprovedOrder
from portal_app.integrations.salesforce.approved_orders import OpenOrder, Report
from portal_app.storage.clock import Clock


def an_approved_order(salesforce_order_id: str, salesforce_account_id: str = "", **changed: Any) -> ApprovedOrder:
    """A VPN order of two lines that staff approved just now."""
    suffix = salesforce_order_id[12:15]
    lines = tuple(
        ApprovedLine(number, f"802{suffix}00000000{number}", name, sku, kind, Decimal(1), Decimal(price), cycle, pid)
        for number, name, sku, kind, price, cycle, pid in (
            (1, "VPN", "VPN-USA-SF", ItemClass.SERVICE, 2500, Cycle.MONTHLY, 33),
            (2, "Activation", "VPN-ACTIVATION-FEE", ItemClass.ACTIVATION, 3000, Cycle.ONETIME, 37),
        )
    )
    made = ApprovedOrder(
        salesforce_order_id=salesforce_order_id,
        number="00000101",
        salesforce_account_id=salesforce_account_id,
        line=ProductLine.VPN,
        status="Approved",
        activation="Activating",
        error_code="",
        from_portal=True,
        salesforce_opportunity_id="",
        starts_on=None,
        whmcs_order_id="",
        lines=lines,
    )
    return replace(made, **changed)


@dataclass
class FakeApprovedOrders:
    """`fails`: order id, or "list", -> what is raised when it is asked for."""

    clock: Clock
    orders: dict[str, ApprovedOrder] = field(default_factory=dict)
    modified: dict[str, datetime] = field(default_factory=dict)
    told: list[tuple[str, Report]] = field(default_factory=list)
    services: dict[str, dict[str, int]] = field(default_factory=dict)
    listed_since: list[datetime] = field(default_factory=list)
    found_together: list[int] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)

    def put(self, order: ApprovedOrder) -> ApprovedOrder:
        """It stands so from now on."""
        self.orders[order.salesforce_order_id] = order
        self.modified[order.salesforce_order_id] = self.clock.now()
        return order

    async def read(self, salesforce_order_id: str) -> ApprovedOrder | None:
        self._fail(salesforce_order_id)
        return self.orders.get(salesforce_order_id)

    async def tell(self, salesforce_order_id: str, report: Report) -> bool:
        self._fail(salesforce_order_id)
        order = self.orders.get(salesforce_order_id)
        if order is None or order.is_over or order.activation == "Activated":
            return False
        self.told.append((salesforce_order_id, report))
        known = report.whmcs_order_id or order.whmcs_order_id
        self.put(replace(order, activation=report.activation, error_code=report.error_code, whmcs_order_id=known))
        return True

    async def tell_services(self, salesforce_order_id: str, whmcs_service_ids: Mapping[str, int]) -> None:
        self._fail(salesforce_order_id)
        self.services.setdefault(salesforce_order_id, {}).update(whmcs_service_ids)

    async def find(self, salesforce_order_ids: Iterable[str]) -> dict[str, OpenOrder]:
        asked = list(salesforce_order_ids)
        self.found_together.append(len(asked))
        for one in asked:
            self._fail(one)
        return {one: self._brief(self.orders[one]) for one in asked if one in self.orders}

    async def list_open(self, changed_since: datetime) -> tuple[OpenOrder, ...]:
        self._fail("list")
        self.listed_since.append(changed_since)
        return tuple(
            self._brief(one)
            for one in self.orders.values()
            if one.is_approved and one.activation != "Activated"
            if self.modified[one.salesforce_order_id] >= changed_since
        )

    def _brief(self, one: ApprovedOrder) -> OpenOrder:
        return OpenOrder(
            one.salesforce_order_id,
            one.salesforce_account_id,
            one.status,
            one.activation,
            one.whmcs_order_id,
            one.from_portal,
            self.modified[one.salesforce_order_id],
        )

    def _fail(self, what: str) -> None:
        if what in self.fails:
            raise self.fails[what]
