"""Handlers run without a browser: a fresh state tree, fakes under the wiring, and a URL."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from portal_app import wiring
from portal_app.priming.handover import Handover
from portal_app.security.limits import Limits
from portal_app.state.session import SessionState
from portal_app.storage.bus import MemoryBus
from tests.fakes.clock import FakeClock
from tests.fakes.screens import (
    ScreenBilled,
    ScreenBilling,
    ScreenCatalog,
    ScreenChecks,
    ScreenClients,
    ScreenFlash,
    ScreenGateways,
    ScreenServices,
    ScreenSessions,
)
from tests.fakes.support_screens import ScreenNotices

S = TypeVar("S", bound=rx.State)


@pytest.fixture
def outside() -> Iterator[SimpleNamespace]:
    """Everything the page states ask, as fakes; the wiring holds them while the test runs."""
    services, clock = ScreenServices(), FakeClock()
    parts: dict[str, Any] = {
        "billing": ScreenBilling(),
        "services": services,
        "service_book": services,
        "billed_services": ScreenBilled(),
        "gateways": ScreenGateways(),
        "clients": ScreenClients(),
        "catalog": ScreenCatalog(),
        "checks": ScreenChecks(),
        "sessions": ScreenSessions(),
        "flash": ScreenFlash(),
        "clock": clock,
        "limits": Limits(None, 1000, FakeClock()),
        "handover": Handover(MemoryBus(), clock),
        "notices": ScreenNotices(),
    }
    with wiring.use(**parts):
        yield SimpleNamespace(**parts)


@pytest.fixture
def tab() -> Callable[..., Any]:
    """Make one tab: `tab(InvoicesState, "/billing/invoices?page=2", locale="ja")` gives its state, signed in."""

    def open_tab(kind: type[S], url: str = "/", *, locale: str = "en", signed_in: bool = True, cookie: str = "") -> S:
        root = rx.State(_reflex_internal_init=True)
        root.router = RouterData.from_router_data({"asPath": url, "pathname": url, "headers": {"cookie": cookie}})
        ident = root.get_substate([rx.State.get_name(), SessionState.get_name()])
        assert isinstance(ident, SessionState)
        ident.locale = locale
        ident._bind("session-1" if signed_in else "", "user-1")
        state = root.get_substate([rx.State.get_name(), kind.get_name()])
        assert isinstance(state, kind)
        return state

    return open_tab


async def settled(events: Any) -> None:
    """Run a handler that yields to its end."""
    async for _ in events:
        pass
