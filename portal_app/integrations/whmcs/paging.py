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

    The number of distinct ids must be the total every page names; when rows shifted meanwhile it is read once more.
    Raises: UpstreamUnavailable when it does not hold still then either: a part of a list is never returned.
    """
    for _ in range(2):
        rows, totals = await _one_pass(operation, fetch, page)
        # The total alone would not do: a row deleted between two pages hides another one and still adds up.
        if totals <= {None} or totals == {len(rows)}:
            return list(rows.values())
    raise UpstreamUnavailable(SYSTEM, operation, "incomplete")


async def _one_pass(operation: str, fetch: FetchPage[R], page: int) -> tuple[dict[int, R], set[int | None]]:
    rows: dict[int, R] = {}
    first_ids: set[int] = set()
    totals: set[int | None] = set()
    start = 0
    for _ in range(MOST_PAGES):
        got = await fetch(start, page)
        totals.add(got.total)
        # A page that begins like an earlier one means that limitstart was ignored: it would never end.
        if not got.items or got.items[0].id in first_ids:
            return rows, totals
        first_ids.add(got.items[0].id)
        rows |= {row.id: row for row in got.items}
        start += len(got.items)
        if start >= got.total if got.total is not None else len(got.items) < page:
            return rows, totals
    raise UpstreamReplyChanged(SYSTEM, operation, "endless list")


async def both(first: Coroutine[Any, Any, A], second: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Two reads at once. When one fails the other is ended, and the failure is raised as it is."""
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    try:
        one, other = await asyncio.gather(*tasks)
        return one, other
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
