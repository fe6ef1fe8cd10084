"""Load handlers that read only what is kept, over everything the portal is made of and stand-ins of the systems.

With nothing kept each says so and asks nobody. What a load has shown in one tab is then shown in another, unasked.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.customer import Customer
from portal_app.format import clock
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.pages import ON_LOAD
from portal_app.priming.declared import is_primed, name_in_script
from portal_app.security.policy import policy_of
from portal_app.security.sessions import Session
from portal_app.state import primed
from portal_app.state.case import CaseState
from portal_app.state.cases import CasesState
from portal_app.state.catalog import CatalogState
from portal_app.state.dashboard import DashboardState
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import InvoicesState
from portal_app.state.order import OrderState
from portal_app.state.orders import OrdersState
from portal_app.state.primed import FirstData
from portal_app.state.service import ServiceState
from portal_app.state.services import ServicesState
from portal_app.state.session import SessionState
from portal_app.storage.clock import DatabaseClock
from portal_app.storage.kept import NotKept, kept_only
from portal_app.storage.migrate import upgrade
from sandbox.app import Running, running
from sandbox.config import Config
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS
from tests.fakes.settings import a_settings
from tests.integrations.salesforce.selling.test_orders import a_draft, an_internet_cart

CLIENT, ACCOUNT, CASE = 1001, "001Q800000D0001IAB", "500Q800000D0004IAB"
"""The seed's first customer, and a question of theirs that waits for them."""
INVOICE, SERVICE = 159, 40001


@dataclass(frozen=True)
class Load:
    """One handler and the page it fills. An order's id is known only once there is one."""

    state: type[rx.State]
    handler: str
    page: str

    def __str__(self) -> str:
        return f"{self.page} {self.handler}"


LOADS = [
    Load(DashboardState, "load_bills", routes.DASHBOARD),
    Load(DashboardState, "load_services", routes.DASHBOARD),
    Load(DashboardState, "load_name", routes.DASHBOARD),
    Load(DashboardState, "load_orders", routes.DASHBOARD),
    Load(DashboardState, "load_cases", routes.DASHBOARD),
    Load(DashboardState, "load_payment", routes.DASHBOARD),
    Load(DashboardState, "load_identity", routes.DASHBOARD),
    Load(DashboardState, "load_profile", routes.DASHBOARD),
    Load(InvoicesState, "load", routes.INVOICES),
    Load(ServicesState, "load", routes.SERVICES),
    Load(OrdersState, "load", routes.ORDERS),
    Load(CasesState, "load", routes.CASES),
    Load(CatalogState, "load", routes.CATALOG),
    Load(CatalogState, "load_mine", routes.CATALOG_INTERNET),
    Load(InvoiceState, "load", routes.invoice(INVOICE)),
    Load(ServiceState, "load", routes.service(SERVICE)),
    Load(ServiceState, "load_history", routes.service(SERVICE)),
    Load(OrderState, "load", routes.order("{order}")),
    Load(CaseState, "load", routes.case(CASE)),
]
NOTICES = ("notice", "trouble", "bills_notice", "services_notice", "orders_notice", "cases_notice", "history_notice")
HALF_A_DAY = timedelta(hours=13)
PAST_ITS_TIME = {
    f"{routes.DASHBOARD} load_orders": HALF_A_DAY,
    f"{routes.DASHBOARD} load_cases": timedelta(minutes=1),
    f"{routes.DASHBOARD} load_payment": timedelta(minutes=16),
    f"{routes.DASHBOARD} load_identity": HALF_A_DAY,
    f"{routes.ORDERS} load": HALF_A_DAY,
    f"{routes.CASES} load": timedelta(minutes=1),
    f"{routes.CATALOG} load": HALF_A_DAY,
    f"{routes.CATALOG_INTERNET} load_mine": HALF_A_DAY,
    f"{routes.invoice(INVOICE)} load": timedelta(minutes=6),
    f"{routes.service(SERVICE)} load": timedelta(minutes=11),
    f"{routes.order('{order}')} load": HALF_A_DAY,
    f"{routes.case(CASE)} load": timedelta(minutes=1),
}
"""How much later what a load shows is past its time, and may still be shown while it is read anew."""
MIRRORED = [load for load in LOADS if load.state in (InvoicesState, ServicesState)]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
async def sandbox() -> AsyncIterator[Running]:
    """Its first customer has nothing to pay with and no address, and staff refused their document."""
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=1)) as started:
        store, account = started.world.store, FieldMap().account
        store.execute("DELETE FROM paymethods WHERE client_id = ?", CLIENT)
        store.execute("UPDATE clients SET address1 = '' WHERE id = ?", CLIENT)
        refused = {account.verification_status: "Rejected"}
        dml.update(started.world.salesforce.records, OBJECTS["Account"], ACCOUNT, refused)
        yield started


