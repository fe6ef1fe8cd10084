"""Comparisons with the outside systems: what the last ones found, and another one now."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from portal_app import wiring
from portal_app.cli.parsing import Parsers
from portal_app.cli.telling import hint_worker, wake_portal
from portal_app.settings import Settings
from portal_app.storage.jobs import Report
from portal_app.worker.jobs import reconcile
from portal_app.workflows.findings import Stopped
from portal_app.workflows.fulfilment import TOPIC

MOST_LEFT: Final = 10


def add(parsers: Parsers) -> None:
    shown = parsers.command("reconcile", "Show the latest comparisons with WHMCS and Salesforce.", _reconcile)
    shown.add_argument("--run", dest="which", choices=tuple(_runs()), help="compare and repair now, then show")


async def _reconcile(chosen: Settings, asked: Any) -> int:
    code = 0
    async with wiring.opened(chosen):
        if asked.which:
            code = await _run_now(chosen, asked.which)
        print(reports_table(await wiring.reconcile_reports().latest()))
    return code


async def _run_now(chosen: Settings, which: str) -> int:
    topics: set[str] = set()
    unsubscribe = wiring.bus().subscribe("", lambda topic, _: topics.add(topic))
    try:
        await _runs()[which]()
    except Stopped as stopped:
        print(f"Stopped early: {stopped.code}", file=sys.stderr)
        return 1
    finally:
        unsubscribe()
        if TOPIC in topics:
            await hint_worker(chosen, TOPIC)
        customers = sorted(topic for topic in topics if topic.startswith("customer:"))
        if customers and not chosen.REDIS_URL:
            print(await wake_portal(chosen, customers))
    return 0


def _runs() -> dict[str, Callable[[], Awaitable[str]]]:
    return {
        "hourly": lambda: reconcile().hourly(),
        "nightly": lambda: reconcile().nightly(),
        "accounts": lambda: wiring.account_check().nightly(),
        "catalog": lambda: wiring.catalog_check().daily(),
        "orders": lambda: wiring.order_reconcile().run(),
        "orders-nightly": lambda: wiring.order_reconcile().nightly(),
    }


def reports_table(reports: Sequence[Report]) -> str:
    """The reports as people read them, newest first, with what is left for a person below each."""
    if not reports:
        return "Nothing was compared yet."
    lines = [f"{'finished (UTC)':<17} {'what':<18} {'compared':>8} {'drift':>14} {'repaired':>8} {'left':>5}  notes"]
    for report in reports:
        drift = "+{added} ~{changed} -{removed}".format(**report.drift)
        lines.append(
            f"{report.finished_at:%Y-%m-%d %H:%M}  {report.kind:<18} {report.compared:>8} {drift:>14}"
            f" {report.repaired:>8} {len(report.left):>5}  {report.notes}".rstrip()
        )
        lines += [f"    {_left(item)}" for item in report.left[:MOST_LEFT]]
        if len(report.left) > MOST_LEFT:
            lines.append(f"    ... and {len(report.left) - MOST_LEFT} more")
    return "\n".join([*lines, "", "drift: + missing in the portal, ~ different, - gone from WHMCS"])


def _left(item: dict[str, Any]) -> str:
    ids = ", ".join(f"{name.removeprefix('whmcs_').removesuffix('_id')} {item[name]}" for name in item if name != "why")
    return f"left: {ids}: {item['why']}"
