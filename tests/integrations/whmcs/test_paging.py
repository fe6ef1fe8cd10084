"""Reading a list that shifts while it is read (reference 2.2)."""

from dataclasses import dataclass

import pytest

from portal_app.errors import UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.whmcs.client import Rows
from portal_app.integrations.whmcs.paging import MOST_PAGES, both, read_all


@dataclass(frozen=True)
class Row:
    id: int


class List:
    """Serves `ids` in pages; before page n of the whole reading `changes[n]` is done to them."""

    def __init__(self, ids, *, says_total=True, largest_page=1000, **changes):
        self.ids, self.says_total, self.largest_page = list(ids), says_total, largest_page
        self.changes, self.asked = changes.get("changes", {}), []

    async def page(self, start, limit):
        self.changes.get(len(self.asked), lambda ids: None)(self.ids)
        self.asked.append(start)
        got = self.ids[start : start + min(limit, self.largest_page)]
        return Rows(tuple(Row(n) for n in got), len(self.ids) if self.says_total else None)


async def ids_of(served, page=3):
    return [row.id for row in await read_all("List", served.page, page=page)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6, 7])
@pytest.mark.parametrize("says_total", [True, False])
async def test_every_row_is_read_once_in_order(count, says_total):
    assert await ids_of(List(range(1, count + 1), says_total=says_total)) == list(range(1, count + 1))


async def test_no_page_is_asked_for_past_the_total():
    served = List(range(6))
    await ids_of(served)
    assert served.asked == [0, 3]


async def test_pages_smaller_than_asked_for_are_followed_by_what_was_received():
    served = List(range(5), largest_page=2)
    assert await ids_of(served) == [0, 1, 2, 3, 4]
    assert served.asked == [0, 2, 4]


async def test_a_row_added_meanwhile_is_read_too():
    served = List(range(6), changes={1: lambda ids: ids.append(99)})
    assert await ids_of(served) == [0, 1, 2, 3, 4, 5, 99]


async def test_a_row_that_slipped_between_pages_is_found_on_a_second_reading():
    served = List(range(6), changes={1: lambda ids: ids.pop(0)})
    assert await ids_of(served) == [1, 2, 3, 4, 5]
    assert served.asked == [0, 3, 0, 3]


async def test_a_row_seen_twice_counts_once():
    served = List(range(5), changes={1: lambda ids: ids.insert(0, 99)})
    assert sorted(await ids_of(served)) == [0, 1, 2, 3, 4, 99]


async def test_a_list_that_never_holds_still_is_not_returned_in_part():
    served = List(range(9), changes={1: lambda ids: ids.pop(0), 4: lambda ids: ids.pop(0)})
    with pytest.raises(UpstreamUnavailable, match="incomplete"):
        await ids_of(served)


async def test_a_total_that_is_not_true_is_not_believed_over_the_rows():
    async def page(start, limit):
        return Rows((Row(1), Row(2)) if start == 0 else (), 60)

    with pytest.raises(UpstreamUnavailable):
        await read_all("List", page)


async def test_a_server_that_ignores_the_offset_does_not_keep_us_for_ever():
    asked = []

    async def page(start, limit):
        asked.append(start)
        return Rows((Row(1), Row(2), Row(3)), None)

    assert [row.id for row in await read_all("List", page, page=3)] == [1, 2, 3]
    assert len(asked) == 2


async def test_a_list_without_end_is_given_up():
    async def page(start, limit):
        return Rows(tuple(Row(start + n) for n in range(limit)), None)

    with pytest.raises(UpstreamReplyChanged, match="endless"):
        await read_all("List", page, page=2)
    assert MOST_PAGES == 200


async def test_of_two_reads_the_failure_of_either_is_raised_as_it_is():
    async def fail():
        raise UpstreamUnavailable("whmcs", "One")

    async def work():
        return 1

    for pair in ((fail(), work()), (work(), fail())):
        with pytest.raises(UpstreamUnavailable):
            await both(*pair)
    assert await both(work(), work()) == (1, 1)
