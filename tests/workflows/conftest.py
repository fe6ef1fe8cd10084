"""A portal without web and pages, for each test its own."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal_app.storage import migrate
from tests.fakes.becoming_world import BecomingWorld
from tests.fakes.checkout_world import CheckoutWorld, a_world
from tests.fakes.fulfilment_world import FulfilmentWorld, a_fulfilment_world
from tests.fakes.portal_world import PortalWorld


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest revision, copied for every test."""
    path = tmp_path_factory.mktemp("template") / "portal.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
async def world(migrated_file: Path, tmp_path: Path) -> AsyncIterator[PortalWorld]:
    database = tmp_path / "portal.db"
    shutil.copy(migrated_file, database)
    made = PortalWorld(database)
    yield made
    await made.close()


@pytest.fixture
async def becoming(migrated_file: Path, tmp_path: Path) -> AsyncIterator[BecomingWorld]:
    """Nobody is a customer yet; Salesforce has the account C-1001 of Hanako, WHMCS has nobody."""
    database = tmp_path / "becoming.db"
    shutil.copy(migrated_file, database)
    made = BecomingWorld(database)
    made.an_account()
    yield made
    await made.close()


@pytest.fixture
async def shop(migrated_file: Path, tmp_path: Path) -> AsyncIterator[CheckoutWorld]:
    """One customer in good standing, with an empty cart."""
    database = tmp_path / "shop.db"
    shutil.copy(migrated_file, database)
    async with a_world(database) as made:
        yield made


@pytest.fixture
async def works(migrated_file: Path, tmp_path: Path) -> AsyncIterator[FulfilmentWorld]:
    """One customer with a card and a verified document, whose orders are fulfilled."""
    database = tmp_path / "works.db"
    shutil.copy(migrated_file, database)
    async with a_fulfilment_world(database) as made:
        yield made
