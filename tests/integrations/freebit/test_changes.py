"""What a customer changes on a running line, over real sockets, with the network's delays, locks and distances."""

from datetime import date, datetime, timedelta

import pytest

from portal_app.domain.sims import SimLine, VoiceOptions, read_download
from portal_app.errors import NotFound, UpstreamOutcomeUnknown
from portal_app.integrations.freebit.changes import SimChanges
from portal_app.integrations.freebit.refusals import SimRefused
from portal_app.integrations.freebit.sims import Sims
from sandbox.freebit import codes
from tests.fakes.freebit import EID, LINE, OTHER_EID, PORT_IN, an_activation
from tests.integrations.virtual_time import in_virtual_time

DAY = 86_400


@pytest.fixture
async def sims(connect, april, sandbox, customer):
    """With one running eSIM."""
    made = Sims(connect(), april)
    await made.request_activation(customer, an_activation())
    sandbox.world.clock.advance(30)
    return made


@pytest.fixture
def changes(connect, april):
    return SimChanges(connect(), april)


async def refused(asking):
    with pytest.raises(SimRefused) as caught:
        await asking
    return caught.value.code


async def test_a_plan_is_booked_for_its_day(sims, changes, sandbox, customer):
    receipt = await changes.request_plan(customer, LINE, "DEMO_10G", date(2026, 5, 1))
    assert receipt.effective_on == date(2026, 5, 1)
    sim = await sims.get_sim(customer, LINE)
    assert (sim.plan_code, sim.next_plan_code, sim.next_plan_on) == ("DEMO_5G", "DEMO_10G", date(2026, 5, 1))
    sandbox.world.clock.advance(1800)
    assert await refused(changes.request_plan(customer, LINE, "DEMO_1G", date(2026, 5, 1))) == "locked"
    sandbox.world.clock.advance(16 * DAY)
    assert (await sims.get_sim(customer, LINE)).plan_code == "DEMO_10G"


async def test_a_network_switch_locks_the_line_and_then_shows(sims, changes, sandbox, customer, april):
    receipt = await changes.request_network(customer, LINE, "5G")
    assert receipt.expected_by == april.now() + timedelta(minutes=30)
    sim = await sims.get_sim(customer, LINE)
    assert sim.network == "4G" and isinstance(sim.locked_until, datetime)
    assert await refused(changes.request_voice(customer, LINE, VoiceOptions(voice_mail=True))) == "locked"
    sandbox.world.clock.advance(1800)
    assert (await sims.get_sim(customer, LINE)).network == "5G"


async def test_changes_that_follow_too_soon_are_refused(sims, changes, customer):
    await changes.request_plan(customer, LINE, "DEMO_10G", date(2026, 5, 1))
    assert await refused(changes.request_network(customer, LINE, "5G")) == "too_soon"


async def test_voice_options_that_are_not_named_stay(sims, changes, sandbox, customer):
    await sims.request_voice(customer, LINE, VoiceOptions(voice_mail=True), PORT_IN)
    sandbox.world.clock.advance(2400)
    await changes.request_voice(customer, LINE, VoiceOptions(intl_roaming=True))
    sandbox.world.clock.advance(600)
    sim = await sims.get_sim(customer, LINE)
    assert sim.voice == VoiceOptions(True, False, False, True, False)


async def test_a_reissue_moves_the_line_to_the_new_eid(sims, changes, sandbox, customer):
    sim = await sims.get_sim(customer, LINE)
    await changes.request_reissue(customer, LINE, sim, OTHER_EID)
    assert (await sims.get_sim(customer, LINE)).eid == EID
    sandbox.world.clock.advance(30)
    assert (await sims.get_sim(customer, LINE)).eid == OTHER_EID


async def test_a_cancellation_is_for_a_day_to_come(sims, changes, sandbox, customer):
    for on in (date(2026, 4, 15), date(2026, 4, 14)):
        assert await refused(changes.request_cancellation(customer, LINE, on)) == "invalid_day"
    await changes.request_cancellation(customer, LINE, date(2026, 4, 30))
    sim = await sims.get_sim(customer, LINE)
    assert (sim.state, sim.ends_on) == ("cancelling", date(2026, 4, 30))
    assert await refused(changes.request_cancellation(customer, LINE, date(2026, 5, 31))) == "wrong_state"
    sandbox.world.clock.advance(15 * DAY)
    assert (await sims.get_sim(customer, LINE)).state == "cancelled"


async def test_a_lost_change_is_found_by_looking(sims, changes, sandbox, customer):
    sandbox.world.faults.add("freebit", "mvno/changePlan", "effect_no_reply", 1, None)
    with pytest.raises(UpstreamOutcomeUnknown):
        await changes.request_plan(customer, LINE, "DEMO_10G", date(2026, 5, 1))
    assert (await sims.get_sim(customer, LINE)).next_plan_code == "DEMO_10G"


async def test_a_profile_is_found_by_its_eid_unless_a_code_is_issued(sims, sandbox, customer):
    assert read_download(await sims.get_sim(customer, LINE)).method == "eid"
    sandbox.world.freebit.behaviour.issues_lpa = True
    download = read_download(await sims.get_sim(customer, LINE))
    assert (download.method, download.host) == ("activation_code", "smdp.example")
    assert download.activation_code not in repr(download)


def test_what_would_be_refused_is_not_even_sent(freebit, clock, customer, other_customer):
    changes = SimChanges(freebit.client(), clock)
    tomorrow = date(2026, 1, 16)

    @in_virtual_time
    async def ask():
        assert await refused(changes.request_voice(customer, LINE, VoiceOptions())) == "invalid_options"
        assert await refused(changes.request_plan(customer, LINE, "P", date(2026, 1, 15))) == "invalid_day"
        nowhere = SimLine("x", 7)
        assert await refused(changes.request_network(customer, nowhere, "5G")) == "invalid_freebit_line_number"
        for asking in (
            changes.request_plan(other_customer, LINE, "P", tomorrow),
            changes.request_network(other_customer, LINE, "5G"),
            changes.request_voice(other_customer, LINE, VoiceOptions(voice_mail=True)),
            changes.request_cancellation(other_customer, LINE, tomorrow),
        ):
            with pytest.raises(NotFound):
                await asking

    ask()
    assert freebit.calls == []


@pytest.mark.parametrize("eid", ["", EID, OTHER_EID[:-1] + "9"])
async def test_a_reissue_needs_another_and_a_good_eid(sims, changes, sandbox, customer, eid):
    sim = await sims.get_sim(customer, LINE)
    assert await refused(changes.request_reissue(customer, LINE, sim, eid)) == "invalid_eid"
    assert sandbox.world.freebit.calls["mvno/esim/addAcnt"] == 1


async def test_a_plan_nobody_has_is_refused_in_our_word(sims, changes, sandbox, customer):
    sandbox.world.freebit.behaviour.plans = ["DEMO_5G"]
    with pytest.raises(SimRefused) as caught:
        await changes.request_plan(customer, LINE, "NONE", date(2026, 5, 1))
    assert (caught.value.code, caught.value.provider_code) == ("plan_unknown", codes.PLAN_UNKNOWN)
