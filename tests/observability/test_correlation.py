"""The short id of a request, event or job."""

import asyncio
import re

from portal_app.observability import correlation


def test_a_new_id_is_two_groups_of_four_without_letters_that_look_like_digits():
    for _ in range(200):
        assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}", correlation.new())


async def test_an_id_follows_child_tasks_and_stays_out_of_siblings():
    seen: dict[str, str] = {}

    async def work(name: str, identifier: str) -> None:
        correlation.bind(identifier)
        await asyncio.sleep(0)
        seen[name] = await asyncio.create_task(_current())

    await asyncio.gather(work("a", "AAAA-2222"), work("b", "BBBB-3333"))
    assert seen == {"a": "AAAA-2222", "b": "BBBB-3333"}


async def test_an_id_of_another_shape_is_replaced():
    correlation.bind('x"\r\n{"level":"forged"}')
    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", correlation.current())


async def _current() -> str:
    return correlation.current()
