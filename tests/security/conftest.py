"""Doors on SQLite; the tests of what races also run on PostgreSQL."""

import pytest

from portal_app.storage import migrate
from tests.fakes.clock import FakeClock
from tests.fakes.doors import Doors, sqlite_url


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def doors(tmp_path, clock):
    made = Doors(sqlite_url(tmp_path), clock)
    yield made
    await made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_doors(request, tmp_path, clock):
    """The same on both databases."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path)
    else:
        url = request.getfixturevalue("fresh_postgres")
        migrate.upgrade(url)
    made = Doors(url, clock)
    yield made
    await made.close()
