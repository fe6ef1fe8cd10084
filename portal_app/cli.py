"""`python -m portal_app.cli <command>`: for the people who run the portal."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from portal_app import routes, settings, wiring
from portal_app.domain.catalog import Catalog, ProductLine
from portal_app.errors import ConfigError, PortalError
from portal_app.integrations.salesforce.catalog import EVERYBODY, TAG
from portal_app.observability import logs
from portal_app.security.operator import operator_token
from portal_app.settings import Settings
from portal_app.storage import migrate
from portal_app.storage.jobs import Report
from portal_app.worker.jobs import reconcile
from portal_app.workflows.demo_users import EMAILS, PASSWORD, DemoUsers
from portal_app.workflows.findings import Stopped

Command = Callable[[Settings, Any], Awaitable[int]]

MOST_AT_ONCE: Final = 500
MOST_LEFT: Final = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 not done, 2 not understood."""
    asked = _parser().parse_args(arguments)
    if asked.command == "env-example":
        print(settings.env_example(), end="")
        return 0
    try:
        chosen = settings.load()
        logs.setup("ERROR", hide=chosen.secrets())
        return asyncio.run(asked.run(chosen, asked))
    except ConfigError as bad:
        print("Settings:", *bad.problems, sep="\n  ", file=sys.stderr)
    except PortalError as failure:  # its text never holds a secret or a customer's data
        print(f"Not done: {failure}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="portal_app.cli", description="For the people who run the portal.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, about: str, run: Command | None) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(run=run)
        return made

    command("migrate", "Bring the database to the newest schema.", _migrate)
    command("check", "Ask database, WHMCS, Salesforce and mail server whether they answer as the portal needs.", _check)
    shown = command("reconcile", "Show the latest comparisons with WHMCS and Salesforce.", _reconcile)
    shown.add_argument("--run", dest="which", choices=tuple(_runs()), help="compare and repair now, then show")
    sold = command("catalog", "Show what is sold and what is hidden, or have it read anew.", _catalog)
    sold.add_argument("--clear", action="store_true", help="forget the copy: somebody changed a product or a price")
    waiting = command("signups", "Show how far sign-ups are, and settle one that was left to a person.", _signups)
    settled = waiting.add_mutually_exclusive_group()
    settled.add_argument("--resume", metavar="ID", help="let it go on where it stopped")
    settled.add_argument("--refuse", metavar="ID", help="end it without an account, and tell the person")
    command("checkouts", "Show submitted carts that are no order yet.", _checkouts)
    command("unlock", "Forget the failed sign-ins and linkings of an address, read from standard input.", _unlock)
    command("demo-users", "Make the demo's portal users for the sandbox's customers.", _demo_users)
    command("env-example", "Print .env.example.", None)
    return parser


async def _migrate(chosen: Settings, _: Any) -> int:
    _make_folder(chosen.DATABASE_URL)
    migrate.upgrade(chosen.DATABASE_URL)
    print(f"The database is at the newest schema ({migrate.head()}).")
    return 0


def _make_folder(database_url: str) -> None:
    if database_url.startswith("sqlite:///"):
        Path(database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)


async def _check(chosen: Settings, _: Any) -> int:
    async with wiring.opened(chosen):
        asked: dict[str, Callable[[], Awaitable[Any]]] = {
            "database": wiring.database().ping,
            "schema": _newest_schema,
            "whmcs": lambda: wiring.billing().operator_list_invoices("Unpaid", start=0, limit=1, of=()),
            "salesforce": wiring.salesforce_client().sign_in,
            "fields": _fields_as_mapped,
            "mail": wiring.mail_sender().check,
        }
        return max([await _answers(name, ask) for name, ask in asked.items()])


async def _fields_as_mapped() -> None:
    """Raises: ConfigError with a sentence for every field this organisation lacks or hides."""
    if problems := await wiring.salesforce_fields().check(wiring.salesforce_client().describe):
        raise ConfigError(problems)


async def _newest_schema() -> None:
    if not await wiring.database().migrated():
        raise ConfigError(["run `migrate`"])


async def _answers(name: str, ask: Callable[[], Awaitable[Any]]) -> int:
    try:
        await ask()
    except Exception as failure:
        reasons = failure.problems if isinstance(failure, ConfigError) else [str(failure)]
        if not isinstance(failure, PortalError):
            reasons = [type(failure).__name__]
        print(f"{name:<10} no   {reasons[0]}", *reasons[1:], sep="\n" + " " * 16)
        return 1
    print(f"{name:<10} yes")
    return 0


async def _reconcile(chosen: Settings, asked: Any) -> int:
    code = 0
    async with wiring.opened(chosen):
        if asked.which:
            code = await _run_now(chosen, asked.which)
        print(reports_table(await wiring.reconcile_reports().latest()))
    return code


async def _run_now(chosen: Settings, which: str) -> int:
    topics: set[str] = set()
    unsubscribe = wiring.bus().subscribe("customer:", lambda topic, _: topics.add(topic))
    try:
        await _runs()[which]()
    except Stopped as stopped:
        print(f"Stopped early: {stopped.code}", file=sys.stderr)
        return 1
    finally:
        unsubscribe()
        if topics and not chosen.REDIS_URL:
            print(await wake_portal(chosen, sorted(topics)))
    return 0


