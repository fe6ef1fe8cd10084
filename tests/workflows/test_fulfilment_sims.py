"""Who may have a line, when the network may be asked for one, and what its answers mean for the order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import Code, NotFulfillable, billed_lines
from portal_app.domain.sims import ActivationFound, Sim
from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.integrations.freebit.client import ADD_ESIM, DETAIL
from portal_app.integrations.freebit.refusals import SimRefused
from portal_app.integrations.freebit.sims import Sims
from portal_app.workflows.fulfilment_sims import SimSteps, after_looking, overdue_at, shown_code
from tests.fakes.clock import FakeClock
from tests.fakes.freebit import ACCOUNT, EID, NUMBER, OTHER_EID, FakeFreebit, an_activation, page_of_html, refusal
from tests.fakes.sim_life import Staff
from tests.fakes.sim_orders import ACCOUNT_ID, DATA, OWNER, a_sim_order, an_esim, moving
from tests.integrations.virtual_time import in_virtual_time

ASKED = datetime(2026, 1, 15, 3, tzinfo=UTC)
SETTLE, TAKES = timedelta(minutes=5), timedelta(minutes=10)
EARLY, SETTLED, LATE = ASKED + SETTLE / 2, ASKED + SETTLE, ASKED + 2 * TAKES


def a_sim(**changed):
    return replace(Sim(NUMBER, "active", "esim", "voice", "DEMO_5G", "4G", eid=EID), **changed)


FOUND = {
    "absent": ActivationFound("absent"),
    "pending": ActivationFound("pending", a_sim(state="pending")),
    "active": ActivationFound("active", a_sim()),
    "ending": ActivationFound("active", a_sim(state="cancelling")),
    "other plan": ActivationFound("active", a_sim(plan_code="P")),
    "failed": ActivationFound("failed", a_sim(state="failed", failure="400-501"), "400-501"),
    "another": ActivationFound("another", a_sim(eid=OTHER_EID)),
    "unclear": ActivationFound("unclear", a_sim(state="unknown")),
}


def verdict(found, *, asked_at=ASKED, now=SETTLED, accepted=False, asked_number=""):
    return after_looking(
        FOUND[found],
        asked_at=asked_at,
        now=now,
        settle=SETTLE,
        wanted=an_activation(),
        expected_by=ASKED + TAKES if accepted else None,
        asked_number=asked_number,
    )


@pytest.mark.parametrize(
    ("found", "never", "unsure", "settled", "accepted", "overdue"),
    [
        ("absent", "ask", "look_later", "ask", "look_later", "review"),
        ("pending", "wait", "wait", "wait", "wait", "wait"),
        ("active", "active", "active", "active", "active", "active"),
        ("ending", "review", "active", "active", "active", "active"),
        ("other plan", "review", "active", "active", "active", "active"),
        ("failed", "ask", "look_later", "refused", "refused", "refused"),
        ("another", "review", "review", "review", "review", "review"),
        ("unclear", "review", "look_later", "review", "look_later", "review"),
    ],
)
def test_f4_what_follows_from_what_is_there_and_what_may_have_been_asked(
    found, never, unsure, settled, accepted, overdue
):
    assert verdict(found, asked_at=None) == never
    assert verdict(found, now=EARLY) == unsure
    assert verdict(found, now=SETTLED) == settled
    assert verdict(found, now=SETTLED, accepted=True) == accepted
    assert verdict(found, now=LATE, accepted=True) == overdue


def test_f4_a_line_is_asked_for_only_when_none_was_or_none_can_appear_any_more():
    moment = timedelta(microseconds=1)
    assert verdict("absent", now=SETTLED - moment) == "look_later"
    assert verdict("absent", now=ASKED - timedelta(hours=1)) == "look_later"  # a clock that went back
    asking = {
        (found, now, accepted)
        for found in FOUND
        for now in (EARLY, SETTLED, LATE)
        for accepted in (True, False)
        if verdict(found, now=now, accepted=accepted) == "ask"
    }
    assert asking == {("absent", SETTLED, False), ("absent", LATE, False)}


def test_f10_a_number_that_staff_changed_after_a_request_is_a_persons():
    for found in FOUND:
        assert verdict(found, asked_number="+817000000002") == "review"
    assert verdict("absent", asked_at=None, asked_number="+817000000002") == "ask"
    assert verdict("absent", asked_number=NUMBER) == "ask"


def test_f13a_worry_begins_after_twice_the_expected_time():
    assert overdue_at(ASKED, ASKED + TAKES) == LATE


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (SimRefused("x", "port_in_name", "400-501"), "Freebit refused: 400-501 (port_in_name)"),
        (FOUND["failed"], "Freebit refused: 400-501 (port_in_name)"),
        (ActivationFound("failed", None, "999-1"), "Freebit refused: 999-1 (other)"),
        (ActivationFound("failed", None, "山田 090-1234-5678"), "Freebit failed the activation without a code"),
        (ActivationFound("failed"), "Freebit failed the activation without a code"),
        (SimRefused("x", "invalid_gender"), "Freebit was not asked: invalid_gender"),
        (UpstreamUnavailable("freebit", "x", "timeout"), "Freebit: timeout"),
    ],
)
def test_f11_staff_read_the_networks_own_code_and_nothing_personal(failure, text):
    assert shown_code(failure) == text


def steps(freebit=None, staff=None, documents_for=frozenset({ProductLine.SIM}), clock=None):
    clock = clock or FakeClock()
    sims = Sims(freebit.client(), clock) if freebit else None
    return SimSteps(sims, staff or Staff(), clock, plan_codes={"SKU": "P"}, documents_for=documents_for)


# Identity


async def test_f13a_a_verified_document_is_asked_for_anew():
    staff = Staff()
    await steps(staff=staff).identity(OWNER, a_sim_order())
    assert staff.asked == [True]


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("not_submitted", "not submitted"),
        ("submitted", "submitted"),
        ("rejected", "rejected"),
        (None, "a status nobody knows"),
    ],
)
async def test_f13a_nothing_but_verified_is_a_yes(state, shown):
    with pytest.raises(NotFulfillable) as refused:
        await steps(staff=Staff(state)).identity(OWNER, a_sim_order())
    assert refused.value.code is Code.IDENTITY_NOT_VERIFIED and f"({shown})" in refused.value.text


@pytest.mark.parametrize(
    ("documents_for", "order", "needed"),
    [
        ({ProductLine.SIM}, a_sim_order(sku=DATA), True),
        (set(), a_sim_order(sku=DATA), False),
        (set(), a_sim_order(), True),
        (set(), a_sim_order(sku="SIM-5GB"), True),
        (set(), a_sim_order(sku=DATA, sim_use="DataSmsVoice"), True),
        ({ProductLine.VPN}, a_sim_order(line=ProductLine.VPN), True),
        ({ProductLine.SIM}, a_sim_order(line=ProductLine.INTERNET), False),
    ],
)
async def test_f13a_a_line_that_can_be_called_on_needs_a_document_whatever_is_set(documents_for, order, needed):
    staff = Staff("rejected")
    asked = steps(staff=staff, documents_for=frozenset(documents_for)).identity(OWNER, order)
    if needed:
        with pytest.raises(NotFulfillable):
            await asked
    else:
        await asked
    assert bool(staff.asked) == needed


async def test_e5_an_order_of_another_account_is_not_its_customers():
    staff = Staff()
    with pytest.raises(NotFulfillable, match="MAPPING_ERROR"):
        await steps(staff=staff).identity(replace(OWNER, salesforce_account_id="001000000000002AAA"), a_sim_order())
    await steps(staff=staff).identity(replace(OWNER, salesforce_account_id=ACCOUNT_ID[:15]), a_sim_order())
    assert staff.asked == [True]


async def test_an_account_that_is_gone_is_said_and_one_that_cannot_be_read_is_raised():
    staff = Staff()
    staff.failure = NotFound("account")
    with pytest.raises(NotFulfillable, match="MAPPING_ERROR"):
        await steps(staff=staff).identity(OWNER, a_sim_order())
    staff.failure = UpstreamUnavailable("salesforce", "x")
    with pytest.raises(UpstreamUnavailable):
        await steps(staff=staff).identity(OWNER, a_sim_order())


# Asking


def wanted(made, order=None):
    order = order or a_sim_order()
    return made.wanted(OWNER, order, billed_lines(order))


def test_without_a_network_an_order_waits_for_staff():
    with pytest.raises(NotFulfillable, match="SIM_ERROR"):
        wanted(steps())


async def test_without_a_network_nothing_is_found_or_asked():
    for do in (steps().find, steps().ask):
        with pytest.raises(NotFulfillable, match="SIM_ERROR"):
            await do(OWNER, an_activation())


@in_virtual_time
async def test_f13a_an_order_is_asked_for_and_then_found():
    freebit = FakeFreebit()
    made = steps(freebit)
    line = wanted(made, a_sim_order(an_esim(phone_number=ACCOUNT), sku="SKU", sim_use="DataSmsVoice"))
    assert (await made.find(OWNER, line)).state == "absent"
    receipt = await made.ask(OWNER, line)
    assert (receipt.done, receipt.expected_by - receipt.accepted_at) == (False, timedelta(minutes=10))
    assert (await made.find(OWNER, line)).state == "pending"
    [sent] = freebit.asked(ADD_ESIM)
    assert (sent["account"], sent["planCode"], sent["simKind"], "startDate" in sent) == (ACCOUNT, "P", "E0", False)


MINE = {"account": ACCOUNT, "state": "waiting", "simKind": "E0", "planCode": "DEMO_5G", "simType": "esim", "eid": EID}


@pytest.mark.parametrize("code", ["400-102", "400-103", "400-201"])
@pytest.mark.parametrize("state", ["waiting", "active"])
def test_f10_a_refusal_that_our_own_earlier_request_explains_is_a_receipt(code, state):
    freebit = FakeFreebit(lines={ACCOUNT: MINE | {"state": state}})
    freebit.will(ADD_ESIM, refusal(code))

    async def check():
        receipt = await steps(freebit).ask(OWNER, an_activation())
        assert receipt.done == (state == "active")

    in_virtual_time(check)()
    assert len(freebit.asked(ADD_ESIM)) == 1


@pytest.mark.parametrize(
    ("there", "code", "error", "word"),
    [
        ({}, "400-102", SimRefused, "exists"),
        ({}, "400-103", SimRefused, "sim_in_use"),
        ({ACCOUNT: MINE | {"eid": OTHER_EID}}, "400-102", SimRefused, "exists"),
        ({ACCOUNT: MINE | {"state": "strange"}}, "400-102", SimRefused, "exists"),
        ({}, "400-201", UpstreamUnavailable, "locked"),
        ({}, "400-203", UpstreamUnavailable, "too_soon"),
        ({}, "400-401", SimRefused, "plan_unknown"),
        ({}, "777-777", SimRefused, "other"),
    ],
)
def test_f10_any_other_refusal_stays_one(there, code, error, word):
    freebit = FakeFreebit(lines=dict(there))
    freebit.will(ADD_ESIM, refusal(code))

    async def check():
        with pytest.raises(error) as refused:
            await steps(freebit).ask(OWNER, an_activation())
        assert (type(refused.value), refused.value.code) == (error, word)

    in_virtual_time(check)()
    assert freebit.lines == there


@in_virtual_time
async def test_f1_a_refusal_that_cannot_be_looked_into_leaves_the_outcome_unknown():
    freebit = FakeFreebit()
    freebit.will(ADD_ESIM, refusal("400-102"))
    freebit.will(DETAIL, *[page_of_html(500)] * 3)
    with pytest.raises(UpstreamOutcomeUnknown, match="exists"):
        await steps(freebit).ask(OWNER, an_activation())


@in_virtual_time
async def test_c1_nothing_personal_is_in_what_an_order_waits_for():
    freebit = FakeFreebit(lines={ACCOUNT: MINE | {"eid": OTHER_EID}})
    made = steps(freebit)
    line = wanted(made, a_sim_order(moving(an_esim(), phone_number=ACCOUNT), sim_use="Voice", sku="SKU"))
    with pytest.raises(SimRefused) as refused:
        await made.ask(OWNER, line)
    said = f"{refused.value!r} {shown_code(refused.value)} {line!r}"
    assert not [secret for secret in (EID, OTHER_EID, ACCOUNT[1:], "試験", "1200000001") if secret in said]
