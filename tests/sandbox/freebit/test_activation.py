"""Lines come into being: accepted, then done or failed; never twice for one number or one SIM."""

from __future__ import annotations

import pytest

from sandbox.clock import Clock
from sandbox.freebit import codes
from tests.sandbox.freebit.visitors import CARD, EID, ESIM, LINE, MNP, OTA, OTHER_CARD, OTHER_EID, OTHER_LINE, Freebit
from tests.sandbox.visitors import Console

PORT_IN = ESIM | {"addKind": "M", "mnp": MNP}


async def state(freebit: Freebit) -> str:
    found = await freebit.detail()
    return found if isinstance(found, str) else found["state"]


async def test_an_esim_is_accepted_at_once_and_active_later(freebit: Freebit, clock: Clock) -> None:
    assert await freebit.code("mvno/esim/addAcnt", **ESIM) == "100"
    clock.advance(29)
    assert await state(freebit) == "waiting"
    clock.advance(1)
    found = await freebit.detail()
    assert (found["state"], found["eid"], found["startDate"], found["simType"]) == ("active", EID, "20260415", "esim")
    assert len(found["iccid"]) == 19


async def test_a_line_may_stay_hidden_until_it_is_done(freebit: Freebit, console: Console, clock: Clock) -> None:
    await console("POST", "freebit/behaviour", {"shows_pending": False})
    await freebit.code("mvno/esim/addAcnt", **ESIM)
    assert await state(freebit) == codes.NOT_FOUND
    clock.advance(30)
    assert await state(freebit) == "active"


async def test_an_over_the_air_card_is_known_by_its_printed_number(freebit: Freebit, clock: Clock) -> None:
    assert await freebit.code("mvno/ota/addAcnt", **OTA) == "100"
    clock.advance(30)
    assert (await freebit.detail())["productNumber"] == CARD


async def test_a_start_date_is_waited_for(freebit: Freebit, clock: Clock) -> None:
    assert await freebit.code("mvno/ota/addAcnt", **OTA, startDate="20260417") == "100"
    clock.advance(86_400)
    assert await state(freebit) == "waiting"
    clock.advance(86_400)
    assert await state(freebit) == "active"


async def test_a_number_and_a_sim_are_given_once(freebit: Freebit) -> None:
    for path, first, again in (
        ("mvno/esim/addAcnt", ESIM, {"eid": OTHER_EID}),
        ("mvno/ota/addAcnt", OTA | {"account": OTHER_LINE}, {"productNumber": OTHER_CARD}),
    ):
        assert await freebit.code(path, **first) == "100"
        assert await freebit.code(path, **first) == codes.EXISTS
        assert await freebit.code(path, **(first | again)) == codes.EXISTS
        assert await freebit.code(path, **(first | {"account": "07000000009"})) == codes.SIM_IN_USE


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"eid": "1" * 31}, codes.MALFORMED),
        ({"account": "0700000"}, codes.MALFORMED),
        ({"addKind": "X"}, codes.MALFORMED),
        ({"planCode": ""}, codes.MALFORMED),
        ({"aladinOperated": "10", "addKind": "M", "mnp": MNP}, codes.UNSUPPORTED),
        ({"aladinOperated": "10", "addKind": "R"}, codes.UNSUPPORTED),
        ({"addKind": "M"}, codes.MALFORMED),
        ({"addKind": "M", "mnp": MNP | {"reserveNumber": "12-0000001"}}, codes.MALFORMED),
        ({"addKind": "M", "mnp": MNP | {"reserveExpireDate": "20260414"}}, codes.PORT_EXPIRED),
        ({"startDate": "20260414"}, codes.MALFORMED),
        ({"startDate": "20260231"}, codes.MALFORMED),
    ],
)
async def test_what_is_refused_at_once_leaves_nothing(freebit: Freebit, changed: dict, code: str) -> None:
    assert await freebit.code("mvno/esim/addAcnt", **(ESIM | changed)) == code
    assert await state(freebit) == codes.NOT_FOUND


async def test_an_unknown_plan_is_refused_where_plans_are_listed(freebit: Freebit, console: Console) -> None:
    await console("POST", "freebit/behaviour", {"plans": ["DEMO_1G"]})
    assert await freebit.code("mvno/esim/addAcnt", **ESIM) == codes.PLAN_UNKNOWN


@pytest.mark.parametrize(
    ("number", "code"),
    [("1200009001", codes.PORT_NAME), ("1200009002", codes.PORT_EXPIRED), ("1200009003", codes.PORT_USED)],
)
async def test_a_port_in_is_refused_later_by_the_old_operator(
    freebit: Freebit, clock: Clock, number: str, code: str
) -> None:
    wanted = PORT_IN | {"mnp": MNP | {"reserveNumber": number}}
    assert await freebit.code("mvno/esim/addAcnt", **wanted) == "100"
    clock.advance(30)
    found = await freebit.detail()
    assert (found["state"], found["failureCode"]) == ("failed", code)
    assert await freebit.code("mvno/esim/addAcnt", **PORT_IN) == "100"
    clock.advance(30)
    assert await state(freebit) == "active"


async def test_a_reservation_number_is_spent_by_its_first_use(freebit: Freebit, clock: Clock) -> None:
    await freebit.code("mvno/esim/addAcnt", **PORT_IN)
    clock.advance(30)
    await freebit.code("mvno/esim/addAcnt", **(PORT_IN | {"account": OTHER_LINE, "eid": OTHER_EID}))
    clock.advance(30)
    assert (await freebit.detail(OTHER_LINE))["failureCode"] == codes.PORT_USED


