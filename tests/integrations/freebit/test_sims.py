"""What fulfilment asks of the network, and how it finds out what became of a request."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal_app.domain.sims import Sim, SimLine, VoiceOptions, judge_activation
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.integrations.freebit.client import ADD_ESIM, ADD_OTA, CARD_QUEUE, CARD_REGISTER, DETAIL, FIRST_VOICE
from portal_app.integrations.freebit.refusals import SimRefused
from portal_app.integrations.freebit.sims import Sims
from tests.fakes.freebit import (
    ACCOUNT,
    CARD,
    EID,
    LINE,
    NUMBER,
    OTHER_CARD,
    OTHER_EID,
    PORT_IN,
    a_card,
    an_activation,
    refusal,
)
from tests.integrations.virtual_time import in_virtual_time

NOON = datetime(2026, 1, 15, 3, tzinfo=UTC)


def a_sim(**changed):
    fields = {"number": NUMBER, "state": "active", "form": "esim", "use": "voice", "plan_code": "P", "network": "4G"}
    return Sim(**(fields | {"eid": EID} | changed))


async def state(sims, customer, wanted=None):
    return (await sims.find_activation(customer, wanted or an_activation())).state


# Asking


@in_virtual_time
async def test_an_esim_is_asked_for_by_its_eid(freebit, sims, customer):
    receipt = await sims.request_activation(customer, an_activation())
    assert freebit.asked(ADD_ESIM) == [
        {
            "createType": "new",
            "aladinOperated": "20",
            "account": ACCOUNT,
            "addKind": "N",
            "simKind": "E0",
            "planCode": "DEMO_5G",
            "contractLine": "4G",
            "eid": EID,
        }
    ]
    assert (receipt.accepted_at, receipt.expected_by) == (NOON, NOON + timedelta(minutes=10))
    assert not receipt.done


@in_virtual_time
async def test_f13a_a_card_is_asked_for_by_its_product_number_and_number(freebit, sims, customer):
    await sims.request_activation(customer, a_card(use="data_sms", network="5G"))
    [sent] = freebit.asked(ADD_OTA)
    assert (sent["account"], sent["productNumber"], sent["simKind"], sent["contractLine"]) == (
        ACCOUNT,
        CARD,
        "E3",
        "5G",
    )
    assert "eid" not in sent


@in_virtual_time
async def test_a_scheduled_one_carries_its_day_and_is_expected_from_then_on(freebit, sims, customer):
    receipt = await sims.request_activation(customer, an_activation(start_on=date(2026, 1, 20)))
    assert freebit.asked(ADD_ESIM)[0]["startDate"] == "20260120"
    assert receipt.effective_on == date(2026, 1, 20)
    assert receipt.expected_by == datetime(2026, 1, 19, 15, 10, tzinfo=UTC)


@in_virtual_time
async def test_a_port_in_carries_the_old_contract(freebit, sims, customer):
    await sims.request_activation(customer, an_activation(port_in=PORT_IN))
    [sent] = freebit.asked(ADD_ESIM)
    assert sent["addKind"] == "M"
    assert sent["mnp"] == {
        "reserveNumber": "1200000001",
        "reserveExpireDate": "20260125",
        "lastnameKanji": "試験",
        "firstnameKanji": "太郎",
        "lastnameZenKana": "テスト",
        "firstnameZenKana": "タロウ",
        "gender": "M",
        "birthday": "19900401",
    }


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (an_activation(eid=EID[:-1] + "4"), "eid"),
        (an_activation(eid=""), "eid"),
        (an_activation(plan_code=""), "plan_code"),
        (a_card(product_number=""), "product_number"),
        (a_card(product_number="ax0000000000001"), "product_number"),
        (an_activation(line=SimLine("07012345678", 7)), "freebit_line_number"),
        (an_activation(line=SimLine("", 7)), "freebit_line_number"),
        (an_activation(start_on=date(2026, 1, 14)), "start_on"),
        (an_activation(port_in=PORT_IN, use="data"), "port_in"),
        (an_activation(port_in=PORT_IN, line=SimLine("+818012345678", 7)), "phone_number"),
    ],
)
def test_f13a_what_would_be_refused_is_not_even_sent(freebit, sims, customer, wanted, field):
    @in_virtual_time
    async def ask():
        with pytest.raises(UpstreamRejected) as caught:
            await sims.request_activation(customer, wanted)
        assert (caught.value.code, caught.value.provider_code) == (f"invalid_{field}", "")

    ask()
    assert freebit.calls == []


@in_virtual_time
async def test_another_customers_line_reads_as_not_found_and_is_not_asked_about(freebit, sims, other_customer):
    for ask in (
        sims.request_activation(other_customer, an_activation()),
        sims.find_activation(other_customer, an_activation()),
        sims.get_sim(other_customer, LINE),
        sims.request_voice(other_customer, LINE, VoiceOptions(voice_mail=True), PORT_IN),
    ):
        with pytest.raises(NotFound):
            await ask
    assert freebit.calls == []


@in_virtual_time
async def test_a_prepared_card_is_queued_and_registered(freebit, clock, customer):
    sims = Sims(freebit.client(), clock, stock="prepared")
    receipt = await sims.request_activation(customer, a_card())
    assert receipt.done and await state(sims, customer, a_card()) == "active"
    assert (len(freebit.asked(CARD_QUEUE)), len(freebit.asked(CARD_REGISTER))) == (1, 1)


@in_virtual_time
async def test_f1_a_card_whose_queueing_got_lost_is_not_queued_again(freebit, clock, customer):
    sims = Sims(freebit.client(), clock, stock="prepared")
    freebit.will_lose(CARD_QUEUE)
    with pytest.raises(UpstreamOutcomeUnknown):
        await sims.request_activation(customer, a_card())
    assert await state(sims, customer, a_card()) == "absent"
    await sims.request_activation(customer, a_card())
    assert await state(sims, customer, a_card()) == "active"
    assert (len(freebit.asked(CARD_QUEUE)), len(freebit.asked(CARD_REGISTER))) == (1, 1)


@in_virtual_time
async def test_a_prepared_card_takes_no_number_along(freebit, clock, customer):
    sims = Sims(freebit.client(), clock, stock="prepared")
    with pytest.raises(SimRefused, match="unsupported"):
        await sims.request_activation(customer, a_card(port_in=PORT_IN))
    assert freebit.calls == []


# Looking


@in_virtual_time
async def test_f10_a_lost_answer_is_settled_by_looking_at_the_line(freebit, sims, customer):
    freebit.will_lose(ADD_ESIM)
    with pytest.raises(UpstreamOutcomeUnknown):
        await sims.request_activation(customer, an_activation())
    assert await state(sims, customer) == "pending"
    freebit.finish()
    assert await state(sims, customer) == "active"
    assert len(freebit.asked(ADD_ESIM)) == 1


@in_virtual_time
async def test_f10_a_request_that_never_arrived_reads_as_absent(freebit, sims, customer):
    freebit.down = True
    with pytest.raises(UpstreamUnavailable):
        await sims.request_activation(customer, an_activation())
    freebit.down = False
    assert await state(sims, customer) == "absent"


@in_virtual_time
async def test_a_network_that_hides_what_is_pending_says_absent_and_refuses_a_second_request(freebit, sims, customer):
    freebit.shows_pending = False
    await sims.request_activation(customer, an_activation())
    assert await state(sims, customer) == "absent"
    with pytest.raises(SimRefused) as caught:
        await sims.request_activation(customer, an_activation())
    assert (caught.value.code, caught.value.provider_code) == ("exists", "400-102")


@in_virtual_time
async def test_a_failed_activation_tells_the_code_for_staff_and_may_be_asked_for_again(freebit, sims, customer):
    await sims.request_activation(customer, an_activation(port_in=PORT_IN))
    freebit.finish("failed", "400-501")
    found = await sims.find_activation(customer, an_activation())
    assert (found.state, found.code) == ("failed", "400-501")
    await sims.request_activation(customer, an_activation(port_in=PORT_IN))
    assert await state(sims, customer) == "pending"


@in_virtual_time
async def test_a_look_that_fails_says_nothing(freebit, sims, customer):
    freebit.will(DETAIL, refusal("400-201"), refusal("999-999"))
    for _ in range(2):
        with pytest.raises(UpstreamRejected):
            await sims.find_activation(customer, an_activation())


@pytest.mark.parametrize(
    ("wanted", "sim", "expected"),
    [
        (an_activation(), None, "absent"),
        (an_activation(), a_sim(), "active"),
        (an_activation(), a_sim(state="suspended"), "active"),
        (an_activation(), a_sim(state="cancelling"), "active"),
        (an_activation(), a_sim(state="pending"), "pending"),
        (an_activation(), a_sim(state="failed", failure="400-501"), "failed"),
        (an_activation(), a_sim(state="cancelled"), "unclear"),
        (an_activation(), a_sim(state="unknown"), "unclear"),
        (an_activation(), a_sim(eid=""), "unclear"),
        (an_activation(), a_sim(eid=OTHER_EID), "another"),
        (an_activation(), a_sim(eid=OTHER_EID, state="pending"), "another"),
        (an_activation(), a_sim(eid=OTHER_EID, state="failed"), "absent"),
        (an_activation(), a_sim(eid=OTHER_EID, state="cancelled"), "absent"),
        (an_activation(), a_sim(eid="", product_number=CARD, form="physical"), "another"),
        (a_card(), a_sim(eid="", product_number=CARD), "active"),
        (a_card(), a_sim(eid="", product_number=OTHER_CARD), "another"),
        (a_card(), a_sim(eid="", product_number=CARD, state="prepared"), "absent"),
    ],
)
def test_f10_what_the_line_says_about_an_activation(wanted, sim, expected):
    assert judge_activation(wanted, sim).state == expected


@in_virtual_time
async def test_details_become_a_sim(freebit, sims, customer):
    await sims.request_activation(customer, an_activation(network="5G"))
    freebit.lines[ACCOUNT] |= {
        "state": "active",
        "iccid": "8981000000000000001",
        "startDate": "20260115",
        "nextPlanCode": "DEMO_10G",
        "nextPlanDate": "2026/02/01",
        "lockedUntil": "20260115123000",
        "voiceMail": "10",
        "callWaiting": "20",
        "surprise": {"a": 1},
    }
    sim = await sims.get_sim(customer, LINE)
    assert (sim.number, sim.state, sim.form, sim.use, sim.network) == (NUMBER, "active", "esim", "voice", "5G")
    assert (sim.next_plan_code, sim.next_plan_on) == ("DEMO_10G", date(2026, 2, 1))
    assert sim.locked_until == datetime(2026, 1, 15, 3, 30, tzinfo=UTC)
    assert sim.voice == VoiceOptions(voice_mail=True, call_waiting=False)


@pytest.mark.parametrize(
    ("word", "more", "expected"),
    [
        ("active", {"cancelDate": "20260131"}, "cancelling"),
        ("ACTIVE", {}, "active"),
        ("obsolete", {"cancelDate": "20260131"}, "cancelled"),
        ("sleeping", {}, "unknown"),
        ("", {}, "unknown"),
    ],
)
def test_a_word_that_nobody_knows_is_never_taken_for_active(freebit, sims, customer, word, more, expected):
    @in_virtual_time
    async def ask():
        freebit.lines[ACCOUNT] = {"account": ACCOUNT, "state": word, "eid": EID} | more
        assert (await sims.get_sim(customer, LINE)).state == expected

    ask()


@in_virtual_time
async def test_a_line_that_does_not_exist_is_not_found(sims, customer):
    with pytest.raises(NotFound):
        await sims.get_sim(customer, LINE)


@in_virtual_time
async def test_voice_options_are_registered_with_the_holder_and_then_show(freebit, sims, customer):
    await sims.request_activation(customer, an_activation())
    freebit.finish()
    wanted = VoiceOptions(voice_mail=True, call_waiting=True)
    await sims.request_voice(customer, LINE, wanted, PORT_IN)
    [sent] = freebit.asked(FIRST_VOICE)
    assert sent["talkOption"] == {"voiceMail": "10", "callWaiting": "10"}
    assert sent["holder"]["lastnameKanji"] == "試験"
    assert (await sims.get_sim(customer, LINE)).voice.includes(wanted)
    assert not (await sims.get_sim(customer, LINE)).voice.includes(VoiceOptions(call_waiting=False))


@in_virtual_time
async def test_no_voice_option_is_no_request(freebit, sims, customer):
    with pytest.raises(SimRefused, match="invalid_options"):
        await sims.request_voice(customer, LINE, VoiceOptions(), PORT_IN)
    assert freebit.calls == []
