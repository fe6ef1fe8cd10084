"""Building the real objects, and taking them down again."""

import asyncio

from portal_app import wiring
from portal_app.storage import migrate
from tests.fakes.settings import a_settings


async def test_what_was_opened_closes_at_whatever_moment_and_leaves_no_task(sqlite_url):
    """The clock's question to the database is under way at every one of these moments."""
    migrate.upgrade(sqlite_url)
    before = asyncio.all_tasks()
    for turns in range(0, 40, 2):
        async with asyncio.timeout(20), wiring.opened(a_settings(DATABASE_URL=sqlite_url)):
            for _ in range(turns):
                await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
