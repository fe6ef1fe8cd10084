"""From a draft to an order, for whoever holds the cart: at most one order for each key, whatever is lost on the way.

The draft is committed before anything is sent (F1); the key goes with the order, and whoever finds a draft without an
outcome looks under that key before sending it again (F8, F8a). Nothing is sent without a lease written a moment ago.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from portal_app.domain.catalog import ProductLine
from portal_app.domain.checkout import Missing
from portal_app.domain.customer import Customer
from portal_app.domain.orders import OrderDraft, PlacedOrder
from portal_app.errors import (
    Busy,
    Conflict,
    InvalidInput,
    NotFound,
    PortalError,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.opportunities import (
    INTRODUCTION,
    ORDER_PLACEMENT,
    READY,
    SIM_CHECKOUT,
    Opportunities,
)
from portal_app.integrations.salesforce.orders import Orders
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.carts import PLACED, PLACING, CartRecord, Carts, LeaseLost
from portal_app.storage.clock import Clock
from portal_app.storage.users import Users
from portal_app.workflows.address import availability_lock
from portal_app.workflows.checkout_moves import GAVE_UP, CheckoutMoves
from portal_app.workflows.checkout_offer import (
    NOT_PLACED,
    UNSURE_YET,
    CheckoutRefused,
    Placement,
    draft_text,
    read_draft,
)
from portal_app.workflows.findings import code_of

log = logging.getLogger(__name__)

FOR_A_PERSON: Final = frozenset({"lines_differ", "more_than_one", "duplicate_value"})
"""Refusals that mean there is an order under this key, but not the one that was submitted."""
OUR_OWN_FAULT: Final = frozenset({"no_access", "field", "object", "query", "storage", "required"})
"""Refusals of the portal's rights or request, not of this order: put right by an operator, then repeated."""
FROZEN: Final = FOR_A_PERSON | {GAVE_UP}


