"""A running line is changed: delays, locks, spacing, limits, and what the calendar does."""

from __future__ import annotations

import pytest

from sandbox.clock import Clock
from sandbox.freebit import codes
from tests.sandbox.freebit.visitors import EID, LINE, OTHER_EID, Freebit
from tests.sandbox.visitors import Console

DAY = 86_400
TOP_UP = {"kind": "MVNO", "account": LINE, "quota": "1000", "quotaCode": "ref-1"}


@pytest.fixture
async def line(freebit: Freebit) -> Freebit:
    await freebit.active_esim()
    return freebit


async def test_a_network_switch_takes_half_an_hour_and_locks_the_line(line: Freebit, clock: Clock) -> None:
    assert await line.code("mvno/contractline/change", account=LINE, contractLine="5G") == "100"
    assert (await line.detail())["lockedUntil"] == "20260415123030"
    assert await line.code("mvno/contractline/change", account=LINE, contractLine="5G") == codes.LOCKED
    voice = {"account": LINE, "userConfirmed": "10", "talkOption": {"voiceMail": "10"}}
    assert await line.code("mvno/talkoption/changeOrder", **voice) == codes.LOCKED
    assert await line.code("master/cnclAcnt", kind="MVNO", account=LINE) == codes.LOCKED
    assert (await line.detail())["contractLine"] == "4G"
    clock.advance(1800)
    found = await line.detail()
    assert (found["contractLine"], "lockedUntil" in found) == ("5G", False)


async def test_changes_of_one_line_keep_their_distance(line: Freebit, clock: Clock) -> None:
    assert await line.code("mvno/changePlan", account=LINE, planCode="DEMO_10G") == "100"
    assert await line.code("mvno/contractline/change", account=LINE, contractLine="5G") == codes.TOO_SOON
    clock.advance(1800)
    assert await line.code("mvno/contractline/change", account=LINE, contractLine="5G") == "100"


async def test_a_booked_plan_change_comes_due_on_its_day(line: Freebit, clock: Clock) -> None:
    assert await line.code("mvno/changePlan", account=LINE, planCode="DEMO_5G") == codes.NO_CHANGE
    booked = {"account": LINE, "planCode": "DEMO_10G", "runTime": "20260501"}
    assert await line.code("mvno/changePlan", **booked) == "100"
    found = await line.detail()
    assert (found["planCode"], found["nextPlanCode"], found["nextPlanDate"]) == ("DEMO_5G", "DEMO_10G", "20260501")
    clock.advance(DAY)
    assert await line.code("mvno/changePlan", **(booked | {"planCode": "DEMO_1G"})) == codes.LOCKED
    clock.advance(15 * DAY)
    found = await line.detail()
    assert (found["planCode"], "nextPlanCode" in found) == ("DEMO_10G", False)


async def test_voice_options_that_are_not_named_stay(line: Freebit, clock: Clock) -> None:
    holder = {"lastnameKanji": "試験"}
    first = {"account": LINE, "holder": holder, "talkOption": {"voiceMail": "10"}}
    assert await line.code("mvno/talkoption/addOrder", **first) == "100"
    clock.advance(600)
    assert await line.code("mvno/talkoption/addOrder", **first) == codes.WRONG_STATE
    clock.advance(1800)
    change = {"account": LINE, "userConfirmed": "10", "talkOption": {"callWaiting": "10"}}
    assert await line.code("mvno/talkoption/changeOrder", **(change | {"talkOption": {}})) == codes.MALFORMED
    assert await line.code("mvno/talkoption/changeOrder", **(change | {"userConfirmed": "20"})) == codes.MALFORMED
    assert await line.code("mvno/talkoption/changeOrder", **change) == "100"
    clock.advance(600)
    found = await line.detail()
    assert (found["voiceMail"], found["callWaiting"], found["callTransfer"]) == ("10", "10", "20")


async def test_the_same_top_up_twice_adds_twice_and_shows_in_the_history(line: Freebit, clock: Clock) -> None:
    for _ in range(2):
        assert await line.code("master/addSpec", **TOP_UP) == "100"
    history = {"account": LINE, "fromDate": "20260401", "toDate": "20260430"}
    assert (await line("mvno/getQuotaHistory", **history))["quotaHistory"] == []
    clock.advance(10)
    rows = (await line("mvno/getQuotaHistory", **history))["quotaHistory"]
    assert [(row["quota"], row["quotaCode"]) for row in rows] == [("1000", "ref-1")] * 2


