"""The database's schema."""

from pathlib import Path
from typing import Any

from portal_app.cli.parsing import Parsers
from portal_app.settings import Settings
from portal_app.storage import migrate


def add(parsers: Parsers) -> None:
    parsers.command("migrate", "Bring the database to the newest schema.", _migrate)


async def _migrate(chosen: Settings, _: Any) -> int:
    _make_folder(chosen.DATABASE_URL)
    migrate.upgrade(chosen.DATABASE_URL)
    print(f"The database is at the newest schema ({migrate.head()}).")
    return 0


def _make_folder(database_url: str) -> None:
    if database_url.startswith("sqlite:///"):
        Path(database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
