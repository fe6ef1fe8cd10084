"""A stage for scenes."""

import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.quick_sqlite import QuickSqlite
from tests.properties.player import Player
from tests.properties.stage import Stage
from tests.properties.story import Story

MEMORY = Path("/dev/shm")


@contextmanager
def a_stage(story: type[Player]) -> Iterator[Stage]:
    """Put up for stories of that kind, and taken down afterwards."""
    database = QuickSqlite()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        stage = Stage(Path(folder), database, story)
        with database.installed(), _rarely_collected():
            yield stage


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """A story leaves much behind at once; looking for it all the time takes a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with a_stage(Story) as stage:
        yield stage
