"""Traffic and added data, over real sockets; adding is never idempotent over there."""

from datetime import date

import pytest

from portal_app.domain.sims import TopUp
from portal_app.errors import NotFound, UpstreamOutcomeUnknown
from portal_app.integrations.freebit.refusals import SimRefused
from portal_app.integrations.freebit.usage import Usage
from sandbox.freebit.lines import ACTIVE, Line
from tests.fakes.freebit import ACCOUNT, LINE
from tests.integrations.virtual_time import in_virtual_time

APRIL = (date(2026, 4, 1), date(2026, 4, 30))


@pytest.fixture
def usage(connect, april, sandbox):
    """Of a line with 5 GB, 400 MB of it used."""
    line = Line(ACCOUNT, ACTIVE, "esim", plan="DEMO_5G", quota_mb=5000, used_mb=400, used_in="202604")
    line.activated_on = "20260101"
    sandbox.world.freebit.lines.save(line)
    return Usage(connect(), april)


async def test_traffic_is_in_megabytes_as_of_now(usage, customer, april):
    found = await usage.get_usage(customer, LINE)
    assert (found.used_mb, found.quota_mb, found.remaining_mb) == (400, 5000, 4600)
    assert found.as_of == april.now()


async def test_a_quota_the_network_does_not_tell_is_not_zero(usage, customer, sandbox):
    line = sandbox.world.freebit.lines.find(ACCOUNT)
    line.quota_mb = None
    sandbox.world.freebit.lines.save(line)
    found = await usage.get_usage(customer, LINE)
    assert (found.used_mb, found.quota_mb, found.remaining_mb) == (400, None, None)


async def test_f10_a_lost_top_up_is_found_by_its_reference_and_not_sent_again(usage, customer, sandbox):
    sandbox.world.faults.add("freebit", "master/addSpec", "effect_no_reply", 1, None)
    with pytest.raises(UpstreamOutcomeUnknown):
        await usage.request_top_up(customer, LINE, 1000, "inv-1", date(2026, 4, 30))
    assert await usage.find_top_up(customer, LINE, "inv-1", *APRIL) == ()  # not yet
    sandbox.world.clock.advance(10)
    wanted = TopUp("inv-1", 1000, date(2026, 4, 15), date(2026, 4, 30))
    assert await usage.find_top_up(customer, LINE, "inv-1", *APRIL) == (wanted,)
    assert await usage.find_top_up(customer, LINE, "inv-2", *APRIL) == ()
    assert (await usage.get_usage(customer, LINE)).quota_mb == 6000
    assert sandbox.world.freebit.calls["master/addSpec"] == 1


async def test_the_same_reference_twice_shows_twice(usage, customer, sandbox):
    for _ in range(2):
        await usage.request_top_up(customer, LINE, 1000, "inv-1")
    sandbox.world.clock.advance(10)
    assert len(await usage.find_top_up(customer, LINE, "inv-1", *APRIL)) == 2


@pytest.mark.parametrize(("megabytes", "reference"), [(0, "r"), (512_001, "r"), (1000, ""), (1000, "r" * 513)])
def test_what_would_be_refused_is_not_even_sent(freebit, clock, customer, other_customer, megabytes, reference):
    usage = Usage(freebit.client(), clock)

    @in_virtual_time
    async def ask():
        with pytest.raises(SimRefused, match="invalid_"):
            await usage.request_top_up(customer, LINE, megabytes, reference)
        for asking in (
            usage.get_usage(other_customer, LINE),
            usage.list_top_ups(other_customer, LINE, *APRIL),
            usage.request_top_up(other_customer, LINE, 1000, "r"),
        ):
            with pytest.raises(NotFound):
                await asking

    ask()
    assert freebit.calls == []
