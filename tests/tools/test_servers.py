"""The servers tests run against are real, empty for each test, and gone afterwards."""

import asyncpg
import pytest
import redis.asyncio as redis_async

from tests.support.servers import PostgresServer, RedisServer
from tools.ports import FreePorts, is_free
from tools.processes import ProcessError


async def test_fresh_postgres_is_an_empty_real_server(fresh_postgres):
    connection = await asyncpg.connect(fresh_postgres)
    try:
        assert "PostgreSQL 16" in await connection.fetchval("select version()")
        assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0
        await connection.execute("create table left_behind (n int)")
    finally:
        await connection.close()


async def test_each_test_gets_its_own_database(fresh_postgres, postgres_url):
    connection = await asyncpg.connect(fresh_postgres)
    try:
        assert await connection.fetchval("select to_regclass('left_behind')") is None
        assert fresh_postgres != postgres_url
    finally:
        await connection.close()


async def test_fresh_redis_holds_nothing(fresh_redis):
    client = redis_async.from_url(fresh_redis)
    assert await client.dbsize() == 0
    await client.aclose()


async def test_the_server_runs_from_a_checkout_the_unprivileged_user_cannot_enter(monkeypatch):
    monkeypatch.setattr("tests.support.servers._reachable_by_all", lambda path: False)
    server = PostgresServer()
    try:
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("select 1") == 1
        await connection.close()
    finally:
        server.stop()


def test_a_start_that_fails_leaves_no_folder_behind(monkeypatch, tmp_path):
    monkeypatch.setattr("tests.support.servers.tempfile.mkdtemp", lambda **_: str(tmp_path / "server"))
    (tmp_path / "server").mkdir()
    monkeypatch.setattr(RedisServer, "MEMORY_ONLY", ("--no-such-option", "yes"))
    with pytest.raises(ProcessError, match="redis"):
        RedisServer()
    assert not (tmp_path / "server").exists()


def test_a_stopped_server_leaves_neither_process_nor_folder():
    server = RedisServer()
    folder, process = server.folder.path, server.process
    server.stop()
    assert not process.running
    assert not folder.exists()
    assert is_free(server.port)


def test_two_holders_never_get_the_same_port(tmp_path, monkeypatch):
    monkeypatch.setattr("tools.ports.random.sample", lambda numbers, k: list(numbers)[:k])
    first, second = FreePorts(tmp_path), FreePorts(tmp_path)
    taken = first.take()
    assert second.take() > taken
    first.release()
    assert FreePorts(tmp_path).take() == taken
