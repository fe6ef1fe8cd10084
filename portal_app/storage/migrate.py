"""Brings a database to a schema revision, and tells whether it is there. Used by tools, cli and tests."""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from alembic import command

ROOT = Path(__file__).resolve().parents[2]

_one_at_a_time = threading.Lock()  # alembic keeps what it runs in module globals


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to a revision, making an SQLite file that does not exist yet."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to a revision."""
    _run(url, lambda config: command.downgrade(config, revision))


def check(url: str) -> None:
    """Raises alembic's CommandError when the tables in code and the migrated database differ."""
    _run(url, command.check)


def configuration(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["url"] = url
    return config


@cache
def head() -> str:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(configuration("")).get_current_head() or ""


def at_head(connection: Connection) -> bool:
    """Whether that connection's database is at the newest revision."""
    return MigrationContext.configure(connection).get_current_revision() == head()


def _run(url: str, act: Callable[[Config], None]) -> None:
    """Alembic drives an event loop of its own, so it runs in a thread: the caller may be inside another loop."""
    problems: list[BaseException] = []

    def body() -> None:
        try:
            with _one_at_a_time:
                act(configuration(url))
        except BaseException as broken:
            problems.append(broken)

    thread = threading.Thread(target=body, name="migrate")
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
