"""Reading a whole list that WHMCS pages without a snapshot: rows may shift from one page to the next meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from portal_app.errors import UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.whmcs.client import Rows
from portal_app.integrations.whmcs.replies import SYSTEM

PAGE = 250
MOST_PAGES = 200


class HasId(Protocol):
    """Any row."""

    @property
    def id(self) -> int:
        """Unique in its list."""
        ...


R = TypeVar("R", bound=HasId)
A = TypeVar("A")
B = TypeVar("B")
FetchPage = Callable[[int, int], Awaitable[Rows[R]]]


async def read_all(operation: str, fetch: FetchPage[R], *, page: int = PAGE) -> list[R]:
    """Every row once, in WHMCS's order. `fetch(start, limit)` gives one page.

    The number of distinct ids must be the total WHMCS names; when rows shifted meanwhile the list is read once more.
    Raises: UpstreamUnavailable when it does not hold still then either: a part of a list is never returned.
    """
    for _ in range(2):
        rows, total = await _one_pass(operation, fetch, page)
        if total is None or len(rows) == total:
            return list(rows.values())
    raise UpstreamUnavailable(SYSTEM, operation, "incomplete")


async def _one_pass(operation: str, fetch: FetchPage[R], page: int) -> tuple[dict[int, R], int | None]:
    rows: dict[int, R] = {}
    first_ids: set[int] = set()
    start, total = 0, None
    for _ in range(MOST_PAGES):
        got = await fetch(start, page)
        total = got.total
        # A page that begins like an earlier one means that limitstart was ignored: it would never end.
        if not got.items or got.items[0].id in first_ids:
            return rows, total
        first_ids.add(got.items[0].id)
        rows |= {row.id: row for row in got.items}
        start += len(got.items)
        if start >= total if total is not None else len(got.items) < page:
            return rows, total
    raise UpstreamReplyChanged(SYSTEM, operation, "endless list")


async def both(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Two reads at once. When one fails the other is ended, and the failure is raised as it is."""
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
