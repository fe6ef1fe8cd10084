"""Sign-ups, sign-ins, and the people of the demo."""

import asyncio
import os
import sys
from typing import Any

from portal_app import wiring
from portal_app.cli.parsing import Parsers
from portal_app.settings import Settings
from portal_app.workflows.demo_users import EMAILS, PASSWORD, DemoUsers


def add(parsers: Parsers) -> None:
    waiting = parsers.command(
        "signups", "Show how far sign-ups are, and settle one that was left to a person.", _signups
    )
    settled = waiting.add_mutually_exclusive_group()
    settled.add_argument("--resume", metavar="ID", help="let it go on where it stopped")
    settled.add_argument("--refuse", metavar="ID", help="end it without an account, and tell the person")
    parsers.command(
        "unlock", "Forget the failed sign-ins and linkings of an address, read from standard input.", _unlock
    )
    user = parsers.group("user", "Help one customer.")
    reset = user.command("reset-mfa", "Switch somebody's second factor off and sign them out everywhere.", _reset_mfa)
    reset.add_argument("email", nargs="?", default="", help="read from standard input where it is left out")
    parsers.command("demo-users", "Make the demo's portal users for the sandbox's customers.", _demo_users)


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


async def _unlock(chosen: Settings, _: Any) -> int:
    email = await _line()  # an argument would stand in the list of processes
    async with wiring.opened(chosen):
        await wiring.recovery().unlock(email)
    print("Its failed tries are forgotten.")
    return 0


async def _reset_mfa(chosen: Settings, asked: Any) -> int:
    email = asked.email or await _line()
    async with wiring.opened(chosen):
        was_on = await wiring.factor_settings().reset(email)
    print("The second factor is off." if was_on else "There was no second factor.")
    print("Signed out everywhere; the customer is told by mail.")
    return 0


async def _line() -> str:
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


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
