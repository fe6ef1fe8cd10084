"""Orders that staff approved: read as they stand, and told how far they have come (F11).

Nobody stands behind these calls but the worker, so no query can name an account: the account is in the answer, and who
asks maps it to the customer.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from portal_app.domain.fulfilment import ApprovedOrder
from portal_app.integrations.salesforce.approved_rows import (
    PRODUCT,
    id_of,
    lines_of,
    moment,
    read_order,
    shown_id,
)
from portal_app.integrations.salesforce.client import BACKGROUND, FULFILMENT, SalesforceClient
from portal_app.integrations.salesforce.collection import AT_ONCE, update_many
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import PREFIXES, as_18, checked_id
from portal_app.integrations.salesforce.soql import Soql, soql
from portal_app.integrations.salesforce.staff_text import staff_text
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.salesforce.wire import Row
from portal_app.storage.clock import Clock
from portal_app.storage.upsert import batches

Activation = Literal["Scheduled", "Activating", "Failed", "Activated"]

APPROVED: Final = ("Approved", "Processed", "Activated")
OVER: Final = ("cancelled", "rejected")
ACTIVATED: Final = "Activated"
RANKS: Final = {"": 0, "not started": 0, "activated": 2}
"""Of an activation; every other one is 1. An order goes between those and never back from a higher one (F11)."""
LONGEST_CODE: Final = 60
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """How far an order has come, for Salesforce. Empty error texts clear what stands there; an empty id clears nothing.

    `error_text` is for staff; addresses and numbers of people in it are taken out before it is sent.
    """

    activation: Activation
    error_code: str = ""
    error_text: str = ""
    whmcs_order_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order in brief, in Salesforce's words; of `list_open` an approved one that does not say Activated.

    `from_portal`: it was placed here.
    """

    salesforce_order_id: str
    salesforce_account_id: str
    status: str
    activation: str
    whmcs_order_id: str
    from_portal: bool
    modified_at: datetime  # UTC

    @property
    def is_approved(self) -> bool:
        """Whether staff have said yes."""
        return self.status.casefold() in {word.casefold() for word in APPROVED}

    @property
    def is_activating(self) -> bool:
        """Whether Salesforce says that it is being set up, which is how it asks for it."""
        return self.activation.casefold() == "activating"

    @property
    def is_over(self) -> bool:
        """Whether staff have cancelled or rejected it."""
        return self.status.casefold() in OVER