@pytest.fixture
async def portal(sandbox: Running, migrated: Path, tmp_path: Path) -> AsyncIterator["Portal"]:
    (tmp_path / "portal.db").write_bytes(migrated.read_bytes())
    (tmp_path / "key.pem").write_text(sandbox.world.salesforce.keys.private_pem())
    config = sandbox.world.config
    chosen = a_settings(
        DATABASE_URL=f"sqlite:///{tmp_path / 'portal.db'}",
        WHMCS_BASE_URL=sandbox.whmcs_url,
        WHMCS_API_IDENTIFIER=config.whmcs_identifier,
        WHMCS_API_SECRET=config.whmcs_secret,
        WHMCS_QUEUE_INTERVAL_CAP="1000",
        SF_LOGIN_URL=sandbox.url,
        SF_CLIENT_ID=config.sf_client_id,
        SF_USERNAME=config.sf_username,
        SF_PRIVATE_KEY_PATH=str(tmp_path / "key.pem"),
    )
    async with wiring.opened(chosen):
        user_id = await wiring.users().create("hanako@example.com", "hash")
        await wiring.users().link(user_id, CLIENT, ACCOUNT)
        customer = Customer(user_id, CLIENT, ACCOUNT)
        draft = await a_draft(wiring.catalog(), await an_internet_cart(wiring.catalog()))
        order = await wiring.orders().place(customer, draft, "key-of-the-order")
        with wiring.use(sessions=OneSession(customer)):
            yield Portal(sandbox, customer, order.salesforce_order_id)


@dataclass(frozen=True)
class OneSession:
    """The customer's."""

    customer: Customer

    async def find(self, session_id: str) -> SimpleNamespace | None:
        return SimpleNamespace(customer=self.customer) if session_id == "session-1" else None


@dataclass(frozen=True)
class Portal:
    """The whole of it, with its first customer and an order of theirs."""

    sandbox: Running
    customer: Customer
    order_id: str

    async def asked(self) -> list[tuple[str, str]]:
        """What WHMCS and Salesforce were asked since the last time, once nothing is under way any more."""
        await wiring.billed_services().settled()
        await wiring.marks().settled()
        await wiring.cache().settled()  # type: ignore[attr-defined]
        calls = [(call["system"], call["action"]) for call in self.sandbox.world.calls.last(1000)]
        self.sandbox.world.calls.clear()
        return calls


@pytest.fixture
def new_tab(portal: Portal, tab: Callable[..., Any]) -> Callable[[Load], Any]:
    return lambda load: tab(load.state, load.page.format(order=portal.order_id))


def shown(state: rx.State) -> dict[str, Any]:
    """All that the browser hears of a state."""
    return {name: getattr(state, name) for name in type(state).base_vars}


async def loaded(new_tab: Callable[[Load], Any], load: Load, portal: Portal) -> dict[str, Any]:
    """What a tab shows as usual; some of it is read behind the first answer."""
    await getattr(new_tab(load), load.handler)()
    assert await portal.asked() != []
    state = new_tab(load)
    await getattr(state, load.handler)()
    assert await portal.asked() == []
    return shown(state)