@pytest.mark.parametrize("quota", ["0", "512001", "1.5", 1000, ""])
async def test_a_quota_is_one_to_512000_as_text(line: Freebit, quota: object) -> None:
    assert await line.code("master/addSpec", **(TOP_UP | {"quota": quota})) == codes.MALFORMED


async def test_a_member_of_a_share_group_is_not_topped_up(line: Freebit) -> None:
    found = line.sandbox.world.freebit.lines.find(LINE)
    found.group = "GRP_00000000001"
    line.sandbox.world.freebit.lines.save(found)
    assert await line.code("master/addSpec", **TOP_UP) == codes.WRONG_STATE


async def test_added_data_counts_until_it_expires(line: Freebit, clock: Clock) -> None:
    found = line.sandbox.world.freebit.lines.find(LINE)
    found.quota_mb, found.used_mb, found.used_in = 5000, 400, "202604"
    line.sandbox.world.freebit.lines.save(found)
    await line.code("master/addSpec", **(TOP_UP | {"expire": "20260430"}))
    clock.advance(10)
    traffic = (await line("mvno/getTrafficInfo", requestDatas=[{"account": LINE}]))["traffic"]
    assert (traffic["quotaKB"], traffic["usedKB"], traffic["remainKB"]) == ("6000000", "400000", "5600000")
    clock.advance(16 * DAY)
    traffic = (await line("mvno/getTrafficInfo", requestDatas=[{"account": LINE}]))["traffic"]
    assert (traffic["quotaKB"], traffic["usedKB"]) == ("5000000", "0")


async def test_details_and_traffic_are_for_one_line_at_a_time(line: Freebit, console: Console) -> None:
    two = [{"kind": "MVNO", "account": LINE}] * 2
    assert await line.code("mvno/getDetail", requestDatas=two) == codes.ONE_AT_A_TIME
    assert await line.code("mvno/getTrafficInfo", requestDatas=two) == codes.ONE_AT_A_TIME
    assert (await console("GET", "freebit/counts"))["calls"]["mvno/getTrafficInfo"] == 1


async def test_a_cancellation_comes_due_in_any_spelling_of_its_day(line: Freebit, clock: Clock) -> None:
    assert await line.code("master/cnclAcnt", kind="MASTER", account=LINE) == codes.MALFORMED
    assert await line.code("master/cnclAcnt", kind="MVNO", account=LINE, runDate="2026-04-14") == codes.MALFORMED
    assert await line.code("master/cnclAcnt", kind="MVNO", account=LINE, runDate="2026/04/30") == "100"
    assert (await line.detail())["cancelDate"] == "20260430"
    assert await line.code("master/cnclAcnt", kind="MVNO", account=LINE) == codes.WRONG_STATE
    clock.advance(15 * DAY)
    assert (await line.detail())["state"] == "obsolete"


async def test_suspended_lines_are_not_changed(line: Freebit, console: Console) -> None:
    assert (await console("POST", f"freebit/sims/{LINE}/suspend"))["status"] == "suspended"
    assert await line.code("mvno/changePlan", account=LINE, planCode="DEMO_1G") == codes.WRONG_STATE
    await console("POST", f"freebit/sims/{LINE}/resume")
    assert await line.code("mvno/changePlan", account=LINE, planCode="DEMO_1G") == "100"


async def test_an_activation_code_is_issued_only_when_the_setting_says_so(line: Freebit, console: Console) -> None:
    assert "activationCode" not in await line.detail()
    await console("POST", "freebit/behaviour", {"issues_lpa": True})
    assert (await line.detail())["activationCode"].startswith("LPA:1$smdp.example$")


async def test_a_failed_reissue_keeps_the_old_profile(line: Freebit, console: Console, clock: Clock) -> None:
    await console("POST", "freebit/next", {"code": "400-777"})
    wanted = {"createType": "add", "account": LINE, "addKind": "R", "eid": OTHER_EID, "reissue": {"oldEid": EID}}
    assert await line.code("mvno/esim/addAcnt", **wanted) == "100"
    clock.advance(30)
    found = await line.detail()
    assert (found["state"], found["eid"]) == ("active", EID)


@pytest.mark.parametrize("wanted", [{"activation_s": -1}, {"odd": 1}, {"key_s": None}, {"plans": "x"}])
async def test_a_behaviour_that_is_none_is_refused(console: Console, wanted: dict) -> None:
    await console("POST", "freebit/behaviour", wanted)
    assert console.status == 400
