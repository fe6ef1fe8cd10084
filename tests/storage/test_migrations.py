"""One schema, two databases, both directions."""

import subprocess
import sys

import pytest
from alembic.util.exc import CommandError
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from portal_app.storage import migrate
from portal_app.storage.engine import Database
from portal_app.storage.tables import metadata
from portal_app.storage.tables.audit import AuditRow


@pytest.fixture(params=["sqlite_url", "fresh_postgres"])
def empty_url(request) -> str:
    return request.getfixturevalue(request.param)


async def tables_of(url: str) -> set[str]:
    db = Database(url)
    async with db.read() as session:
        connection = await session.connection()
        names = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    await db.dispose()
    return names


async def is_migrated(url: str) -> bool:
    db = Database(url)
    try:
        return await db.migrated()
    finally:
        await db.dispose()


async def test_the_migration_goes_up_and_down_and_up_again(empty_url):
    migrate.upgrade(empty_url)
    assert await tables_of(empty_url) == {*metadata.tables, "alembic_version"}
    assert await is_migrated(empty_url)
    migrate.downgrade(empty_url)
    assert await tables_of(empty_url) == {"alembic_version"}
    assert not await is_migrated(empty_url)
    migrate.upgrade(empty_url)
    assert await is_migrated(empty_url)


async def test_the_models_and_the_migration_say_the_same(empty_url):
    migrate.upgrade(empty_url)
    migrate.check(empty_url)


async def test_the_comparison_of_models_and_migration_notices_a_missing_column(empty_url):
    migrate.upgrade(empty_url)
    db = Database(empty_url)
    async with db.write() as session:
        await session.execute(text("ALTER TABLE users DROP COLUMN locale"))
    await db.dispose()
    with pytest.raises(CommandError, match="New upgrade operations"):
        migrate.check(empty_url)


async def test_several_processes_may_migrate_at_once(empty_url):
    program = "import sys; from portal_app.storage import migrate; migrate.upgrade(sys.argv[1])"
    command = [sys.executable, "-c", program, empty_url]
    processes = [subprocess.Popen(command, cwd=migrate.ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    problems = [process.communicate()[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], problems
    assert await is_migrated(empty_url)


async def test_an_sqlite_database_is_made_with_its_folder(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'folder' / 'portal.db'}"
    migrate.upgrade(url)
    assert await is_migrated(url)


@pytest.mark.parametrize("act", ["UPDATE audit_log SET outcome = 'x'", "DELETE FROM audit_log"])
async def test_a3_nobody_changes_or_deletes_an_audit_row(db, clock, act):
    async with db.write() as session:
        session.add(AuditRow(at=clock.now(), event="sign_in", outcome="ok"))
    with pytest.raises(DBAPIError, match="append-only"):
        async with db.write() as session:
            await session.execute(text(act))
    async with db.read() as session:
        assert (await session.execute(text("SELECT outcome FROM audit_log"))).scalars().all() == ["ok"]


async def test_a3_nobody_empties_the_audit_log_on_postgresql(db, clock):
    if db.dialect == "sqlite":
        return  # has no TRUNCATE; DELETE is covered above
    with pytest.raises(DBAPIError, match="append-only"):
        async with db.write() as session:
            await session.execute(text("TRUNCATE audit_log"))


async def test_audit_rows_count_up_from_one(db, clock):
    for _ in range(3):
        async with db.write() as session:
            session.add(AuditRow(at=clock.now(), event="sign_in", outcome="ok"))
    async with db.read() as session:
        assert (await session.execute(text("SELECT seq FROM audit_log ORDER BY seq"))).scalars().all() == [1, 2, 3]
