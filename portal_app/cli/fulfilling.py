"""Orders on their way to a running service: which are held, where one stands, and letting it go on."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from portal_app import wiring
from portal_app.cli.parsing import Parsers
from portal_app.cli.telling import hint_worker
from portal_app.domain.fulfilment import INTENTS, State
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.ids import checked_id
from portal_app.settings import Settings
from portal_app.storage.fulfilments import FulfilmentRecord, StepRecord
from portal_app.workflows.fulfilment import TOPIC
from portal_app.workflows.order_reconcile import STUCK_AFTER

MOST_HELD: Final = 50
SAID: Final = {
    "new": "It was not known here; it is read from Salesforce and begun with.",
    "woken": "It goes on.",
    "known": "It is on its way already.",
}


def add(parsers: Parsers) -> None:
    parsers.command("orders", "Show how far orders are, and which are held or stuck.", _orders)
    one = parsers.group("order", "One order on its way to a running service.")
    for word, about, run in (
        ("show", "Where it stands, its ids, and every step it took.", _show),
        ("resume", "Let it go on where it stopped; it looks before it does anything again.", _resume),
    ):
        one.command(word, about, run).add_argument("order_id", type=_order_id, help="Salesforce's id")


def _order_id(given: str) -> str:
    """With 18 characters: another spelling of an order would be another order to us (I1)."""
    try:
        return checked_id("Order", given)
    except NotFound:
        raise ArgumentTypeError(f"{given!r} is not the id of an order") from None


async def _orders(chosen: Settings, _: Any) -> int:
    async with wiring.opened(chosen):
        rows = wiring.fulfilments()
        for (state, hold), count in sorted((await rows.overview()).items()):
            print(f"{state.value:<15} {hold.value or '-':<13} {count:>6}")
        held, stuck = await rows.held(MOST_HELD + 1), await rows.stuck(STUCK_AFTER)
        lines = [_line("held", one) for one in held[:MOST_HELD]]
        lines += ["... and more that are held"] if len(held) > MOST_HELD else []
        for line in [*lines, *(_line("stuck", one) for one in stuck)]:
            print(line)
    print(f"{len(held[:MOST_HELD])} orders are held, {len(stuck)} are stuck.")
    return 0


def _line(word: str, one: FulfilmentRecord) -> str:
    why = f"{one.hold.value or '-':<13} {one.error_code or '-':<22}"
    return f"{word:<6} {one.salesforce_order_id}  {one.state.value:<15} {why} since {_at(one.updated_at)}"


async def _show(chosen: Settings, asked: Any) -> int:
    async with wiring.opened(chosen):
        record = await wiring.fulfilments().get(asked.order_id)
        if record is None:
            raise NotFound("order", asked.order_id)
        print(order_text(record, await wiring.fulfilments().history(asked.order_id)))
    return 0


def order_text(record: FulfilmentRecord, history: Sequence[StepRecord]) -> str:
    """The order as operators read it: nothing of the customer but the id in WHMCS."""
    return "\n".join([*_standing(record), "", *_history(history)])


def _standing(record: FulfilmentRecord) -> list[str]:
    services = ", ".join(f"{number}: {found}" for number, found in sorted(record.whmcs_service_ids.items()))
    waits = "nothing more" if record.is_over else "waits for somebody"
    told = {
        "order": f"{record.salesforce_order_id}  number {record.order_number or '-'}  {record.line or '-'}",
        "state": record.state.value,
        "held": f"{record.hold.value} {record.error_code}".strip() if record.hold else "no",
        "why": record.error_text or "-",
        "tries": f"{record.attempts}, failing since {_at(record.failing_since)}",
        "next": _at(record.next_attempt_at) if record.next_attempt_at else waits,
        "sent": _sent(record),
        "to tell": record.report or "nothing",
        "whmcs": f"client {record.whmcs_client_id or '-'}, order {record.whmcs_order_id or '-'}, "
        f"invoice {record.whmcs_invoice_id or '-'}, services {services or '-'}",
        "reference": record.correlation_id or "-",
    }
    return [f"{name:<10} {value}" for name, value in told.items()]


def _sent(record: FulfilmentRecord) -> str:
    if record.intent_at is None or record.state not in {*INTENTS, State.SIM_WAIT}:
        return "nothing is under way"
    if record.expected_by is not None:
        return f"{_at(record.intent_at)}, expected by {_at(record.expected_by)}"
    return f"{_at(record.intent_at)}, what came of it is not known yet"


def _history(history: Sequence[StepRecord]) -> list[str]:
    heading = f"{'step':>4}  {'at (UTC)':<19} {'from':<15} {'to':<15} {'held':<13} {'try':>3} {'ms':>6}  code"
    return [heading] + [
        f"{one.step_no:>4}  {one.at:%Y-%m-%d %H:%M:%S} {one.from_state or '-':<15} {one.to_state:<15}"
        f" {one.hold or '-':<13} {one.attempt:>3} {one.took_ms:>6}  {one.code or '-'}"
        for one in history
    ]


async def _resume(chosen: Settings, asked: Any) -> int:
    async with wiring.opened(chosen):
        said = await wiring.fulfilment().resume(asked.order_id)
    if said == "unknown":
        raise NotFound("order", asked.order_id)
    if said not in SAID:
        print(f"It is over: {said}.", file=sys.stderr)
        return 1
    await hint_worker(chosen, TOPIC)
    print(SAID[said])
    return 0


def _at(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"