@pytest.mark.parametrize("load", LOADS, ids=str)
async def test_with_nothing_kept_a_load_asks_nobody_and_what_it_has_shown_once_it_shows_unasked(load, portal, new_tab):
    await portal.asked()
    for _ in range(2):
        with kept_only(), pytest.raises(NotKept):
            await getattr(new_tab(load), load.handler)()
    assert await portal.asked() == []

    usual = await loaded(new_tab, load, portal)
    unasked = new_tab(load)
    with kept_only():
        await getattr(unasked, load.handler)()
    assert await portal.asked() == []
    assert shown(unasked) == usual != shown(new_tab(load))
    assert not any(usual.get(name) for name in NOTICES)


@pytest.mark.parametrize("load", MIRRORED, ids=str)
async def test_a_list_whose_copy_is_old_is_shown_while_it_is_read_again_behind_it(load, portal, new_tab):
    usual = await loaded(new_tab, load, portal)
    for kind in ("invoices", "services"):
        await wiring.marks().clear(kind, CLIENT)
    unasked = new_tab(load)
    with kept_only():
        await getattr(unasked, load.handler)()
    assert unasked.rows == usual["rows"]
    assert unasked.notice == ""
    assert {system for system, _ in await portal.asked()} == {"whmcs"}


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands still; `now` may be set."""
    held = SimpleNamespace(now=datetime.now(UTC))
    monkeypatch.setattr(DatabaseClock, "now", lambda _: held.now)
    return held


@pytest.mark.parametrize("load", [load for load in LOADS if str(load) in PAST_ITS_TIME], ids=str)
async def test_what_is_past_its_time_is_shown_at_once_with_its_time_and_read_anew_behind_it(
    load, time, portal, new_tab
):
    await loaded(new_tab, load, portal)
    began, time.now = time.now, time.now + PAST_ITS_TIME[str(load)]
    unasked = new_tab(load)
    with kept_only() as looked:
        await getattr(unasked, load.handler)()
    assert looked.old
    assert await portal.asked() != []

    usual = new_tab(load)
    await getattr(usual, load.handler)()
    for state, read_at in ((unasked, began), (usual, time.now)):
        times = {name: clock(read_at, time.now, "ja" if name.endswith("_ja") else "en") for name in times_of(state)}
        assert times == {name: getattr(state, name) for name in times}
    untimed = shown(usual).keys() - times_of(usual)
    assert {name: getattr(unasked, name) for name in untimed} == {name: getattr(usual, name) for name in untimed}


def test_each_of_them_is_a_load() -> None:
    assert PAST_ITS_TIME.keys() <= {str(load) for load in LOADS}


def times_of(state: rx.State) -> set[str]:
    """The vars that say when something was read, as far as something was."""
    return {name for name in type(state).base_vars if "as_of" in name and getattr(state, name)}


async def test_h4_what_a_customer_changed_themselves_is_not_shown_as_it_was(time, portal, new_tab):
    load = next(one for one in LOADS if one.state is CasesState)
    await loaded(new_tab, load, portal)
    time.now += timedelta(minutes=1)
    await wiring.support().reply(portal.customer, CASE, "And one more thing.", post_id=str(uuid4()))
    with kept_only() as looked, pytest.raises(NotKept):
        await getattr(new_tab(load), load.handler)()
    assert not looked.old


class Visit:
    """A customer opens a page: its HTML answer, then the tab, which belongs to the same session."""

    def __init__(self, portal: Portal, load: Load, new_tab: Callable[[Load], Any]) -> None:
        self._portal, self._load, self._new_tab = portal, load, new_tab
        self._first = FirstData(ON_LOAD)

    async def answer(self) -> dict[str, Any]:
        """What the HTML says of the page's state."""
        customer, now, page = self._portal.customer, wiring.clock().now(), self._load.page
        later = now + timedelta(hours=1)
        session = Session("session-1", customer.user_id, customer, "en", now, ("pwd",), later, later, now)
        filled = await self._first.of(page.strip("/"), page, "", session, "en")
        assert filled is not None
        return {var.removesuffix("_rx_state_"): value for var, value in filled.values[self._name].items()}

    async def open(self) -> Any:
        """The state of the tab, once each primed handler of the page has run."""
        state = self._new_tab(self._load)
        (await state.get_state(SessionState))._bind("session-1", self._portal.customer.user_id)
        for handler in ON_LOAD[self._load.page]:
            if is_primed(handler.fn):
                await handler.fn(state)
        return state

    @property
    def _name(self) -> str:
        return name_in_script(self._load.state)