class CheckoutSteps:
    """`place` when the customer submits, `resume` when the worker finds what was not ended."""

    def __init__(
        self,
        moves: CheckoutMoves,
        *,
        carts: Carts,
        users: Users,
        orders: Orders,
        opportunities: Opportunities,
        locks: AccountLocks,
        clock: Clock,
        settle: timedelta,
    ) -> None:
        self._moves, self._carts, self._users, self._orders = moves, carts, users, orders
        self._opportunities, self._locks, self._clock, self._settle = opportunities, locks, clock, settle

    async def submitted(self, held: CartRecord, draft: OrderDraft) -> CartRecord:
        """The draft is committed: from here on the worker would go on with it (F1). Raises: LeaseLost."""
        now = self._clock.now()
        return await self._carts.step(held, PLACING, draft_json=draft_text(draft), submitted_at=now, attempts=0)

    async def place(self, customer: Customer, record: CartRecord, draft: OrderDraft) -> Placement:
        """Send a draft that was just committed, for the first time.

        Raises: CheckoutRefused, UpstreamError, Busy when surely no order was made; the cart is open again then.
        """
        try:
            record, draft = await self._with_opportunity(customer, record, draft)
        except LeaseLost:
            return UNSURE_YET
        except Exception as failure:
            return await self._open_again(record, failure)  # no order was asked for yet
        try:
            placed = await self._orders.place(customer, draft, record.order_key)
        except Exception as failure:
            return await self._not_placed(record, failure)
        return await self.finish(customer, record, placed)

    async def finish(self, customer: Customer, record: CartRecord, placed: PlacedOrder) -> Placement:
        """It is an order. What cannot be noted now is noted by the worker, which finds the order by its key."""
        placed = await self._numbered(customer, record, placed)
        try:
            await self._moves.placed(customer, record, placed)
        except LeaseLost:
            there = await self._carts.of_order_key(customer, record.order_key)
            return placement_of(there) if there is not None and there.state == PLACED else UNSURE_YET
        except Exception:
            log.exception("order not noted", extra={"user_id": record.user_id})
            return UNSURE_YET
        return Placement("placed", placed.salesforce_order_id, placed.number)

    async def resume(self, record: CartRecord) -> None:
        """Go on with a cart that was claimed: its holder is gone, or it is time to look again. Raises: LeaseLost."""
        if not record.draft_json:
            await self._moves.reopened(record, NOT_PLACED, why="not_sent")
            return
        settled_at = record.updated_at + self._settle
        if record.state == PLACING and self._clock.now() < settled_at:
            await self._moves.wait(record, settled_at)
            return
        try:
            await self._go_on(record)
        except LeaseLost:
            raise
        except Exception as failure:
            await self._put_off(record, failure)

    async def _go_on(self, record: CartRecord) -> None:
        customer, draft = await self._users.find_customer(record.user_id), read_draft(record.draft_json)
        if customer is None:
            raise NotFound("customer")
        placed = await self._orders.find(customer, record.order_key, lines=len(draft.lines))
        if placed is None and record.error_code in FROZEN:
            await self._given_back(record)
            return
        if placed is None:
            placed = await self._again(customer, record, draft)
        if placed is not None:
            await self.finish(customer, record, placed)

    async def _again(self, customer: Customer, record: CartRecord, draft: OrderDraft) -> PlacedOrder | None:
        """The order, or None when the cart was moved to where it belongs without one."""
        try:
            record, draft = await self._with_opportunity(customer, record, draft)
        except LeaseLost:
            raise
        except Exception as failure:
            await self._moves.failed(record, _code(failure))
            return None
        try:
            return await self._orders.place(customer, draft, record.order_key)
        except (UpstreamRejected, NotFound, InvalidInput) as refused:
            code = _code(refused)
            if code in OUR_OWN_FAULT:
                await self._moves.failed(record, code)
            elif code in FOR_A_PERSON:
                await self._moves.left_to_a_person(record, code)
            else:
                await self._moves.called_back(record, code)
        except LeaseLost:
            raise
        except Exception as failure:
            sent = not isinstance(failure, UpstreamUnavailable | Busy)
            await self._moves.failed(record, _code(failure), lost=sent)
        return None

    async def _put_off(self, record: CartRecord, failure: Exception) -> None:
        """Looking failed, or found what a person must see."""
        code = _code(failure)
        if not isinstance(failure, PortalError):
            log.error("order surprised", exc_info=failure, extra={"user_id": record.user_id})
        if record.error_code in FROZEN:
            await self._moves.left_to_a_person(record, record.error_code)
        elif isinstance(failure, UpstreamRejected) and code in FOR_A_PERSON:
            await self._moves.left_to_a_person(record, code)
        else:
            await self._moves.failed(record, code)

    async def _given_back(self, record: CartRecord) -> None:
        """There is no order under the key of a cart that was left to a person."""
        if record.error_code == "duplicate_value":
            # It stands with another account: whether it may be ordered once more is for staff to say.
            await self._moves.left_to_a_person(record, record.error_code)
        else:
            await self._moves.called_back(record, record.error_code)

    async def _not_placed(self, record: CartRecord, failure: Exception) -> Placement:
        """Either surely no order, and the cart is open again; or nobody knows, and the worker goes on."""
        code = _code(failure)
        if isinstance(failure, UpstreamUnavailable | Busy):
            return await self._open_again(record, failure)
        if isinstance(failure, UpstreamRejected | NotFound | InvalidInput) and code not in FOR_A_PERSON:
            log.error("order refused", extra={"code": code, "user_id": record.user_id})
            return await self._open_again(record, failure, NOT_PLACED)
        if not isinstance(failure, UpstreamError):
            log.error("order surprised", exc_info=failure, extra={"user_id": record.user_id})
        try:
            if code in FOR_A_PERSON:
                await self._moves.left_to_a_person(record, code)
            else:
                await self._moves.unsure(record, code)
        except Exception:
            log.exception("order state not noted", extra={"user_id": record.user_id})
        return UNSURE_YET

    async def _open_again(self, record: CartRecord, failure: Exception, code: str = "") -> Placement:
        """Raises what the submit comes to. Where the cart cannot be opened, the worker goes on with it instead."""
        try:
            await self._moves.reopened(record, code, why=_code(failure))
        except Exception:
            log.exception("cart not opened again", extra={"user_id": record.user_id})
            return UNSURE_YET
        raise _surely_not(failure)

    async def _with_opportunity(
        self, customer: Customer, record: CartRecord, draft: OrderDraft
    ) -> tuple[CartRecord, OrderDraft]:
        """The opportunity stands in the draft, so that every later try names the same one.

        The cart is held anew then: nobody else can be at it while the order is sent.
        """
        if not draft.salesforce_opportunity_id:
            line = record.line
            async with self._locks.hold(availability_lock(customer)):
                found = await self._opportunities.find_or_create(
                    customer,
                    line=line,
                    source=SIM_CHECKOUT if line is ProductLine.SIM else ORDER_PLACEMENT,
                    stage=READY,
                    take_from=(INTRODUCTION,),
                )
            draft = replace(draft, salesforce_opportunity_id=found)
        return await self._carts.step(record, PLACING, draft_json=draft_text(draft)), draft

    async def _numbered(self, customer: Customer, record: CartRecord, placed: PlacedOrder) -> PlacedOrder:
        """With its number, where it can be read at the second try."""
        if placed.number:
            return placed
        try:
            return await self._orders.find(customer, record.order_key) or placed
        except (UpstreamError, Busy, NotFound):
            return placed


def placement_of(record: CartRecord) -> Placement:
    """Of a cart that is an order."""
    return Placement("placed", record.salesforce_order_id, record.order_number)


def _surely_not(failure: Exception) -> Exception:
    """What a submit that made no order comes to. An answer that was lost on the way there is no lost order."""
    match failure:
        case UpstreamOutcomeUnknown():
            return UpstreamUnavailable(failure.system, failure.operation, failure.code)
        case InvalidInput():
            return CheckoutRefused([Missing(failure.reason, "address", failure.field)])
        case NotFound():
            return UpstreamRejected("salesforce", "PlaceOrder", "not_found")
        case Conflict() | TimeoutError():
            return Busy("account")
    return failure


def _code(failure: Exception) -> str:
    return code_of(failure) if isinstance(failure, PortalError) else "unexpected"
