"""One schema, two databases, both directions."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from alembic.util.exc import CommandError
from sqlalchemy import bindparam, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal_app.storage import migrate
from portal_app.storage.engine import Database
from portal_app.storage.tables import metadata
from portal_app.storage.tables.audit import AuditRow
from portal_app.storage.types import UtcDateTime
from tests.storage.conftest import rows


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


FOUNDATION = "0001_foundation"
SHARED_ACCOUNT = [("u1", 1, "001A"), ("u2", 2, "001A"), ("u3", 3, ""), ("u4", 4, "")]
OWN_ACCOUNTS = [("u1", 1, "001A"), ("u2", 2, "001B"), ("u3", 3, ""), ("u4", 4, "")]


async def map_users(url: str, mappings: list[tuple[str, int, str]]) -> None:
    """Users and mappings, written as any revision has them."""
    db = Database(url)
    async with db.write() as session:
        for user_id, client_id, account_id in mappings:
            user = "INSERT INTO users VALUES (:id, '', :id, 'hash', 'en', :off, :at)"
            known = {"id": user_id, "off": False, "at": datetime(2026, 1, 1, tzinfo=UTC)}
            await session.execute(text(user).bindparams(bindparam("at", type_=UtcDateTime)), known)
            values = {"id": user_id, "client": client_id, "account": account_id}
            await session.execute(text("INSERT INTO id_mappings VALUES (:id, :client, :account, '')"), values)
    await db.dispose()


async def accounts_of(url: str) -> list[tuple[object, ...]]:
    db = Database(url)
    found = await rows(db, "SELECT user_id, whmcs_client_id, sf_account_id FROM id_mappings ORDER BY user_id")
    await db.dispose()
    return found


async def test_customers_keep_their_mapping_through_0002_and_back(empty_url):
    migrate.upgrade(empty_url, FOUNDATION)
    await map_users(empty_url, OWN_ACCOUNTS)
    migrate.upgrade(empty_url)
    assert await accounts_of(empty_url) == OWN_ACCOUNTS
    migrate.downgrade(empty_url, FOUNDATION)
    assert await accounts_of(empty_url) == OWN_ACCOUNTS
    assert not {"signups", "email_tokens", "idempotency_keys"} & await tables_of(empty_url)
    await map_users(empty_url, [("u5", 5, "001A")])  # the older revision allows it again


async def test_i1_0002_lets_no_two_users_have_one_salesforce_account(empty_url):
    migrate.upgrade(empty_url)
    await map_users(empty_url, OWN_ACCOUNTS)
    with pytest.raises(IntegrityError):
        await map_users(empty_url, [("u5", 5, "001A")])


async def test_0002_changes_nothing_where_an_account_is_shared_and_says_what_to_do(empty_url):
    migrate.upgrade(empty_url, FOUNDATION)
    await map_users(empty_url, SHARED_ACCOUNT)
    before = await tables_of(empty_url)
    with pytest.raises(RuntimeError, match="1 Salesforce accounts are mapped to several users"):
        migrate.upgrade(empty_url)
    assert await tables_of(empty_url) == before
    assert await accounts_of(empty_url) == SHARED_ACCOUNT
