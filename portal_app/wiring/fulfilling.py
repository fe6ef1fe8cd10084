"""Fulfilment: from an approved order to a running service."""

from contextlib import AsyncExitStack
from datetime import timedelta

from portal_app.settings import Settings
from portal_app.storage.fulfilment_counts import FulfilmentCounts
from portal_app.storage.fulfilment_lists import FulfilmentLists
from portal_app.storage.fulfilments import Fulfilments
from portal_app.wiring.parts import Parts
from portal_app.workflows.fulfilment import Fulfilment
from portal_app.workflows.order_reconcile import STUCK_AFTER, OrderReconcile
from portal_app.workflows.work_standing import Work

_ASKED = (
    "approved_orders",
    "billing_orders",
    "sim_steps",
    "opportunities",
    "users",
    "pay_methods",
    "services",
    "billing",
    "orders",
    "order_times",
    "notices",
    "bus",
    "audit",
    "clock",
)
_COMPARED = ("approved_orders", "marked_services", "service_mirror", "sims", "users", "clock")


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every outside system, and ordering."""
    db, cipher, clock = parts["database"], parts["cipher"], parts["clock"]
    fulfilments = Fulfilments(db, cipher, clock, lease=timedelta(seconds=chosen.FULFILMENT_LEASE_SECONDS))
    fulfilment = Fulfilment(
        fulfilments=fulfilments,
        db=db,
        settle=timedelta(seconds=chosen.FULFILMENT_SETTLE_SECONDS),
        **{name: parts[name] for name in _ASKED},
    )
    return {
        "fulfilments": fulfilments,
        "fulfilment": fulfilment,
        "work": Work(
            counts=FulfilmentCounts(db, clock, stuck_after=STUCK_AFTER),
            inbox=parts["inbox"],
            outbox=parts["outbox"],
            case_posts=parts["case_posts"],
            reports=parts["reconcile_reports"],
            clock=clock,
        ),
        "order_reconcile": OrderReconcile(
            fulfilments=fulfilments,
            lists=FulfilmentLists(db, cipher),
            fulfilment=fulfilment,
            cursors=parts["replay_cursors"],
            reports=parts["reconcile_reports"],
            **{name: parts[name] for name in _COMPARED},
        ),
    }
