"""Ordering: carts and what they become, the address and its check, identity documents."""

from contextlib import AsyncExitStack

from portal_app.domain.postal import sample_table
from portal_app.settings import Settings
from portal_app.storage.account_locks import AccountLocks
from portal_app.storage.carts import Carts
from portal_app.storage.order_times import OrderTimes
from portal_app.wiring.parts import Parts
from portal_app.workflows.shopping import Shopping


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    db, clock = parts["database"], parts["clock"]
    carts = Carts(db, parts["cipher"], parts["index"], clock)
    return {
        "carts": carts,
        "order_times": OrderTimes(db, clock),
        "account_locks": AccountLocks(db, clock),
        "shopping": Shopping(carts, parts["catalog"], parts["bus"], clock),
        "postal_codes": sample_table(),
    }
