"""Load handlers that read only what is kept, over everything the portal is made of and stand-ins of the systems.

With nothing kept each says so and asks nobody. What a load has shown in one tab is then shown in another, unasked.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx

from portal_app import routes, wiring
from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.state.case import CaseState
from portal_app.state.cases import CasesState
from portal_app.state.catalog import CatalogState
from portal_app.state.dashboard import DashboardState
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import InvoicesState
from portal_app.state.order import OrderState
from portal_app.state.orders import OrdersState
from portal_app.state.service import ServiceState
from portal_app.state.services import ServicesState
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