def _runs() -> dict[str, Callable[[], Awaitable[str]]]:
    return {
        "hourly": lambda: reconcile().hourly(),
        "nightly": lambda: reconcile().nightly(),
        "accounts": lambda: wiring.account_check().nightly(),
        "catalog": lambda: wiring.catalog_check().daily(),
    }


async def wake_portal(
    chosen: Settings, topics: Sequence[str], transport: httpx.AsyncBaseTransport | None = None
) -> str:
    """Have the portal that runs on this machine read again what changed; one line about it. Nothing runs: no harm."""
    for start in range(0, len(topics), MOST_AT_ONCE):
        part = topics[start : start + MOST_AT_ONCE]
        clear = [{"user_id": topic.split(":")[1], "tags": [topic.split(":")[2]]} for topic in part]
        try:
            status = await _tell_portal(
                chosen, {"publish": [{"topic": topic} for topic in part], "clear": clear}, transport
            )
        except httpx.HTTPError:
            return "No portal runs on this machine, so no open page had to be told."
        if status != httpx.codes.OK:
            return f"The portal did not take the hint ({status}); pages read again by themselves."
    return f"Told {len(topics)} open lists to read again."


async def _tell_portal(chosen: Settings, body: dict[str, Any], transport: httpx.AsyncBaseTransport | None) -> int:
    """The status of the operator door's answer. Raises: httpx.HTTPError when nothing listens."""
    address = f"http://127.0.0.1:{chosen.PORTAL_PORT}{routes.OPERATOR_WAKE}"
    headers = {"authorization": f"Bearer {operator_token(chosen)}"}
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=10) as http:
        return (await http.post(address, json=body, headers=headers)).status_code


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


async def _catalog(chosen: Settings, asked: Any) -> int:
    async with wiring.opened(chosen):
        if asked.clear:
            await wiring.catalog().clear()
            print("Forgotten." if chosen.REDIS_URL else await clear_portals_catalog(chosen))
        else:
            print(catalog_table(await wiring.catalog().read_now()))
    return 0


async def clear_portals_catalog(chosen: Settings, transport: httpx.AsyncBaseTransport | None = None) -> str:
    """Have the portal that runs on this machine forget its copy; one line about it. Nothing runs: no harm."""
    try:
        status = await _tell_portal(chosen, {"clear": [{"user_id": EVERYBODY.user_id, "tags": [TAG]}]}, transport)
    except httpx.HTTPError:
        return "No portal runs on this machine, so there was no copy to forget."
    if status != httpx.codes.OK:
        return f"The portal did not take the hint ({status}); start it anew to have it forget its copy."
    return "Forgotten by the portal of this machine."


def catalog_table(catalog: Catalog) -> str:
    """How much of each line is sold, then everything that is wrong with a product."""
    lines = [f"{line.value:<10} {sum(item.line is line for item in catalog.items):>4} items" for line in ProductLine]
    for problem in catalog.problems:
        kept = "hidden" if problem.hides else "sold all the same"
        lines.append(f"{problem.sku}: {problem.code}{f' ({problem.detail})' if problem.detail else ''}, {kept}")
    return "\n".join(lines)


async def _signups(chosen: Settings, asked: Any) -> int:
    async with wiring.opened(chosen):
        repair, signups = wiring.signing_up().repair, wiring.signups()
        if asked.resume:
            print(f"{asked.resume}: {await repair.resume(asked.resume)}")
        if asked.refuse:
            print(f"{asked.refuse}: {await repair.refuse(asked.refuse)}")
        for state, count in sorted((await signups.counts_by_state()).items()):
            print(f"{state:<18} {count:>6}")
        for record in await signups.needing_review():
            since = f"{record.created_at:%Y-%m-%d %H:%M}"
            print(f"left to a person: {record.signup_id}  {record.error_code}  since {since}")
    return 0


async def _checkouts(chosen: Settings, _: Any) -> int:
    async with wiring.opened(chosen):
        found = await wiring.carts().submitted()
        for one in found:
            since = f"{one.submitted_at:%Y-%m-%d %H:%M}" if one.submitted_at else "just now"
            stands = f"{one.line.value:<8} {one.state:<8} {one.attempts:>3} tries"
            print(f"{one.order_key}  {stands}  {since}  {one.error_code}")
        print(f"{len(found)} submitted carts are no order yet.")
    return 0


async def _unlock(chosen: Settings, _: Any) -> int:
    email = (await asyncio.to_thread(sys.stdin.readline)).strip()  # an argument would stand in the list of processes
    async with wiring.opened(chosen):
        await wiring.recovery().unlock(email)
    print("Its failed tries are forgotten.")
    return 0


async def _demo_users(chosen: Settings, _: Any) -> int:
    given = os.environ.get("DEMO_PASSWORD", "")
    async with wiring.opened(chosen):
        making = DemoUsers(
            chosen, wiring.users(), wiring.clients(), wiring.passwords(), wiring.logins(), wiring.accounts()
        )
        for email in EMAILS:
            new = await making.make(email, given or PASSWORD, set_password=bool(given))
            print(f"{email}: {'made' if new else 'is there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
