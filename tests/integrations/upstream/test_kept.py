"""The last net: whoever reads only what is kept reaches no wire, whatever the state of the system."""

import pytest

from portal_app.integrations.upstream import WHMCS, Upstream
from portal_app.storage.kept import NotKept, for_others, kept_only
from tests.fakes.clock import FakeClock


class Sender:
    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, seconds: float) -> str:
        self.calls += 1
        return "answer"


@pytest.mark.parametrize("write", [False, True])
async def test_nothing_is_sent_and_nothing_counted(write):
    events: list[str] = []
    upstream = Upstream(WHMCS, FakeClock(), lambda *event: events.append(event[2]))
    send, before = Sender(), upstream.state()
    with kept_only(), pytest.raises(NotKept) as said:
        await upstream.call("GetInvoices", send, write=write)
    assert (said.value.what, send.calls, events) == ("whmcs", 0, [])
    assert upstream.state() == before


async def test_what_serves_others_is_sent():
    with kept_only(), for_others():
        assert await Upstream(WHMCS, FakeClock()).call("GetInvoices", Sender()) == "answer"
