"""Transactions and limits."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import aiosqlite
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as CheckoutTimeout

from portal_app.errors import Busy
from portal_app.storage.engine import Database, driver_url
from portal_app.storage.tables.audit import AuditRow
from portal_app.storage.tables.id_mappings import IdMapping
from portal_app.storage.tables.login_failures import LoginFailure
from portal_app.storage.tables.mirrors import InvoiceMirror
from tests.storage.conftest import rows

JST = timezone(timedelta(hours=9))


def a_bucket(name: str, at: datetime, failures: int = 0) -> LoginFailure:
    return LoginFailure(bucket=name, failures=failures, window_started_at=at, updated_at=at)


async def test_a_write_is_there_when_the_block_ends(db, clock):
    async with db.write() as session:
        session.add(a_bucket("b", clock.now()))
    assert await rows(db, "SELECT bucket FROM login_failures") == [("b",)]


async def test_a_write_that_raises_leaves_nothing(db, clock):
    with pytest.raises(ZeroDivisionError):
        async with db.write() as session:
            session.add(a_bucket("b", clock.now()))
            await session.flush()
            raise ZeroDivisionError
    assert await rows(db, "SELECT bucket FROM login_failures") == []


async def test_a_read_never_commits(db, clock):
    async with db.read() as session:
        session.add(a_bucket("b", clock.now()))
        if db.dialect == "sqlite":
            await session.flush()
        else:
            with pytest.raises(DBAPIError, match="read-only"):
                await session.flush()
    assert await rows(db, "SELECT bucket FROM login_failures") == []


async def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_itself(db):
    with pytest.raises(RuntimeError, match="inside a write"):
        async with db.write(), db.write():
            pass


async def test_the_refused_inner_write_undoes_the_outer_one_and_the_next_write_works(db, clock):
    with pytest.raises(RuntimeError):
        async with db.write() as session:
            session.add(a_bucket("outer", clock.now()))
            await session.flush()
            async with db.write():
                pass
    async with db.write() as session:
        session.add(a_bucket("next", clock.now()))
    assert await rows(db, "SELECT bucket FROM login_failures") == [("next",)]


async def test_many_writers_of_two_processes_lose_no_increment(db, other_db, clock):
    async with db.write() as session:
        session.add(a_bucket("b", clock.now()))

    async def increment(database: Database) -> None:
        async with database.write() as session:
            await session.execute(update(LoginFailure).values(failures=LoginFailure.failures + 1))

    await asyncio.gather(*(increment(d) for d in [db, other_db] * 20))
    assert await rows(db, "SELECT failures FROM login_failures") == [(40,)]


async def test_reading_goes_on_while_somebody_writes(db, clock):
    async with db.write() as session:
        session.add(a_bucket("b", clock.now()))
        await session.flush()
        assert await rows(db, "SELECT bucket FROM login_failures") == []


async def test_times_come_back_aware_and_in_utc(db):
    noon_in_japan = datetime(2026, 1, 15, 12, 0, 0, 123456, tzinfo=JST)
    async with db.write() as session:
        session.add(a_bucket("b", noon_in_japan))
    async with db.read() as session:
        row = await session.get(LoginFailure, "b")
    assert row.updated_at == noon_in_japan
    assert row.updated_at.tzinfo is UTC


async def test_a_naive_time_is_refused(db):
    with pytest.raises(Exception, match="needs a time zone"):
        async with db.write() as session:
            session.add(a_bucket("b", datetime(2026, 1, 15)))


async def test_times_compare_as_times_whatever_their_offset(db):
    noon = datetime(2026, 1, 15, 12, 0, tzinfo=JST)
    async with db.write() as session:
        session.add(a_bucket("b", noon))
    async with db.read() as session:
        earlier, later = datetime(2026, 1, 15, 2, 59, tzinfo=UTC), datetime(2026, 1, 15, 3, 1, tzinfo=UTC)
        assert await session.scalar(select(LoginFailure.bucket).where(LoginFailure.updated_at > earlier)) == "b"
        assert await session.scalar(select(LoginFailure.bucket).where(LoginFailure.updated_at > later)) is None


@pytest.mark.parametrize("amount", ["0", "1234", "1234.5", "-500", "99999999999.99", "0.01"])
async def test_money_survives_to_the_last_digit(db, clock, amount):
    async with db.write() as session:
        session.add(
            InvoiceMirror(
                whmcs_invoice_id=1,
                whmcs_client_id=1,
                number="1",
                status="unpaid",
                due_on=date(2026, 1, 31),
                total=Decimal(amount),
                balance=Decimal(0),
                copied_at=clock.now(),
            )
        )
    async with db.read() as session:
        assert (await session.get(InvoiceMirror, 1)).total == Decimal(amount)


async def test_a_mapping_needs_its_user(db):
    with pytest.raises(IntegrityError):
        async with db.write() as session:
            session.add(IdMapping(user_id="nobody", whmcs_client_id=1))


async def test_i5_an_error_never_repeats_the_values_of_the_statement(db, clock):
    async with db.write() as session:
        session.add(a_bucket("b", clock.now()))
    with pytest.raises(IntegrityError) as raised:
        async with db.write() as session:
            session.add(AuditRow(at=clock.now(), event="canary-4711", outcome=None))
    assert "canary-4711" not in str(raised.value)


async def test_the_database_tells_its_own_time(db):
    assert abs(await db.now() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_a_ping_of_a_database_that_is_gone_raises():
    db = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(OSError):
        await db.ping()
    await db.dispose()


async def test_sqlite_is_set_up_for_several_processes(migrated_file):
    db = Database(f"sqlite:///{migrated_file}")
    pragmas = {}
    async with db.read() as session:
        for name in ("journal_mode", "busy_timeout", "foreign_keys"):
            pragmas[name] = (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
    await db.dispose()
    assert pragmas == {"journal_mode": "wal", "busy_timeout": 5000, "foreign_keys": 1}


async def test_a_sqlite_writer_takes_the_lock_when_it_begins(migrated_file):
    db, other = Database(f"sqlite:///{migrated_file}"), Database(f"sqlite:///{migrated_file}")
    async with db.write() as session:
        await session.execute(text("SELECT 1"))
        async with other.read() as reading:
            await reading.execute(text("PRAGMA busy_timeout = 0"))
            with pytest.raises(DBAPIError, match="locked"):
                await reading.execute(text("DELETE FROM login_failures"))
    await db.dispose()
    await other.dispose()


async def test_a_writer_cancelled_between_a_statement_and_its_rows_lets_the_others_write(migrated_file, monkeypatch):
    db, other = Database(f"sqlite:///{migrated_file}"), Database(f"sqlite:///{migrated_file}")
    execute, some_rows = aiosqlite.Cursor.execute, "VALUES (1), (2), (3)"

    async def execute_and_be_cancelled(cursor: aiosqlite.Cursor, statement: str, *parameters: object) -> object:
        if statement == some_rows:
            asyncio.current_task().cancel()
        return await execute(cursor, statement, *parameters)

    async def write(database: Database) -> object:
        async with database.write() as session:
            return (await session.execute(text(some_rows))).scalars().all()

    with monkeypatch.context() as patch, pytest.raises(asyncio.CancelledError) as kept:
        patch.setattr(aiosqlite.Cursor, "execute", execute_and_be_cancelled)
        await asyncio.create_task(write(db))
    assert await write(other) == [1, 2, 3]
    assert kept.tb, "and with it the statement"
    await db.dispose()
    await other.dispose()


class TestPostgres:
    """What only a server has."""

    @pytest.fixture
    async def make(self, postgres_url):
        made = []

        def build(**options) -> Database:
            made.append(Database(postgres_url, **options))
            return made[-1]

        yield build
        for db in made:
            await db.dispose()

    async def test_the_session_has_the_limits_of_section_10(self, make):
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone")
        async with make(statement_timeout_s=30).read() as session:
            shown = [(await session.execute(text(f"SHOW {name}"))).scalar_one() for name in names]
        assert shown == ["30s", "2s", "10s", "UTC"]

    async def test_a_statement_that_takes_too_long_is_ended(self, make):
        with pytest.raises(DBAPIError, match="statement timeout"):
            async with make(statement_timeout_s=0.1).read() as session:
                await session.execute(text("SELECT pg_sleep(5)"))

    async def test_a_connection_that_was_cut_is_replaced_before_use(self, make):
        db, killer = make(pool_size=1), make()
        async with db.read() as session:
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        async with killer.read() as session:
            await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        await db.ping()

    async def test_a_full_pool_makes_callers_wait_two_seconds_at_most(self, make, monkeypatch):
        monkeypatch.setattr("portal_app.storage.engine.CHECKOUT_S", 0.2)
        monkeypatch.setattr("portal_app.storage.engine.OVERFLOW", 0)
        db = make(pool_size=1)
        async with db.read() as session:
            await session.execute(text("SELECT 1"))
            with pytest.raises(CheckoutTimeout):
                async with db.write() as writing:
                    await writing.execute(text("SELECT 1"))

    async def test_a_burst_of_readers_takes_turns_and_one_that_waits_too_long_is_told_so(self, make, monkeypatch):
        db = make(pool_size=1)
        async with asyncio.TaskGroup() as burst:
            for _ in range(100):
                burst.create_task(db.ping())
        monkeypatch.setattr("portal_app.storage.engine.TURN_S", 0.05)
        async with db.read():
            with pytest.raises(Busy):
                await db.ping()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///.data/portal.db", "sqlite+aiosqlite:///.data/portal.db"),
        ("postgresql://a:b@h/n", "postgresql+asyncpg://a:b@h/n"),
        ("postgres://a:b@h:5433/n", "postgresql+asyncpg://a:b@h:5433/n"),
        ("postgresql://a:b@h/n?sslmode=require", "postgresql+asyncpg://a:b@h/n?ssl=require"),
    ],
)
def test_addresses_name_the_asyncio_driver(given, used):
    assert driver_url(given).render_as_string(hide_password=False) == used


async def test_closing_waits_for_the_sessions_in_use_and_then_closes(migrated_file):
    db = Database(f"sqlite:///{migrated_file}")
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def read() -> object:
        async with db.read() as session:
            reading.set()
            await go_on.wait()
            return (await session.execute(text("SELECT 1"))).scalar_one()

    reader = asyncio.create_task(read())
    await reading.wait()
    closing = asyncio.create_task(db.dispose())
    await asyncio.sleep(0)
    assert not closing.done()
    go_on.set()
    assert await reader == 1
    await closing
