"""Whatever happens to people who sign up and link, and to the machines meanwhile, the rules hold.

A failure prints its scene, as short as it could be made. `PORTAL_SEQUENCES` sets how many are played in all.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from portal_app.storage import migrate
from tests.fakes.quick_sqlite import QuickSqlite
from tests.integrations.virtual_time import VirtualTimeLoop
from tests.properties.scenes import Scene, scenes
from tests.properties.story import Story

PARTS = 4
SEQUENCES = int(os.environ.get("PORTAL_SEQUENCES", "500"))
MEMORY = Path("/dev/shm")


class Stage:
    """Databases, each a copy of one that was migrated."""

    def __init__(self, folder: Path, database: QuickSqlite) -> None:
        self._folder, self._database, self._numbers = folder, database, count()
        self._migrated = folder / "migrated.db"
        migrate.upgrade(f"sqlite:///{self._migrated}")

    def play(self, scene: Scene) -> None:
        """Raises: AssertionError with the rules that were broken."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        file = folder / "portal.db"
        shutil.copyfile(self._migrated, file)
        try:
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                runner.run(Story(scene, file, self._database).play())
        finally:
            shutil.rmtree(folder)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    database = QuickSqlite()
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        stage = Stage(Path(folder), database)
        with database.installed():
            yield stage


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
@settings(
    max_examples=SEQUENCES // PARTS,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(scene=scenes)
def test_i2_i7_f7_becoming_a_customer_keeps_its_rules_whatever_fails(stage: Stage, part: int, scene: Scene) -> None:
    stage.play(scene)
