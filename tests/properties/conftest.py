"""A stage for scenes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.quick_sqlite import QuickSqlite
from tests.properties.stage import Stage

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    database = QuickSqlite()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        stage = Stage(Path(folder), database)
        with database.installed():
            yield stage
