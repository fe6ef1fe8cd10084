"""What the command line does before the portal of `make run` starts, done in this process: all is imported already.

The command line's own way is tested by tests/test_make.py.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from portal_app import settings, wiring
from portal_app.storage import migrate as schema
from portal_app.workflows.demo_users import EMAILS, PASSWORD, DemoUsers


def migrate(env: Mapping[str, str]) -> None:
    """Bring the database to the newest schema."""
    schema.upgrade(env["DATABASE_URL"])


def make_demo_users(env: Mapping[str, str]) -> None:
    """Portal users for the sandbox's customers, made on a loop of its own: this thread's may be a test's."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, _made(env)).result()


async def _made(env: Mapping[str, str]) -> None:
    async with wiring.opened(chosen := settings.load(dict(env))):
        making = DemoUsers(
            chosen, wiring.users(), wiring.clients(), wiring.passwords(), wiring.logins(), wiring.accounts()
        )
        for email in EMAILS:
            await making.make(email, PASSWORD, set_password=False)
