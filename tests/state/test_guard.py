"""Guard: what an event needs to reach its handler, run through Reflex's own event pipeline without a browser."""

import asyncio
import dataclasses
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import reflex as rx
from reflex.event import Event
from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event.processor import BaseStateEventProcessor
from reflex_base.registry import RegistrationContext

import portal_app.pages  # noqa: F401  registers every state of the product
from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.errors import TooManyTries
from portal_app.security.policy import policy_of, public, signed_in
from portal_app.security.sessions import Session
from portal_app.state import guard
from portal_app.state.primed import primed
from portal_app.state.session import SessionState, current_customer
from portal_app.web.live_tabs import LiveTabs

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
SECRET = "invoice-of-alice"
FIRST = "first-row-of-alice"


class GuardProbe(rx.State):
    """Handlers of every kind the guard must tell apart."""

    rows: list[str] = []
    calls: int = 0
    _private: str = ""

    @rx.event
    @signed_in(live="invoices")
    async def load(self):
        customer = await current_customer(self)
        self.rows, self._private = [f"{SECRET}-{customer.whmcs_client_id}"], SECRET

    @rx.event
    @signed_in(live="cart checks")
    async def load_several(self):
        self.rows = []

    @rx.event
    @public
    def hello(self):
        self.calls += 1

    @rx.event
    @public
    def typed(self, number: int, word: str = "", flag: bool = False):
        self.calls += number

    @rx.event
    @public
    def form(self, values: dict[str, str]):
        self.calls += len(values)

    @rx.event
    @signed_in(fresh=True)
    def dangerous(self):
        self.calls += 100

    @rx.event
    def undeclared(self):
        self.calls += 1000

    @rx.event
    @public
    def breaks(self):
        raise ValueError(SECRET)


class PrimedProbe(rx.State):
    """A state whose first values the HTML may have come with."""

    row: str = ""

    @rx.event
    @signed_in
    @primed
    async def load(self):
        self.row = FIRST


PROBE, PRIMED = GuardProbe.get_full_name(), PrimedProbe.get_full_name()


def a_session(name: str, client: int, signed_in_at: datetime = NOW) -> Session:
    later = NOW + timedelta(hours=1)
    return Session(
        session_id=name,
        user_id=f"user-{name}",
        customer=Customer(f"user-{name}", client),
        locale="en",
        auth_time=signed_in_at,
        amr=("pwd",),
        idle_until=later,
        absolute_until=later,
        created_at=signed_in_at,
    )


class FakeSessions:
    """Live sessions by id; `down` makes every look-up fail."""

    def __init__(self) -> None:
        limited = replace(a_session("linked", 3), must_set_password=True)
        self.live = {"alice": a_session("alice", 1), "bob": a_session("bob", 2), "linked": limited}
        self.touched: list[str] = []
        self.down = False

    async def find(self, session_id: str) -> Session | None:
        if self.down:
            raise ConnectionError("database")
        return self.live.get(session_id)

    async def touch(self, session_id: str) -> None:
        self.touched.append(session_id)


