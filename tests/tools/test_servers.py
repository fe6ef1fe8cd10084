"""The servers tests run against are real, empty for each test, and gone afterwards."""

import asyncpg
import redis.asyncio as redis_async

from tests.support.servers import RedisServer
from tools.ports import FreePorts, is_free


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
