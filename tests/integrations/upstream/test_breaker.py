"""When calls stop, and how they start again (T3)."""

import asyncio

import pytest

from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.upstream.breaker import Breaker
from portal_app.integrations.upstream.policy import UpstreamPolicy
from tests.integrations.virtual_time import in_virtual_time


@pytest.fixture
def breaker():
    return Breaker(UpstreamPolicy(name="demo"))


def fail(breaker, times=1):
    for _ in range(times):
        breaker.admit("Read").failed()


def succeed(breaker, times=1):
    for _ in range(times):
        breaker.admit("Read").succeeded()


@in_virtual_time
async def test_five_failures_in_a_row_open_it(breaker):
    fail(breaker, 4)
    assert breaker.phase == "closed"
    fail(breaker)
    assert breaker.phase == "open"
    with pytest.raises(UpstreamUnavailable, match="breaker_failures"):
        breaker.admit("Read")


@in_virtual_time
async def test_a_success_between_starts_the_row_over(breaker):
    fail(breaker, 4)
    succeed(breaker)
    fail(breaker, 4)
    assert breaker.phase == "closed"


@in_virtual_time
async def test_half_of_twenty_calls_in_thirty_seconds_open_it(breaker):
    for _ in range(9):
        succeed(breaker)
        fail(breaker)
    succeed(breaker)
    assert breaker.phase == "closed"
    fail(breaker)
    assert breaker.phase == "open"


@in_virtual_time
async def test_failures_older_than_thirty_seconds_do_not_count(breaker):
    for _ in range(9):
        succeed(breaker)
        fail(breaker)
    await asyncio.sleep(31)
    succeed(breaker)
    fail(breaker)
    assert breaker.phase == "closed"


@in_virtual_time
async def test_t3_after_fifteen_seconds_two_probes_pass_and_close_it(breaker):
    fail(breaker, 5)
    await asyncio.sleep(15)
    assert breaker.phase == "half_open"
    probes = [breaker.admit("Read"), breaker.admit("Read")]
    with pytest.raises(UpstreamUnavailable):
        breaker.admit("Read")
    for probe in probes:
        probe.succeeded()
    assert breaker.phase == "closed"


@in_virtual_time
async def test_t3_a_failing_probe_opens_it_again(breaker):
    fail(breaker, 5)
    await asyncio.sleep(15)
    fail(breaker)
    assert breaker.phase == "open"
    assert breaker.open_for_s == 15


@in_virtual_time
async def test_t3_two_probes_that_failed_together_do_not_bar_the_way_for_ever(breaker):
    fail(breaker, 5)
    await asyncio.sleep(15)
    for probe in [breaker.admit("Read"), breaker.admit("Read")]:
        probe.failed()
    await asyncio.sleep(15)
    succeed(breaker, 2)
    assert breaker.phase == "closed"


@in_virtual_time
async def test_a_cancelled_probe_leaves_its_turn_to_another(breaker):
    fail(breaker, 5)
    await asyncio.sleep(15)
    for _ in range(3):
        breaker.admit("Read").unused()
    succeed(breaker, 2)
    assert breaker.phase == "closed"


@in_virtual_time
async def test_a_late_answer_from_before_it_opened_does_not_close_it(breaker):
    late = breaker.admit("Read")
    fail(breaker, 5)
    late.succeeded()
    assert breaker.phase == "open"


@in_virtual_time
async def test_t3_one_refused_credential_opens_it_for_fifteen_minutes_and_probes_once(breaker):
    breaker.admit("Read").refused()
    await asyncio.sleep(899)
    with pytest.raises(UpstreamUnavailable, match="breaker_credential"):
        breaker.admit("Read")
    await asyncio.sleep(1)
    probe = breaker.admit("Read")
    with pytest.raises(UpstreamUnavailable):
        breaker.admit("Read")
    probe.succeeded()
    assert (breaker.phase, breaker.reason) == ("closed", "")


@in_virtual_time
async def test_t3_a_credential_still_refused_waits_another_fifteen_minutes(breaker):
    breaker.admit("Read").refused()
    await asyncio.sleep(900)
    breaker.admit("Read").refused()
    assert breaker.open_for_s == 900
