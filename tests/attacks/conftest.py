"""The doors without browsers and processes: what a hostile client sends, over real workflows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal_app import wiring
from tests.fakes.becoming_world import BecomingWorld
from tests.fakes.doors import sqlite_url
from tests.fakes.entrance import Entrance


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[BecomingWorld]:
    """Nobody is a customer yet; Salesforce has the account C-1001 of Hanako, WHMCS has nobody."""
    made = BecomingWorld(Path(sqlite_url(tmp_path).removeprefix("sqlite:///")))
    made.an_account()
    yield made
    await made.close()


@pytest.fixture
async def entrance(world: BecomingWorld) -> AsyncIterator[Entrance]:
    made = Entrance(world)
    with wiring.use(**made.parts):
        yield made
    await made.close()