class FakeLimits:
    """Lets `left` hits through."""

    left = 1000

    async def hit(self, name: str, identity: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyTries(60)


class Browser:
    """One tab in front of the pipeline."""

    def __init__(self, processor: BaseStateEventProcessor, received: list[Any]) -> None:
        self._processor, self.received = processor, received

    async def send(self, name: str, cookie: str = "", token: str = "", path: str = "/dashboard", **payload: Any) -> str:
        """Send an event and return everything the browser got, as text."""
        self.received.clear()
        router = {"pathname": path, "asPath": path, "headers": {"cookie": cookie}, "token": token}
        event = Event(name=name, payload=payload, router_data=router)
        done, _ = await asyncio.wait([await self._processor.enqueue(token, event)], timeout=5)
        assert done
        return str(self.received)

    def lose_states(self) -> None:
        """Whatever kept them was emptied."""
        self._processor._root_context.state_manager.states.clear()

    async def wait_for(self, needle: str) -> str:
        """What arrived, once it holds `needle`; whatever there is after a second."""
        for _ in range(100):
            if needle in str(self.received):
                break
            await asyncio.sleep(0.01)
        return str(self.received)


@pytest.fixture
def sessions() -> FakeSessions:
    return FakeSessions()


@pytest.fixture
def limits() -> FakeLimits:
    return FakeLimits()


@pytest.fixture
async def browser(sessions: FakeSessions, limits: FakeLimits) -> AsyncIterator[Browser]:
    app = rx.App()
    app.add_middleware(guard.Guard())
    received: list[Any] = []

    async def collect(_token: str, what: Any) -> None:
        received.append(what)

    async def collect_event(_token: str, *events: Any) -> None:
        received.extend(events)

    processor = BaseStateEventProcessor(middleware=app, backend_exception_handler=guard.explain)
    processor.configure(state_manager=StateManagerMemory())
    processor._root_context = dataclasses.replace(
        processor._root_context, emit_delta_impl=collect, emit_event_impl=collect_event
    )
    clock = SimpleNamespace(now=lambda: NOW)
    with wiring.use(sessions=sessions, clock=clock, live_tabs=LiveTabs(), limits=limits):
        async with processor:
            yield Browser(processor, received)


@pytest.fixture(autouse=True)
def own_registry():
    """Each test gets an app of its own on a copy of the registered states."""
    token = RegistrationContext._context_var.set(RegistrationContext.ensure_context().fork())
    yield
    RegistrationContext._context_var.reset(token)


@pytest.fixture
def tab() -> str:
    return str(uuid.uuid4())


async def test_s11_a_visitor_without_session_is_sent_to_sign_in_and_sees_nothing(browser, tab) -> None:
    got = await browser.send(f"{PROBE}.load", token=tab, path="/billing/invoices")
    assert SECRET not in got
    assert "/auth/login?next=/billing/invoices" in got


async def test_a_signed_in_customer_gets_their_rows(browser, tab) -> None:
    assert f"{SECRET}-1" in await browser.send(f"{PROBE}.load", "ref=alice", tab)


async def test_s11_an_undeclared_handler_is_refused_even_when_signed_in(browser, tab) -> None:
    assert "calls" not in await browser.send(f"{PROBE}.undeclared", "ref=alice", tab)


async def test_s12_setvar_is_refused(browser, tab) -> None:
    assert "rows" not in await browser.send(f"{PROBE}.setvar", "ref=alice", tab, var_name="calls", value=5)


@pytest.mark.parametrize(
    "payload",
    [
        {"number": "5"},
        {"number": {"a": 1}},
        {"number": 2**31},
        {"number": 1.5},
        {"number": True},
        {"number": None},
        {},
        {"number": 1, "word": 7},
        {"number": 1, "word": "x" * 2001},
        {"number": 1, "flag": "true"},
        {"number": 1, "extra": 1},
    ],
)
async def test_s11_arguments_of_another_type_or_size_never_reach_the_handler(browser, tab, payload) -> None:
    assert "calls" not in await browser.send(f"{PROBE}.typed", token=tab, **payload)


async def test_arguments_of_the_declared_type_do(browser, tab) -> None:
    assert "'calls_rx_state_': 3" in await browser.send(f"{PROBE}.typed", token=tab, number=3, word="ok", flag=True)


async def test_a_form_with_too_many_or_nested_fields_is_refused(browser, tab) -> None:
    assert "calls" not in await browser.send(f"{PROBE}.form", token=tab, values={str(i): "" for i in range(51)})
    assert "calls" not in await browser.send(f"{PROBE}.form", token=tab, values={"a": {"b": "c"}})


async def test_s6_a_sensitive_handler_wants_a_recent_sign_in(browser, sessions, tab) -> None:
    sessions.live["alice"] = a_session("alice", 1, NOW - timedelta(minutes=6))
    assert "'/auth/confirm?next=/dashboard'" in await browser.send(f"{PROBE}.dangerous", "ref=alice", tab)
    sessions.live["alice"] = a_session("alice", 1, NOW - timedelta(minutes=4))
    assert "'calls_rx_state_': 100" in await browser.send(f"{PROBE}.dangerous", "ref=alice", tab)


async def test_whoever_is_signed_out_while_asked_who_it_is_comes_back_to_what_it_was_for(browser, tab) -> None:
    asked = "/auth/confirm?next=/account/security"
    assert "'/auth/login?next=/account/security'" in await browser.send(f"{PROBE}.load", token=tab, path=asked)
    foreign = "/auth/confirm?next=//evil.example"
    assert "'/auth/login?next=/dashboard'" in await browser.send(f"{PROBE}.load", token=tab, path=foreign)


@pytest.mark.parametrize("thief", ["", "ref=bob", "ref=unknown"])
async def test_s9_a_stolen_client_token_shows_nothing_of_its_owner(browser, tab, thief) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    for name in (f"{PROBE}.hello", "reflex___state____state.hydrate_and_load"):
        assert SECRET not in await browser.send(name, thief, tab)


async def test_s9_a_public_event_before_hydrate_does_not_bring_the_owners_rows_out(browser, tab) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    await browser.send(f"{SessionState.get_full_name()}.dismiss_problem", "ref=bob", tab)
    assert SECRET not in await browser.send("reflex___state____state.hydrate_and_load", "ref=bob", tab)


async def test_a_page_loaded_into_a_tab_starts_anew_where_its_html_may_have_come_with_more(browser, tab) -> None:
    hydrate = "reflex___state____state.hydrate_and_load"
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    await browser.send(f"{PRIMED}.load", "ref=alice", tab)
    loaded = await browser.send(hydrate, "ref=alice", tab, hashes=["of another build"])
    assert (SECRET in loaded, FIRST in loaded) == (True, False)
    await browser.send(f"{PRIMED}.load", "ref=alice", tab)
    assert FIRST in await browser.send(hydrate, "ref=alice", tab), "a line that came back"


async def test_s10_an_event_after_sign_out_is_refused_and_the_tab_emptied(browser, sessions, tab) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    del sessions.live["alice"]
    got = await browser.send(f"{PROBE}.load", "ref=alice", tab)
    assert SECRET not in got
    assert "'rows_rx_state_': []" in got
    assert "/auth/login" in got


async def test_i4_a_failed_session_check_denies_and_says_so(browser, sessions, tab) -> None:
    sessions.down = True
    got = await browser.send(f"{PROBE}.load", "ref=alice", tab)
    assert SECRET not in got
    assert "session.check_failed" in got


async def test_l5_too_many_events_of_one_user_are_refused_and_pushes_are_not_counted(browser, limits, tab) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    limits.left = 0
    await asyncio.wait([await browser._processor.enqueue(tab, Event(name=f"{PROBE}.load"))], timeout=5)
    assert limits.left == 0
    assert "problem.busy" in await browser.send(f"{PROBE}.hello", "ref=alice", tab)


async def test_an_unreadable_cookie_header_counts_as_no_session(browser, tab) -> None:
    assert "/auth/login" in await browser.send(f"{PROBE}.load", 'ref="alice; ]]\x00', tab)


async def test_pushed_events_never_extend_idle_time(browser, sessions, tab) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    assert sessions.touched == ["alice"]
    await asyncio.wait_for(await browser._processor.enqueue(tab, Event(name=f"{PROBE}.load")), 5)
    assert sessions.touched == ["alice"]


async def test_i6_a_push_to_a_tab_whose_state_was_lost_fills_it_again(browser, tab) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    browser.lose_states()
    browser.received.clear()
    await asyncio.wait_for(await browser._processor.enqueue(tab, Event(name=f"{PROBE}.load")), 5)
    got = await browser.wait_for(SECRET)
    assert SECRET in got
    assert "/auth/login" not in got


async def test_i6_a_push_to_a_tab_nobody_knows_is_dropped(browser, tab) -> None:
    await asyncio.wait_for(await browser._processor.enqueue(tab, Event(name=f"{PROBE}.load")), 5)
    assert browser.received == []


async def test_a_live_handler_registers_its_tab_for_the_topic(browser, tab) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    assert wiring.live_tabs().handlers_of(tab) == [f"{PROBE}.load"]


async def test_a_handler_of_several_topics_is_run_again_for_each(browser, tab) -> None:
    await browser.send(f"{PROBE}.load_several", "ref=alice", tab)
    shown = [wiring.live_tabs().showing("user-alice", topic) for topic in ("cart", "checks", "cart checks")]
    assert shown == [[(tab, f"{PROBE}.load_several")], [(tab, f"{PROBE}.load_several")], []]


async def test_an_exception_reaches_the_customer_as_a_sentence_without_its_text(browser, tab) -> None:
    await browser.send(f"{PROBE}.breaks", token=tab)
    got = await browser.wait_for("problem.our_bug")
    assert SECRET not in got
    assert "problem.our_bug" in got


async def test_the_language_of_a_tab_survives_a_change_of_session(browser, tab) -> None:
    with wiring.use(users=SimpleNamespace(set_locale=lambda *_: asyncio.sleep(0))):
        await browser.send(f"{SessionState.get_full_name()}.set_locale", "ref=alice", tab, locale="ja")
        got = await browser.send(f"{PROBE}.load", "ref=bob", tab)
    assert "'locale_rx_state_': 'en'" not in got


async def test_p11_without_a_password_no_handler_of_a_customer_runs(browser, tab) -> None:
    private = [
        name
        for name, registered in RegistrationContext.get().event_handlers.items()
        if (policy := policy_of(registered.handler.fn)) and policy.who == "signed_in"
    ]
    assert len(private) > 10
    for name in private:
        got = await browser.send(name, "ref=linked", tab)
        assert "/auth/set-password" in got, name
        assert "problem.our_bug" not in got, name
    assert wiring.live_tabs().handlers_of(tab) == []


async def test_p11_on_the_page_that_sets_the_password_nothing_redirects_to_it(browser, tab) -> None:
    got = await browser.send(f"{PROBE}.load", "ref=linked", tab, path="/auth/set-password")
    assert SECRET not in got
    assert "redirect" not in got
    assert "'calls_rx_state_': 1" in await browser.send(f"{PROBE}.hello", "ref=linked", tab)


async def test_p11_a_tab_that_showed_a_customers_rows_is_emptied_for_a_session_without_a_password(browser, tab) -> None:
    await browser.send(f"{PROBE}.load", "ref=alice", tab)
    for name in (f"{PROBE}.hello", "reflex___state____state.hydrate_and_load"):
        assert SECRET not in await browser.send(name, "ref=linked", tab)


def test_every_handler_of_the_portal_declares_a_policy_and_typed_arguments() -> None:
    import portal_app.portal_app  # noqa: F401  registers every state of the product

    own = {
        name: registered.handler.fn
        for name, registered in RegistrationContext.get().event_handlers.items()
        if (registered.handler.fn.__module__ or "").startswith("portal_app.")
    }
    assert len(own) > 10
    assert [name for name, handler in own.items() if policy_of(handler) is None] == []
    for handler in own.values():
        guard.argument_model(handler)
