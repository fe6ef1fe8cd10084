"""Fixtures every test may use: real servers, started once per test process and only when asked for."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client

from tests.support.compiling import share_compiled_statements
from tests.support.databases import create_database, drop_database
from tests.support.servers import PostgresServer, RedisServer
from tools.ports import FreePorts

SERVICES = {"postgres_url", "redis_url"}


def pytest_configure() -> None:
    share_compiled_statements()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs servers or a browser, so that `-m` can choose."""
    for item in items:
        if SERVICES & set(getattr(item, "fixturenames", ())):
            item.add_marker("services")
        if "browser" in item.path.relative_to(item.config.rootpath).parts[:-1]:
            item.add_marker("browser")
    # What takes longest begins first: at the end it would keep one worker busy while the others are done.
    items.sort(key=lambda item: not any(mark.args == (0,) for mark in item.iter_markers("timeout")))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: looking through all of it again and again takes a sixth of
    the time of every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With PORTAL_TESTS_NO_SKIPS a skipped test is a failure: `make test` leaves nothing unproved."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("PORTAL_TESTS_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("Tests were skipped; `make test` wants all of them to run.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _given(name: str) -> str:
    """A server given from outside serves one test process only; the others start their own."""
    return os.environ.get(name, "") if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0" else ""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL: TEST_DATABASE_URL or one of our own. Use `fresh_postgres` for an empty database."""
    if url := _given("TEST_DATABASE_URL"):
        yield url
        return
    server = PostgresServer()
    yield server.url
    server.stop()


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """URL of an empty database, dropped afterwards."""
    url = create_database(postgres_url)
    yield url
    drop_database(url, postgres_url)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis: TEST_REDIS_URL or one of our own. Use `fresh_redis` for an empty one."""
    if url := _given("TEST_REDIS_URL"):
        yield url
        return
    server = RedisServer()
    yield server.url
    server.stop()


@pytest.fixture
def fresh_redis(redis_url: str) -> str:
    """URL of a Redis database with nothing in it."""
    with redis_client.Redis.from_url(redis_url) as client:
        client.flushdb()
    return redis_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'portal.db'}"


@pytest.fixture
def free_ports() -> Iterator[FreePorts]:
    """Ports nobody else gets while the test runs."""
    ports = FreePorts()
    yield ports
    ports.release()