@pytest.fixture
def visit(portal: Portal, new_tab: Callable[[Load], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(primed, "budget_s", lambda: 10.0)  # a slow machine must not answer with less
    wiring.handover().start()
    yield lambda state: Visit(portal, next(load for load in LOADS if load.state is state), new_tab)
    wiring.handover().stop()


@pytest.fixture
def fetched(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was asked of the cache."""
    names, cache = [], wiring.cache()
    fetch = cache.fetch

    async def noted(customer: Customer, name: str, *args: Any, **named: Any) -> Any:
        names.append(name)
        return await fetch(customer, name, *args, **named)

    monkeypatch.setattr(cache, "fetch", noted)
    return names


async def test_what_was_shown_from_an_old_copy_the_tab_starts_from_and_reads_anew_and_nothing_else(
    time, portal, visit, fetched
):
    home = visit(DashboardState)
    await home.open()
    await portal.asked()
    time.now += timedelta(minutes=1)
    before = await home.answer()
    assert before["cases_loaded"]
    assert before["bills_loaded"]

    fetched.clear()
    tab = await home.open()
    assert fetched == ["cases"]
    assert (tab.open_cases, tab.name) == (before["open_cases"], before["name"])
    await portal.asked()
    await home.answer()
    fetched.clear()
    await home.open()
    assert fetched == []


@pytest.fixture
def paid(portal: Portal) -> Callable[[], None]:
    """WHMCS takes the money for all there is, and says nothing of it."""

    def pay() -> None:
        portal.sandbox.world.store.execute("UPDATE invoices SET status = 'Paid' WHERE client_id = ?", CLIENT)

    return pay


@pytest.fixture
async def hints(portal: Portal) -> AsyncIterator[list[str]]:
    heard: list[str] = []
    unsubscribe = wiring.bus().subscribe("customer:", lambda topic, _: heard.append(topic))
    yield heard
    unsubscribe()


async def test_a_refresh_that_lands_before_the_tab_opens_is_what_the_tab_shows(portal, visit, paid):
    bills = visit(InvoicesState)
    await bills.open()
    paid()
    await wiring.marks().clear("invoices", CLIENT)
    assert (await bills.answer())["due"] != "¥0"
    await portal.asked()
    assert (await bills.open()).due == "¥0"


async def test_a_refresh_that_lands_after_the_tab_opened_gives_it_a_hint_to_read_again(
    portal, visit, paid, hints, monkeypatch
):
    bills, going_on, copy = visit(InvoicesState), asyncio.Event(), wiring.billing()._copy
    await bills.open()
    paid()
    await wiring.marks().clear("invoices", CLIENT)

    async def slowly(customer: Customer) -> None:
        await going_on.wait()
        await copy(customer)

    monkeypatch.setattr(wiring.billing(), "_copy", slowly)
    hints.clear()
    shown_first = (await bills.answer())["due"]
    tab = await bills.open()
    assert tab.due == shown_first != "¥0"
    assert not hints
    going_on.set()
    await portal.asked()
    policy = policy_of(InvoicesState.load.fn)
    assert policy is not None
    assert f"customer:{portal.customer.user_id}:{policy.live}" in hints
    await tab.load()
    assert tab.due == "¥0"
