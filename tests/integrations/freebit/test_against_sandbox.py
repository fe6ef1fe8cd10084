"""The client over real sockets against the stand-in: every way in, every fault, and the effects counted over there."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal_app.domain.customer import Customer
from portal_app.domain.sims import SimLine, VoiceOptions
from portal_app.errors import UpstreamError, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.freebit.refusals import SimRefused
from portal_app.integrations.freebit.sims import Sims
from portal_app.integrations.upstream import CredentialRefused
from sandbox.config import DEMO_FREEBIT_ID, DEMO_FREEBIT_KEY
from sandbox.freebit import codes
from sandbox.freebit.lines import Line
from tests.fakes.freebit import CARD, EID, LINE, OTHER_EID, PORT_IN, a_card, an_activation
from tests.integrations.freebit.conftest import QUICK

MOVING = replace(PORT_IN, expires_on=date(2026, 4, 25))
OWNER = Customer("u-7", 7)


@pytest.fixture
def sims(connect, april):
    return Sims(connect(), april)


def fail(sandbox, kind, action="*", times=1, delay_ms=None):
    sandbox.world.faults.add("freebit", action, kind, times, delay_ms)


def effects(sandbox):
    """How many activations were ever accepted."""
    return sum(one.kind == "activation" for one in sandbox.world.freebit.work.all())


async def state(sims, wanted):
    return (await sims.find_activation(OWNER, wanted)).state


@pytest.mark.parametrize(
    "wanted",
    [an_activation(), a_card(), an_activation(port_in=MOVING), a_card(port_in=MOVING)],
    ids=["esim", "card", "esim moving", "card moving"],
)
async def test_f13a_every_kind_of_line_is_accepted_pending_and_then_active(sandbox, sims, wanted):
    assert await state(sims, wanted) == "absent"
    await sims.request_activation(OWNER, wanted)
    assert await state(sims, wanted) == "pending"
    sandbox.world.clock.advance(30)
    found = await sims.find_activation(OWNER, wanted)
    assert (found.state, found.sim.form, found.sim.plan_code) == ("active", wanted.form, "DEMO_5G")
    assert found.sim.activated_on == date(2026, 4, 15)


async def test_a_scheduled_line_starts_on_its_day(sandbox, sims):
    wanted = an_activation(start_on=date(2026, 4, 17))
    await sims.request_activation(OWNER, wanted)
    sandbox.world.clock.advance(86_400)
    assert await state(sims, wanted) == "pending"
    sandbox.world.clock.advance(86_400)
    assert await state(sims, wanted) == "active"


async def test_a_prepared_card_is_active_at_once(connect, april):
    sims = Sims(connect(), april, stock="prepared")
    assert (await sims.request_activation(OWNER, a_card())).done
    assert await state(sims, a_card()) == "active"


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        ("1200009001", "port_in_name", codes.PORT_NAME),
        ("1200009002", "port_in_expired", codes.PORT_EXPIRED),
        ("1200009003", "port_in_used", codes.PORT_USED),
    ],
)
async def test_a_port_in_that_the_old_operator_refuses_fails_later_with_its_code(sandbox, sims, number, kind, code):
    wanted = an_activation(port_in=replace(MOVING, reservation_number=number))
    await sims.request_activation(OWNER, wanted)
    sandbox.world.clock.advance(30)
    found = await sims.find_activation(OWNER, wanted)
    assert (found.state, found.code) == ("failed", code)


async def test_an_expired_reservation_is_refused_at_once(sims):
    wanted = an_activation(port_in=replace(MOVING, expires_on=date(2026, 4, 14)))
    with pytest.raises(SimRefused) as caught:
        await sims.request_activation(OWNER, wanted)
    assert (caught.value.code, caught.value.provider_code) == ("port_in_expired", codes.PORT_EXPIRED)


async def test_i1_the_same_activation_twice_is_one_effect(sandbox, sims):
    await sims.request_activation(OWNER, an_activation())
    for again in (an_activation(), an_activation(eid=OTHER_EID)):
        with pytest.raises(SimRefused, match="exists"):
            await sims.request_activation(OWNER, again)
    elsewhere = an_activation(line=SimLine("+817000000009", 7))
    with pytest.raises(SimRefused, match="sim_in_use"):
        await sims.request_activation(OWNER, elsewhere)
    assert effects(sandbox) == 1
    assert await state(sims, an_activation(eid=OTHER_EID)) == "another"


MAYBE = ["down", "lost", "http500", "html", "wrong_json", "redirect", "huge", "truncated", "effect_no_reply"]
DONE = {"truncated", "effect_no_reply"}


@pytest.mark.parametrize("kind", MAYBE)
async def test_f1_after_any_fault_of_a_write_looking_tells_whether_it_was_done(sandbox, sims, kind):
    fail(sandbox, kind, "mvno/esim/addAcnt", delay_ms=1)
    with pytest.raises(UpstreamOutcomeUnknown):
        await sims.request_activation(OWNER, an_activation())
    assert effects(sandbox) == (kind in DONE)
    assert await state(sims, an_activation()) == ("pending" if kind in DONE else "absent")
    if kind not in DONE:
        await sims.request_activation(OWNER, an_activation())
    assert effects(sandbox) == 1


@pytest.mark.parametrize("kind", ["slow", "late_reply"])
async def test_f1_an_answer_past_the_time_is_unknown_and_the_work_is_found_done(sandbox, connect, april, kind):
    sims = Sims(connect(policy=replace(QUICK, write_s=0.3, least_left_s=0.05)), april)
    assert await state(sims, an_activation()) == "absent"
    fail(sandbox, kind, "mvno/esim/addAcnt", delay_ms=500)
    with pytest.raises(UpstreamOutcomeUnknown, match="timeout"):
        await sims.request_activation(OWNER, an_activation())
    expected = "absent" if kind == "slow" else "pending"
    assert await state(sims, an_activation()) == expected  # a slow one is still working: hence the settle time


@pytest.mark.parametrize(("kind", "error"), [("busy_code", UpstreamUnavailable), ("status429", UpstreamUnavailable)])
async def test_f5_refused_before_any_work_is_unavailable(sandbox, sims, kind, error):
    fail(sandbox, kind, "mvno/esim/addAcnt")
    with pytest.raises(error):
        await sims.request_activation(OWNER, an_activation())
    assert effects(sandbox) == 0


async def test_an_unknown_code_is_a_refusal_with_the_networks_own_code(sandbox, sims):
    fail(sandbox, "unknown_code", "mvno/esim/addAcnt")
    with pytest.raises(UpstreamRejected) as caught:
        await sims.request_activation(OWNER, an_activation())
    assert caught.value.provider_code == "999-999"


async def test_a_network_that_is_down_is_unavailable(sims):
    sims._client._transport._root = "http://127.0.0.1:1/emptool/api"
    with pytest.raises(UpstreamUnavailable):
        await sims.request_activation(OWNER, an_activation())


@pytest.mark.parametrize(
    "kind", ["down", "lost", "http500", "html", "status429", "wrong_json", "truncated", "effect_no_reply", "busy_code"]
)
async def test_a_fault_of_a_read_is_never_taken_for_an_absent_line(sandbox, sims, kind):
    await sims.request_activation(OWNER, an_activation())
    fail(sandbox, kind, "mvno/getDetail", times=None, delay_ms=1)
    with pytest.raises(UpstreamError):
        await sims.find_activation(OWNER, an_activation())


async def test_passing_faults_of_a_read_are_tried_again(sandbox, sims):
    fail(sandbox, "down", "mvno/getDetail", times=2)
    assert await state(sims, an_activation()) == "absent"


async def test_keys_that_expire_or_are_revoked_are_renewed_silently(sandbox, sims):
    assert await state(sims, an_activation()) == "absent"
    sandbox.world.clock.advance(1800)
    await sims.request_activation(OWNER, an_activation())
    sandbox.world.freebit.keys.revoke()
    assert await state(sims, an_activation()) == "pending"
    assert sandbox.world.freebit.calls["authOem"] == 3


async def test_a_wrong_credential_is_said_once_and_then_not_tried(sandbox, connect, april):
    sims = Sims(connect(secret="wrong"), april)
    with pytest.raises(CredentialRefused):
        await state(sims, an_activation())
    with pytest.raises(UpstreamUnavailable):
        await state(sims, an_activation())
    assert sandbox.world.freebit.calls["authOem"] == 1


async def test_codes_as_numbers_read_alike(sandbox, sims):
    sandbox.world.freebit.behaviour.numeric_codes = True
    await sims.request_activation(OWNER, an_activation())
    assert await state(sims, an_activation()) == "pending"


async def test_f10_a_line_that_is_hidden_while_pending_is_not_asked_for_twice_with_effect(sandbox, sims):
    sandbox.world.freebit.behaviour.shows_pending = False
    await sims.request_activation(OWNER, an_activation())
    assert await state(sims, an_activation()) == "absent"
    with pytest.raises(SimRefused, match="exists"):
        await sims.request_activation(OWNER, an_activation())
    sandbox.world.clock.advance(30)
    assert (await state(sims, an_activation()), effects(sandbox)) == ("active", 1)


async def test_voice_options_come_on_after_their_time(sandbox, sims):
    await sims.request_activation(OWNER, an_activation())
    sandbox.world.clock.advance(30)
    wanted = VoiceOptions(voice_mail=True, call_waiting=False)
    await sims.request_voice(OWNER, LINE, wanted, MOVING)
    sim = await sims.get_sim(OWNER, LINE)
    assert sim.voice is None and sim.locked_until == datetime(2026, 4, 15, 3, 10, 30, tzinfo=UTC)
    sandbox.world.clock.advance(600)
    assert (await sims.get_sim(OWNER, LINE)).voice.includes(wanted)


async def test_seeded_lines_can_be_read(sandbox, sims):
    [row] = sandbox.world.store.rows("SELECT account FROM fb_lines WHERE live LIMIT 1")
    sim = await sims.get_sim(OWNER, SimLine("+81" + row["account"][1:], 7))
    assert sim.state in ("active", "suspended") and sim.form == "physical"


async def test_all_lines_are_listed_in_one_call(sandbox, sims):
    planted = len(await sims.list_sims())
    await sims.request_activation(OWNER, an_activation())
    sandbox.world.freebit.lines.save(Line("GRP_00000000001", "active", "esim", activated_on="20260101"))
    listed = await sims.list_sims()
    assert len(listed) == planted + 1
    assert [sim.state for sim in listed if sim.eid == EID] == ["pending"]
    assert sandbox.world.freebit.calls["mvno/getDetail"] == 2


async def test_nothing_personal_is_logged_on_either_side(sandbox, sims, caplog):
    caplog.set_level(logging.DEBUG)
    wanted = an_activation(port_in=MOVING)
    await sims.request_activation(OWNER, wanted)
    await sims.find_activation(OWNER, wanted)
    said = str([vars(record) for record in caplog.records if record.name.startswith("portal_app")])
    assert "mvno/esim/addAcnt" in said
    for secret in (EID, CARD, "07012345678", "+8170", "試験", "1200000001", DEMO_FREEBIT_ID, DEMO_FREEBIT_KEY):
        assert secret not in said
