"""A page of several blocks that share a state: its answer, and the tab that goes on from there."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal_app import routes, wiring
from portal_app.pages import ON_LOAD
from portal_app.priming.declared import marked, name_in_script
from portal_app.priming.handover import Handover
from portal_app.security.sessions import Session
from portal_app.settings import Settings
from portal_app.state import primed
from portal_app.state.dashboard import DashboardState
from portal_app.state.orders import OrdersState
from portal_app.state.primed import Filled, FirstData
from portal_app.state.services import ServicesState
from portal_app.storage.bus import MemoryBus
from portal_app.storage.kept import NotKept, only_kept
from tests.fakes.ordering_screens import ScreenFulfilment, ScreenOrders, an_order
from tests.fakes.profile_screens import ScreenProfiles
from tests.fakes.screens import CUSTOMER, ScreenPayMethods, a_service, an_invoice
from tests.fakes.support_screens import ScreenSupport, a_case

NOW = datetime(2026, 1, 15, tzinfo=UTC)
SESSION = Session("session-1", "user-1", CUSTOMER, "en", NOW, ("pwd",), NOW, NOW + timedelta(hours=12), NOW)
FIRST = FirstData(ON_LOAD)
LOADS = tuple(handler.fn.__name__ for handler in ON_LOAD[routes.DASHBOARD])
SOURCES = ("billing", "services", "clients", "orders", "support", "pay_methods", "checks", "profiles")
"""Whom the handlers of the dashboard ask, in their order."""


class Source:
    """Someone who is asked, with what was asked of them; `kept` is False where they have no copy, `silent` while they
    do not answer."""

    def __init__(self, fake: Any) -> None:
        self.fake, self.kept, self.asked = fake, True, Counter[str]()
        self.silent: asyncio.Event | None = None

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self.fake, name)
        if name == "begin" or not asyncio.iscoroutinefunction(asked):  # who begins something waits for nothing
            return asked

        async def ask(*args: Any, **named: Any) -> Any:
            self.asked[name] += 1
            if self.silent:
                await self.silent.wait()
            if only_kept() and not self.kept:
                raise NotKept(name)
            return await asked(*args, **named)

        return ask


@pytest.fixture
def home(outside: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """A customer who has something in every block."""
    fakes = {
        **vars(outside),
        "support": ScreenSupport([a_case(1)]),
        "pay_methods": ScreenPayMethods(),
        "profiles": ScreenProfiles(),
        "orders": ScreenOrders(),
        "fulfilment": ScreenFulfilment(),
    }
    outside.billing.invoices = [an_invoice(101, "overdue", -3)]
    outside.services.services = [a_service(1, "suspended")]
    fakes["orders"].orders = [an_order(1, error_code="PAYMENT_METHOD_MISSING")]
    bus, settings = MemoryBus(), Settings.model_construct(FIRST_DATA="on")
    parts: dict[str, Any] = {name: Source(fakes[name]) for name in SOURCES}
    handover = Handover(bus, outside.clock)
    handover.start()
    rest = {name: fake for name, fake in fakes.items() if name not in SOURCES}
    rest["service_book"] = parts["services"]
    with wiring.use(**rest | parts | {"bus": bus, "handover": handover, "settings": settings}):
        yield SimpleNamespace(**rest | parts | {"bus": bus, "handover": handover})
    handover.stop()


@pytest.fixture(autouse=True)
def a_slow_machine_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primed, "budget_s", lambda: 5.0)


async def answer(path: str = routes.DASHBOARD) -> Filled:
    filled = await FIRST.of(path.strip("/"), path, "", SESSION, "en")
    assert filled is not None
    return filled


def shown(filled: Filled, var: str) -> Any:
    return filled.values[name_in_script(DashboardState)][f"{var}_rx_state_"]


def asked(home: SimpleNamespace) -> int:
    return sum(getattr(home, name).asked.total() for name in SOURCES)


async def opened(tab: Any, socket: str = "socket-1", loads: tuple[str, ...] = LOADS) -> DashboardState:
    state: DashboardState = tab(DashboardState, routes.DASHBOARD)
    _arrive(state, socket)
    for name in loads:
        await getattr(state, name)()
    return state


def every_var(state: DashboardState) -> dict[str, Any]:
    return {var: getattr(state, var) for var in marked(DashboardState)}


def _arrive(state: Any, socket: str) -> None:
    state.router = replace(state.router, session=replace(state.router.session, session_id=socket))


async def test_every_block_is_in_the_answer_with_what_is_made_of_all(home) -> None:
    filled = await answer()
    assert all(shown(filled, f"{block}_loaded") for block in ("bills", "services", "cases"))
    assert (shown(filled, "name"), len(shown(filled, "orders"))) == ("花子", 1)
    assert [task["kind"] for task in shown(filled, "tasks")] == ["overdue", "order", "no_payment", "suspended"]
    assert {row["kind"] for row in shown(filled, "activity")} == {
        "invoice_issued",
        "order_placed",
        "case_opened",
        "service_started",
    }


@pytest.mark.parametrize(
    ("path", "state"),
    [(routes.DASHBOARD, DashboardState), (routes.SERVICES, ServicesState), (routes.ORDERS, OrdersState)],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_visit_reads_once(home, tab, path, state) -> None:
    await answer(path)
    reads = asked(home)
    assert reads
    opening = tab(state, path)
    for handler in ON_LOAD[path]:
        await handler.fn(opening)
    assert asked(home) == reads
    for handler in ON_LOAD[path]:
        await handler.fn(opening)
    assert asked(home) == 2 * reads, "what is asked for again is read again"


async def test_the_tab_shows_what_the_answer_showed(home, tab) -> None:
    filled = await answer()
    state = await opened(tab)
    said = state.get_delta()[DashboardState.get_full_name()]
    assert set(said) == {f"{var}_rx_state_" for var in marked(DashboardState)}
    assert [task.key for task in state.tasks] == [task["key"] for task in shown(filled, "tasks")]


@pytest.mark.parametrize("source", SOURCES)
async def test_what_is_not_kept_is_left_out_and_the_tab_reads_that_alone(home, tab, source) -> None:
    whole = every_var(await opened(tab))
    getattr(home, source).kept = False
    filled = await answer()
    assert shown(filled, "tasks") and shown(filled, "activity")
    before = {name: getattr(home, name).asked.total() for name in SOURCES}
    state = await opened(tab, "socket-2")
    assert {name for name in SOURCES if getattr(home, name).asked.total() > before[name]} == {source}
    assert every_var(state) == whole


async def test_while_one_block_is_read_the_others_stay_as_the_answer_showed_them(home, tab) -> None:
    home.billing.kept = False
    filled = await answer()
    assert (shown(filled, "bills_loaded"), len(shown(filled, "services"))) == (False, 1)
    home.billing.silent = asyncio.Event()
    state: DashboardState = tab(DashboardState, routes.DASHBOARD)
    loading = asyncio.create_task(state.load_bills())
    while not home.billing.asked["recent_invoices"] > 1:
        await asyncio.sleep(0)
    assert (state.bills_loaded, len(state.services), len(state.orders)) == (False, 1, 1)
    home.billing.silent.set()
    await loading
    assert [task.kind for task in state.tasks] == ["overdue", "order", "no_payment", "suspended"]


async def test_what_changed_since_is_read_anew_and_nothing_vanishes_meanwhile(home, tab) -> None:
    await answer()
    home.services.fake.services = [a_service(1)]
    await home.bus.publish("customer:user-1:services")
    state = await opened(tab, loads=LOADS[:1])
    assert ([row.status for row in state.services], len(state.cases)) == (["suspended"], 1)
    assert home.billing.asked["recent_invoices"] == 2
    for name in LOADS[1:]:
        await getattr(state, name)()
    assert [row.status for row in state.services] == ["active"]
    assert "suspended" not in [task.kind for task in state.tasks]


async def test_what_changes_between_two_handlers_is_read_by_the_second(home, tab) -> None:
    await answer()
    state = await opened(tab, loads=LOADS[:1])
    home.services.fake.services = [a_service(1)]
    await home.bus.publish("customer:user-1:services")
    await state.load_services()
    assert [row.status for row in state.services] == ["active"]


async def test_two_tabs_at_once_whose_answers_differ_both_end_up_whole(home, tab) -> None:
    await answer()
    home.services.kept = False
    await answer()
    for socket in ("socket-1", "socket-2"):
        state = await opened(tab, socket)
        assert (len(state.services), state.services_loaded, len(state.recent)) == (1, True, 1), socket


async def test_a_tab_without_the_answer_hears_every_var_only_when_all_blocks_have_loaded(home, tab) -> None:
    state = await opened(tab, loads=LOADS[:1])
    said = set(state.get_delta()[DashboardState.get_full_name()])
    assert "recent_rx_state_" in said
    assert not {"services_rx_state_", "cases_rx_state_"} & said, "what the browser shows of these stays"
    for name in LOADS[1:]:
        await getattr(state, name)()
    said = set(state.get_delta()[DashboardState.get_full_name()])
    assert said == {f"{var}_rx_state_" for var in marked(DashboardState)}


async def test_a_tab_that_is_open_reads(home, tab) -> None:
    state = await opened(tab)
    await answer()
    state.is_hydrated = True
    reads = home.billing.asked["recent_invoices"]
    await state.load_bills()
    assert home.billing.asked["recent_invoices"] == reads + 1


async def test_a_reload_of_the_same_tab_starts_from_its_own_answer(home, tab) -> None:
    state = await opened(tab)
    home.services.fake.services = [a_service(1), a_service(2)]
    await answer()
    reads = asked(home)
    _arrive(state, "socket-2")
    for name in LOADS:
        await getattr(state, name)()
    assert (len(state.services), asked(home)) == (2, reads)


async def test_a_late_block_is_left_out_and_changes_nothing_afterwards(home, tab, monkeypatch) -> None:
    monkeypatch.setattr(primed, "budget_s", lambda: 0.3)
    home.orders.silent = asyncio.Event()
    filled = await answer()
    home.orders.silent.set()
    while any(task.get_name() == "first-data" for task in asyncio.all_tasks()):
        await asyncio.sleep(0)
    assert (len(shown(filled, "services")), shown(filled, "orders"), shown(filled, "cases_loaded")) == (1, [], False)
    assert not home.support.asked, "who would be too late is not begun"
    state = await opened(tab)
    assert (len(state.orders), len(state.cases), home.billing.asked["recent_invoices"]) == (1, 1, 1)