class ApprovedOrders:
    """What the fulfilment asks of orders. Raises in all of it: NotFound for what is no id, UpstreamError, Busy."""

    def __init__(self, client: SalesforceClient, fields: FieldMap, clock: Clock | None = None) -> None:
        self._client, self._clock = client, clock or Clock()
        self._order, self._item, self._product = fields.order, fields.order_item, fields.product

    async def read(self, salesforce_order_id: str) -> ApprovedOrder | None:
        """The order with its lines, in one query: header and lines are of one moment. None when it is gone."""
        row = await self._one(self._whole(checked_id(self._order.kind, salesforce_order_id)), "GetApprovedOrder")
        return None if row is None else read_order(row, self._order, self._item, self._product)

    async def tell(self, salesforce_order_id: str, report: Report) -> bool:
        """Have the order say that. Reads, compares, and writes only what differs; twice is the same as once (F11).

        False: it says so already, or it may not: it is cancelled, rejected, gone, or Activated already.
        Raises: UpstreamOutcomeUnknown (tell it again: it is read before it is written), UpstreamRejected.
        """
        order_id, names = checked_id(self._order.kind, salesforce_order_id), self._order
        row = await self._one(self._state(order_id), "GetActivation")
        if row is None or not self._may_be_told(row, report):
            return False
        wanted = self._wanted(report)
        changes = {name: value for name, value in wanted.items() if self._differs(row, name, value)}
        if not changes:
            return False
        stamp = {names.activation_last_attempt_at: self._clock.now()}
        await self._client.update(names.kind, order_id, changes | stamp, caller=FULFILMENT)
        return True

    async def tell_services(self, salesforce_order_id: str, whmcs_service_ids: Mapping[str, int]) -> None:
        """Have each line, by its id, name its service in WHMCS; only what differs is written, in one request.

        A line that is not of this order is left alone.
        Raises: UpstreamOutcomeUnknown (tell it again), UpstreamRejected.
        """
        names = self._item
        row = await self._one(self._services(checked_id(self._order.kind, salesforce_order_id)), "GetOrderServices")
        lines = lines_of(row or {}, "GetOrderServices")
        there = {id_of(line.get(names.id), "GetOrderServices"): line for line in lines}
        wanted = {as_18(item_id): service_id for item_id, service_id in whmcs_service_ids.items()}
        if not wanted.keys() <= there.keys():
            log.error("a line is not of its order", extra={"system": SYSTEM, "operation": "GetOrderServices"})
        differ = [
            (item_id, wanted[item_id])
            for item_id, line in there.items()
            if item_id in wanted and shown_id(line.get(names.whmcs_service_id)) != str(wanted[item_id])
        ]
        for start in range(0, len(differ), AT_ONCE):
            part = {item_id: {names.whmcs_service_id: one} for item_id, one in differ[start : start + AT_ONCE]}
            await update_many(self._client, names.kind, part, caller=FULFILMENT)

    async def find(self, salesforce_order_ids: Iterable[str]) -> dict[str, OpenOrder]:
        """These orders by id as they stand, approved or not, with one question for 200; of those that are gone none."""
        operation, found = "FindOrders", dict[str, OpenOrder]()
        ids = (one for one in map(as_18, salesforce_order_ids) if one and one.startswith(PREFIXES[self._order.kind]))
        for some in batches(ids, AT_ONCE):
            statement = soql(
                "SELECT {o.id:literal}, {o.account_id:literal}, {o.status:literal}, {o.activation_status:literal}, "
                "{o.whmcs_order_id:literal}, {o.idempotency_key:literal}, {o.changed_at:literal} "
                "FROM {o.kind:literal} WHERE {o.id:literal} IN {}",
                some,
                o=self._order,
            )
            rows = await self._client.query(statement, operation=operation, caller=BACKGROUND)
            orders = (self._read_open(row, operation) for row in rows)
            found |= {order.salesforce_order_id: order for order in orders}
        return found

    async def list_open(self, changed_since: datetime) -> tuple[OpenOrder, ...]:
        """Approved orders that do not say Activated, changed at that second or later, oldest change first."""
        operation = "ListOpenOrders"
        statement = soql(
            "SELECT {o.id:literal}, {o.account_id:literal}, {o.status:literal}, {o.activation_status:literal}, "
            "{o.whmcs_order_id:literal}, {o.idempotency_key:literal}, {o.changed_at:literal} FROM {o.kind:literal} "
            "WHERE {o.changed_at:literal} >= {} AND {o.status:literal} IN {} "
            "AND {o.activation_status:literal} != {} ORDER BY {o.changed_at:literal}, {o.id:literal}",
            changed_since,
            list(APPROVED),
            ACTIVATED,
            o=self._order,
        )
        rows = await self._client.query(statement, operation=operation, caller=BACKGROUND)
        return tuple(self._read_open(row, operation) for row in rows)

    def _read_open(self, row: Row, operation: str) -> OpenOrder:
        names = self._order
        return OpenOrder(
            salesforce_order_id=id_of(row.get(names.id), operation),
            salesforce_account_id=as_18(row.get(names.account_id)) or "",
            status=_text(row.get(names.status)),
            activation=_text(row.get(names.activation_status)),
            whmcs_order_id=shown_id(row.get(names.whmcs_order_id)),
            from_portal=bool(row.get(names.idempotency_key)),
            modified_at=moment(row.get(names.changed_at), operation),
        )

    async def _one(self, statement: Soql, operation: str) -> Row | None:
        rows = await self._client.query(statement, operation=operation, caller=FULFILMENT)
        return rows[0] if rows else None

    def _whole(self, order_id: str) -> Soql:
        product = {name: f"{self._product.kind}.{getattr(self._product, name)}" for name in PRODUCT}
        return soql(
            "SELECT {o.id:literal}, {o.number:literal}, {o.account_id:literal}, {o.order_type:literal}, "
            "{o.status:literal}, {o.activation_status:literal}, {o.activation_error_code:literal}, "
            "{o.activation_type:literal}, {o.activation_scheduled_at:literal}, {o.whmcs_order_id:literal}, "
            "{o.opportunity_id:literal}, {o.idempotency_key:literal}, {o.sim_type:literal}, {o.eid:literal}, "
            "{o.sim_voice_mail:literal}, {o.sim_call_waiting:literal}, {o.sim_product_number:literal}, "
            "{o.sim_phone_number:literal}, {o.mnp_application:literal}, {o.mnp_reservation_number:literal}, "
            "{o.mnp_expires_on:literal}, {o.mnp_phone_number:literal}, {o.mvno_account_number:literal}, "
            "{o.porting_first_name:literal}, {o.porting_last_name:literal}, "
            "{o.porting_first_name_katakana:literal}, {o.porting_last_name_katakana:literal}, "
            "{o.porting_gender:literal}, {o.porting_birth_date:literal}, (SELECT {i.id:literal}, "
            "{i.line_key:literal}, {i.quantity:literal}, {i.unit_price:literal}, {i.billing_cycle:literal}, "
            "{i.whmcs_service_id:literal}, {p[name]:literal}, {p[sku]:literal}, {p[item_class]:literal}, "
            "{p[billing_cycle]:literal}, {p[whmcs_product_id]:literal}, {p[sim_plan_type]:literal} FROM "
            "OrderItems) FROM {o.kind:literal} WHERE {o.id:literal} = {}",
            order_id,
            o=self._order,
            i=self._item,
            p=product,
        )

    def _state(self, order_id: str) -> Soql:
        return soql(
            "SELECT {o.id:literal}, {o.status:literal}, {o.activation_status:literal}, "
            "{o.activation_error_code:literal}, {o.activation_error_message:literal}, {o.whmcs_order_id:literal} "
            "FROM {o.kind:literal} WHERE {o.id:literal} = {}",
            order_id,
            o=self._order,
        )

    def _services(self, order_id: str) -> Soql:
        return soql(
            "SELECT {o.id:literal}, (SELECT {i.id:literal}, {i.whmcs_service_id:literal} FROM OrderItems) "
            "FROM {o.kind:literal} WHERE {o.id:literal} = {}",
            order_id,
            o=self._order,
            i=self._item,
        )

    def _may_be_told(self, row: Row, report: Report) -> bool:
        now = _text(row.get(self._order.activation_status))
        return _text(row.get(self._order.status)).casefold() not in OVER and _rank(report.activation) >= _rank(now)

    def _wanted(self, report: Report) -> dict[str, str | None]:
        names = self._order
        wanted: dict[str, str | None] = {
            names.activation_status: report.activation,
            names.activation_error_code: report.error_code[:LONGEST_CODE] or None,
            names.activation_error_message: staff_text(report.error_text) or None,
        }
        return wanted | ({names.whmcs_order_id: report.whmcs_order_id} if report.whmcs_order_id else {})

    def _differs(self, row: Row, name: str, value: str | None) -> bool:
        if name == self._order.whmcs_order_id:
            return shown_id(row.get(name)) != value
        return (_text(row.get(name)) or None) != value


def _rank(activation: str) -> int:
    return RANKS.get(activation.casefold(), 1)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
