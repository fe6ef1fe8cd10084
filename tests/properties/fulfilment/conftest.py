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
from tests.properties.fulfilment.errands import Plan, shorter_plans
from tests.properties.fulfilment.life import Life
from tests.properties.fulfilment.parts import register
from tests.properties.process import LoopClock

MOST_TRIES = 200


class Stage:
    """Each life has a database of its own, a copy of one that was migrated and knows the customers."""

    def __init__(self, folder: Path, database: QuickSqlite) -> None:
        self._folder, self._database, self._numbers = folder, database, count()
        self._prepared = folder / "prepared.db"
        migrate.upgrade(f"sqlite:///{self._prepared}")
        asyncio.run(self._register())

    def play(self, plan: Plan) -> Life:
        """Raises: AssertionError with the rules that were broken, and the plan, as short as it could be made."""
        try:
            return self._play(plan)
        except AssertionError as broken:
            shorter = self._shorter(plan)
            if shorter is None:
                raise
            raise shorter from broken

    def _shorter(self, plan: Plan) -> AssertionError | None:
        """The failure of the shortest plan that was found: without one order, one fault, one death after the other."""
        found, tries = None, iter(range(MOST_TRIES))
        again = True
        while again:
            again = False
            for candidate in shorter_plans(plan):
                if next(tries, None) is None:
                    return found
                try:
                    self._play(candidate)
                except AssertionError as broken:
                    plan, found, again = candidate, broken, True
                    break
        return found

    def _play(self, plan: Plan) -> Life:
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
