"""`orders` and `order`: which are held, where one stands, and letting it go on. Nothing of a customer is ever shown."""

from contextlib import asynccontextmanager

import pytest

from portal_app import cli, settings, wiring
from portal_app.cli import fulfilling
from portal_app.domain.fulfilment import Code, Hold, State
from portal_app.errors import NotFound
from portal_app.integrations.salesforce.approved_orders import ApprovedOrders
from tests.fakes.clock import FakeClock

ORDER, OTHER = "801000000000001AAA", "801000000000002AAA"
NUMBER = "+819012345678"


@asynccontextmanager
async def opened():
    async with wiring.opened(settings.load()):
        yield wiring.fulfilments()


@pytest.fixture(autouse=True)
def salesforce(monkeypatch) -> None:
    """There is one order."""

    async def read(self: ApprovedOrders, order_id: str) -> object | None:
        return object() if order_id == OTHER else None

    monkeypatch.setattr(ApprovedOrders, "read", read)


async def run(*words: str) -> int:
    """As `main` does, in the loop of the test."""
    asked = cli.commands._parser().parse_args(words)
    return await asked.run(settings.load(), asked)


async def an_order(**changes) -> None:
    """Added in WHMCS, and refused there afterwards."""
    async with opened() as rows:
        await rows.receive(ORDER, correlation_id="AB12-CD34")
        record = await rows.claim(ORDER)
        for state in (State.VALIDATED, State.ADD_INTENT):
            record = await rows.step(record, state, order_number="00000101", line="sim", whmcs_client_id=1001)
        record = await rows.step(record, State.ADDED, whmcs_order_id=77, whmcs_service_ids={1: 501, 2: 502})
        record = await rows.step(record, State.SIM_INTENT, sim_number=NUMBER)
        held = {"hold": Hold.PAUSED, "next_attempt_at": None, "error_code": Code.SIM_ERROR, "error_text": "202-99"}
        await rows.release(await rows.step(record, State.SIM_INTENT, **held | changes))


async def test_orders_are_counted_and_held_ones_named(capsys, migrated):
    await an_order()
    async with opened() as rows:
        await rows.receive(OTHER)
    assert await run("orders") == 0
    said = capsys.readouterr().out
    assert "RECEIVED        -                  1" in said
    assert "SIM_INTENT      PAUSED             1" in said
    assert f"held   {ORDER}  SIM_INTENT      PAUSED        SIM_ERROR" in said
    assert said.endswith("\n1 orders are held, 0 are stuck.\n") and "\n\n" not in said


async def test_f14_an_order_that_does_not_move_is_named_as_stuck(capsys, migrated, monkeypatch):
    async with opened() as rows:
        await rows.receive(ORDER)
    monkeypatch.setattr(fulfilling, "STUCK_AFTER", -FakeClock().now().resolution)
    assert await run("orders") == 0
    said = capsys.readouterr().out
    assert f"stuck  {ORDER}  RECEIVED" in said and "0 orders are held, 1 are stuck." in said


async def test_an_order_is_shown_with_its_ids_and_every_step_and_without_its_number(capsys, migrated):
    await an_order()
    assert await run("order", "show", ORDER) == 0
    said = capsys.readouterr().out
    assert "held       PAUSED SIM_ERROR\nwhy        202-99" in said
    assert "whmcs      client 1001, order 77, invoice -, services 1: 501, 2: 502" in said
    assert "reference  AB12-CD34" in said
    steps = [line.split()[3:5] for line in said.partition("step")[2].splitlines()[1:]]
    assert steps[-3:] == [["ADD_INTENT", "ADDED"], ["ADDED", "SIM_INTENT"], ["SIM_INTENT", "SIM_INTENT"]]
    assert NUMBER not in said and NUMBER.lstrip("+") not in said


async def test_resume_lets_a_held_order_go_on_and_says_so(capsys, migrated, monkeypatch):
    hinted = []

    async def hint(chosen, topic) -> None:
        hinted.append(topic)

    monkeypatch.setattr(fulfilling, "hint_worker", hint)
    await an_order()
    assert await run("order", "resume", ORDER) == 0
    assert capsys.readouterr().out == "It goes on.\n"
    assert hinted == ["work:fulfilments"]
    async with opened() as rows:
        assert [one.salesforce_order_id for one in await rows.claim_due(5)] == [ORDER]


async def test_f1_whether_something_is_under_way_is_told(capsys, migrated):
    async with opened() as rows:
        await rows.receive(ORDER)
        record = await rows.step(await rows.claim(ORDER), State.VALIDATED)
        record = await rows.step(record, State.ADD_INTENT, intent_at=wiring.clock().now())
    await run("order", "show", ORDER)
    assert "what came of it is not known yet" in capsys.readouterr().out
    async with opened() as rows:
        await rows.step(record, State.ADDED)
    await run("order", "show", ORDER)
    assert "sent       nothing is under way" in capsys.readouterr().out


@pytest.mark.parametrize("spelled", [OTHER, OTHER[:15]])
async def test_i1_an_order_that_is_not_known_here_is_begun_with_once_however_it_is_spelled(capsys, migrated, spelled):
    assert await run("order", "resume", spelled) == 0
    assert "begun with" in capsys.readouterr().out
    async with opened() as rows:
        assert set(await rows.known([OTHER, OTHER[:15]])) == {OTHER}


async def test_an_order_salesforce_does_not_know_makes_nothing_here(migrated):
    with pytest.raises(NotFound):
        await run("order", "resume", ORDER)
    with pytest.raises(NotFound):
        await run("order", "show", ORDER)
    async with opened() as rows:
        assert await rows.overview() == {}


async def test_an_order_that_is_over_is_not_begun_with_again(capsys, migrated):
    async with opened() as rows:
        await rows.receive(ORDER)
        await rows.step(await rows.claim(ORDER), State.CANCELLED)
    assert await run("order", "resume", ORDER) == 1
    assert capsys.readouterr().err == "It is over: CANCELLED.\n"


@pytest.mark.parametrize("given", ["80100000000000", "801000000000001AAB", "001000000000001AAA", ""])
def test_what_is_no_id_of_an_order_is_not_understood(capsys, given):
    with pytest.raises(SystemExit) as ended:
        cli.main(["order", "resume", given])
    assert ended.value.code == 2
    assert "is not the id of an order" in capsys.readouterr().err
