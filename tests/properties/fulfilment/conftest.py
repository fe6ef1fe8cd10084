"""A stage for lives of orders."""

import asyncio
import gc
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from portal_app.storage import migrate
from portal_app.storage.engine import Database
from tests.fakes.quick_sqlite import QuickSqlite
from tests.integrations.virtual_time import VirtualTimeLoop
from tests.properties.conftest import MEMORY
from tests.properties.fulfilment.errands import Plan
from tests.properties.fulfilment.life import Life
from tests.properties.fulfilment.parts import register
from tests.properties.process import LoopClock


class Stage:
    """Each life has a database of its own, a copy of one that was migrated and knows the customers."""

    def __init__(self, folder: Path, database: QuickSqlite) -> None:
        self._folder, self._database, self._numbers = folder, database, count()
        self._prepared = folder / "prepared.db"
        migrate.upgrade(f"sqlite:///{self._prepared}")
        asyncio.run(self._register())

    def play(self, plan: Plan) -> Life:
        """Raises: AssertionError with the rules that were broken."""
        file = self._folder / f"{next(self._numbers)}.db"
        shutil.copyfile(self._prepared, file)
        life = Life(plan, file, self._database)
        try:
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                runner.run(life.play())
        finally:
            file.unlink()
        return life

    async def _register(self) -> None:
        db = Database(f"sqlite:///{self._prepared}")
        await register(db, LoopClock())
        await db.dispose()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    database, usual = QuickSqlite(), gc.get_threshold()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        stage = Stage(Path(folder), database)
        gc.set_threshold(50_000, 20, 20)  # a life leaves much behind at once
        try:
            with database.installed():
                yield stage
        finally:
            gc.set_threshold(*usual)
