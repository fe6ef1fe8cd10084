"""A database of its own for each test, on a running PostgreSQL."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg


def create_database(server_url: str) -> str:
    """URL of a new empty database on that server."""
    name = f"test_{uuid4().hex}"
    _run(_execute(server_url, f'CREATE DATABASE "{name}"'))
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def drop_database(url: str, server_url: str) -> None:
    """Remove a database made by create_database, closing connections left open to it."""
    name = urlsplit(url).path.lstrip("/")
    _run(_execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end on a loop of its own: the calling thread's loop belongs to the test."""
    problems: list[BaseException] = []

    def body() -> None:
        try:
            asyncio.run(work)
        except BaseException as broken:
            problems.append(broken)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
