"""Where scenes are played: databases in memory, each a copy of one that was migrated."""

import asyncio
import shutil
from itertools import count
from pathlib import Path
from typing import Any

from portal_app.storage import migrate
from tests.fakes.quick_sqlite import QuickSqlite
from tests.integrations.virtual_time import VirtualTimeLoop
from tests.properties.player import Player


class Stage:
    """`folder` is gone through quickly: /dev/shm where there is one. `story`: the kind that is played."""

    def __init__(self, folder: Path, database: QuickSqlite, story: type[Player]) -> None:
        self._folder, self._database, self._story, self._numbers = folder, database, story, count()
        self._migrated = folder / "migrated.db"
        migrate.upgrade(f"sqlite:///{self._migrated}")
        story.prepare(self._migrated)

    def play(self, scene: Any) -> Any:
        """What it came to. Raises: AssertionError with the rules that were broken."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        file = folder / "portal.db"
        shutil.copyfile(self._migrated, file)
        story: Any = self._story(scene, file, self._database)  # type: ignore[arg-type]
        try:
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                runner.run(story.play())
        finally:
            shutil.rmtree(folder)
        return story