async def test_staff_complete_or_reject_what_waits_for_them(freebit: Freebit, console: Console) -> None:
    await console("POST", "freebit/behaviour", {"activation_s": None})
    await freebit.code("mvno/esim/addAcnt", **ESIM)
    assert [row["waits_for"] for row in await console("GET", "freebit/sims?open=yes")] == ["activation"]
    rejected = await console("POST", f"freebit/sims/{LINE}/reject", {"code": "400-777"})
    assert (rejected["status"], rejected["code"]) == ("failed", "400-777")
    await console("POST", f"freebit/sims/{LINE}/complete")
    assert console.status == 409
    await freebit.code("mvno/esim/addAcnt", **ESIM)
    assert (await console("POST", f"freebit/sims/{LINE}/complete"))["status"] == "active"


async def test_the_next_one_can_be_made_to_fail(freebit: Freebit, console: Console, clock: Clock) -> None:
    await console("POST", "freebit/next", {"code": "400-777"})
    for expected in ("failed", "active"):
        await freebit.code("mvno/esim/addAcnt", **ESIM)
        clock.advance(30)
        assert await state(freebit) == expected


async def test_notices_and_counts_tell_what_ended(freebit: Freebit, console: Console, clock: Clock) -> None:
    await freebit.active_esim()
    await freebit.code("mvno/esim/addAcnt", **(PORT_IN | {"account": OTHER_LINE, "eid": OTHER_EID}))
    counted = await console("GET", "freebit/counts")
    assert counted["effects"] == {"activation done": 1, "activation open": 1}
    assert counted["calls"]["mvno/esim/addAcnt"] == 2
    clock.advance(60)
    async with console.session.get(f"{console.sandbox.url}/console/api/freebit/notices") as answer:
        rows = (await answer.text()).split("\r\n")
    assert rows[1:] == [f"20260415120030,{LINE},100", f"20260415120130,{OTHER_LINE},100", ""]


async def test_a_prepared_card_is_queued_and_then_applied_at_once(freebit: Freebit) -> None:
    card = {"account": LINE, "productNumber": CARD}
    assert await freebit.code("mvno/semiblack/addAcnt", **card, planCode="DEMO_5G") == codes.NOT_FOUND
    assert await freebit.code("mvno/semiblack/addTempAcnt", **card) == "100"
    assert (await freebit("mvno/semiblack/changeState", productNumber=CARD))["state"] == "10"
    assert await freebit.code("mvno/semiblack/addAcnt", **card, planCode="DEMO_5G") == "100"
    assert await state(freebit) == "active"
    assert await freebit.code("mvno/semiblack/addAcnt", **card, planCode="DEMO_5G") == codes.EXISTS


async def test_plain_registration_takes_up_to_ten_minutes(freebit: Freebit, clock: Clock) -> None:
    entry = {"kind": "MVNO", "account": LINE, "planCode": "DEMO_5G"}
    assert await freebit.code("master/addAcnt", requestDatas=[entry, entry]) == codes.ONE_AT_A_TIME
    assert await freebit.code("master/addAcnt", requestDatas=[entry]) == "100"
    clock.advance(599)
    assert await state(freebit) == "waiting"
    clock.advance(1)
    assert await state(freebit) == "active"


async def test_a_reissue_names_the_old_sim_and_changes_the_eid_later(freebit: Freebit, clock: Clock) -> None:
    await freebit.active_esim()
    reissue = {"createType": "add", "account": LINE, "addKind": "R", "eid": OTHER_EID}
    assert await freebit.code("mvno/esim/addAcnt", **reissue, reissue={"oldEid": OTHER_EID}) == codes.MALFORMED
    assert await freebit.code("mvno/esim/addAcnt", **reissue, reissue={"oldEid": EID}) == "100"
    assert (await freebit.detail())["eid"] == EID
    clock.advance(30)
    assert (await freebit.detail())["eid"] == OTHER_EID


async def test_seeded_services_have_their_lines(freebit: Freebit, console: Console) -> None:
    rows = await console("GET", "freebit/sims?search=090")
    assert {row["status"] for row in rows} >= {"active", "suspended"}
    await console("POST", "reset")
    assert len(await console("GET", "freebit/sims?search=090")) == len(rows)


async def test_the_drawer_gives_a_number_and_a_card_that_are_free(freebit: Freebit, console: Console) -> None:
    seen = set()
    for _ in range(3):
        stock = await console("GET", "freebit/stock")
        taken = {"account": stock["phone_number"], "productNumber": stock["product_number"]}
        assert await freebit.code("mvno/ota/addAcnt", **(OTA | taken)) == "100"
        seen.add((stock["phone_number"], stock["product_number"]))
    assert len(seen) == 3


async def test_staff_see_what_is_planned_and_may_let_it_pass(freebit: Freebit, console: Console, clock: Clock) -> None:
    await console("POST", "freebit/next", {"code": codes.PORT_NAME, "times": 2})
    assert (await console("GET", "freebit/behaviour"))["next_codes"] == [codes.PORT_NAME] * 2
    await freebit.code("mvno/esim/addAcnt", **ESIM)
    clock.advance(30)
    [row] = await console("GET", f"freebit/sims?search={LINE}")
    assert (row["status"], row["code"], row["words"]) == ("failed", codes.PORT_NAME, codes.WORDS[codes.PORT_NAME])
    assert await console("DELETE", "freebit/next") == {"next_codes": []}
    await freebit.code("mvno/esim/addAcnt", **ESIM)
    clock.advance(30)
    assert await state(freebit) == "active"
