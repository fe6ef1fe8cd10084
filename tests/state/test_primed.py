"""What an HTML answer may show: whose, from what is kept, in time; and the tab that takes it over."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from portal_app import routes, wiring
from portal_app.domain.billing import InvoicePage, InvoiceQuery
from portal_app.domain.customer import Customer
from portal_app.priming.declared import name_in_script
from portal_app.priming.handover import Handover
from portal_app.security.limits import Limits
from portal_app.security.sessions import Resolved, Session
from portal_app.settings import Settings
from portal_app.state import primed
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import InvoicesState
from portal_app.state.primed import Filled, FirstData
from portal_app.state.session import SessionState
from portal_app.storage.bus import MemoryBus
from portal_app.storage.kept import NotKept, gave_old, only_kept
from portal_app.web.edge import Edge
from portal_app.web.live_tabs import LiveTabs
from tests.fakes.clock import FakeClock
from tests.fakes.screens import CUSTOMER, ScreenBilling, an_invoice

NOW = datetime(2026, 1, 15, tzinfo=UTC)
SESSION = Session("session-1", "user-1", CUSTOMER, "en", NOW, ("pwd",), NOW, NOW + timedelta(hours=12), NOW)
ROUTE = "billing/invoices"
STATE = name_in_script(InvoicesState)
FIRST = FirstData({routes.INVOICES: [InvoicesState.load]})


@pytest.fixture(autouse=True)
def first_data_on(outside: SimpleNamespace) -> Any:
    with wiring.use(settings=Settings.model_construct(FIRST_DATA="on")):
        yield


async def answer(session: Session | None = SESSION, *, query: str = "", locale: str = "en") -> Filled | None:
    return await FIRST.of(ROUTE, routes.INVOICES, query, session, locale)


def shown(filled: Filled | None, var: str) -> Any:
    assert filled is not None
    return filled.values[STATE][f"{var}_rx_state_"]


async def test_the_answer_shows_what_the_load_handler_shows_in_the_language_asked_for(outside) -> None:
    outside.billing.invoices = [an_invoice(101, due_in=20)]
    assert [row["due"] for row in shown(await answer(), "rows")] == ["4 Feb 2026"]
    assert [row["due"] for row in shown(await answer(locale="ja"), "rows")] == ["2026年2月4日"]


async def test_scripts_are_told_the_same_and_which_language_it_is_in_and_nothing_private(outside) -> None:
    outside.billing.invoices = [an_invoice(101)]
    filled = await answer(locale="ja")
    assert filled is not None
    told = json.loads(filled.told)
    assert told[InvoicesState.get_full_name()]["rows_rx_state_"] == shown(filled, "rows")
    assert told[SessionState.get_full_name()] == {"locale_rx_state_": "ja", "signed_in_rx_state_": True}
    assert set(told) == {InvoicesState.get_full_name(), SessionState.get_full_name()}
    assert "session-1" not in filled.told
    assert "user-1" not in filled.told


async def test_the_answer_is_for_the_address_with_its_query(outside) -> None:
    await answer(query="tab=paid&page=2")
    assert (outside.billing.asked[-1].tab, outside.billing.asked[-1].page) == ("paid", 2)


@pytest.mark.parametrize(("invoice", "missing"), [(101, False), (102, True)])
async def test_the_answer_for_a_record_says_whether_there_is_none(outside, invoice, missing) -> None:
    outside.billing.invoices = [an_invoice(101)]
    first = FirstData({routes.INVOICE: [InvoiceState.load]})
    filled = await first.of(routes.INVOICE.strip("/"), routes.invoice(invoice), "", SESSION, "en")
    assert filled is not None
    assert filled.missing is missing
    assert filled.values[name_in_script(InvoiceState)]["here_rx_state_"] == str(invoice)
    assert outside.notices.read == []


@pytest.mark.parametrize(
    "session", [None, replace(SESSION, customer=None), replace(SESSION, must_set_password=True)], ids=repr
)
async def test_i1_who_may_not_run_the_handler_is_shown_nothing_of_it(outside, session) -> None:
    outside.billing.invoices = [an_invoice(101)]
    assert shown(await answer(session), "rows") == []
    assert outside.billing.asked == []


async def test_handlers_run_with_what_is_kept_only_and_what_is_not_leaves_its_block_as_it_was(outside) -> None:
    asked = []

    async def not_kept(*_: object, **__: object) -> InvoicePage:
        asked.append(only_kept())
        raise NotKept("invoices")

    outside.billing.list_invoices = not_kept
    filled = await answer()
    assert asked == [True]
    assert not only_kept()
    assert (shown(filled, "loaded"), shown(filled, "rows")) == (False, [])


async def test_a_bug_of_a_handler_costs_its_block_and_not_the_page(outside, caplog) -> None:
    async def broken(*_: object, **__: object) -> InvoicePage:
        raise RuntimeError("secret of somebody")

    outside.billing.list_invoices = broken
    assert shown(await answer(), "loaded") is False
    assert [record.message for record in caplog.records] == ["first_data_failed"]
    assert "secret" not in caplog.text


async def test_what_is_late_is_left_out(outside, monkeypatch) -> None:
    monkeypatch.setattr(primed, "budget_s", lambda: 0.01)
    ending = asyncio.Event()

    async def late(*_: object, **__: object) -> InvoicePage:
        await ending.wait()
        raise NotKept("invoices")

    outside.billing.list_invoices = late
    assert await answer() is None
    ending.set()


async def test_the_tab_takes_over_what_the_answer_showed_and_reads_nothing_again(outside, tab) -> None:
    outside.billing.invoices = [an_invoice(101)]
    await answer(query="tab=unpaid")
    reads = len(outside.billing.asked)
    state = tab(InvoicesState, f"{routes.INVOICES}?tab=unpaid")
    await state.load()
    assert [row.key for row in state.rows] == ["101"]
    assert (state.tab, state.loaded, len(outside.billing.asked)) == ("unpaid", True, reads)
    await state.load()
    assert len(outside.billing.asked) == reads + 1, "once"


@pytest.mark.parametrize(
    ("url", "locale"), [(f"{routes.INVOICES}?tab=paid", "en"), (routes.INVOICES, "ja"), (routes.DASHBOARD, "en")]
)
async def test_a_tab_at_another_place_or_in_another_language_reads_for_itself(outside, tab, url, locale) -> None:
    await answer()
    reads = len(outside.billing.asked)
    await tab(InvoicesState, url, locale=locale).load()
    assert len(outside.billing.asked) == reads + 1


async def test_what_changed_since_the_answer_is_read_by_the_tab(outside, tab) -> None:
    outside.billing.invoices = [an_invoice(101)]
    await answer()
    outside.billing.invoices = [an_invoice(101, "paid")]
    await outside.bus.publish("customer:user-1:invoices")
    state = tab(InvoicesState, routes.INVOICES)
    await state.load()
    assert [row.status for row in state.rows] == ["paid"]


async def test_what_was_made_from_a_copy_past_its_time_is_shown_and_the_tab_reads_what_has_come_since(
    outside, tab, monkeypatch
) -> None:
    of_copy = outside.billing.list_invoices

    async def old(*args: Any, **named: Any) -> InvoicePage:
        gave_old()
        return await of_copy(*args, **named)

    outside.billing.invoices = [an_invoice(101)]
    with monkeypatch.context() as patched:
        patched.setattr(outside.billing, "list_invoices", old)
        assert [row["status"] for row in shown(await answer(), "rows")] == ["unpaid"]
    outside.billing.invoices = [an_invoice(101, "paid")]
    state = tab(InvoicesState, routes.INVOICES)
    await state.load()
    assert [row.status for row in state.rows] == ["paid"]


async def test_the_first_load_of_a_tab_says_every_var_for_the_browser_began_with_the_answer_s(outside, tab) -> None:
    state = tab(InvoicesState, routes.INVOICES)
    await state.load()
    said = state.get_delta()[InvoicesState.get_full_name()]
    assert {"rows_rx_state_", "previous_href_rx_state_", "overdue_rx_state_", "notice_rx_state_"} <= set(said)


async def test_l5_who_asks_for_too_many_answers_gets_plain_pages(outside) -> None:
    with wiring.use(limits=Limits(None, 0.05, FakeClock())):
        answers = [await answer() for _ in range(20)]
    assert answers[0] is not None
    assert answers[-1] is None
    assert len(outside.billing.asked) < 20


async def test_switched_off_no_page_has_anything_to_say() -> None:
    assert FIRST.covers(ROUTE)
    assert not FIRST.covers("auth/login")
    with wiring.use(settings=Settings.model_construct(FIRST_DATA="off")):
        assert not FIRST.covers(ROUTE)


PAGE = (
    '<html lang="en"><head></head><body><h1>\ue000{s}.due_rx_state_\ue001</h1>'
    '<x-m k="for r in {s}.rows_rx_state_"></x-m><p>\ue000r.number\ue001</p><x-m k="endfor"></x-m></body></html>'
)


class TwoSessions:
    """The cookie's access token is the user's name."""

    async def resolve(self, access: str | None, refresh: str | None, *, rotate: bool) -> Resolved:
        user = str(access)
        customer = Customer(user, 1 if user == "anna" else 2)
        return Resolved(replace(SESSION, session_id=f"session-of-{user}", user_id=user, customer=customer))

    async def touch(self, session_id: str) -> None: ...

    async def find(self, session_id: str) -> Session | None:
        return (await self.resolve(session_id.removeprefix("session-of-"), None, rotate=False)).session


class TwoAccounts(ScreenBilling):
    """Everybody's invoices carry their owner's name, and answers take turns."""

    async def list_invoices(self, customer: Customer, query: InvoiceQuery, *, wait: bool = False) -> InvoicePage:
        await asyncio.sleep(0)
        mine = [replace(an_invoice(n), number=f"{customer.user_id}-{n}") for n in range(3)]
        await asyncio.sleep(0)
        return self._page(mine, 1, query.size)


@pytest.fixture
async def two_customers(tmp_path: Path, outside: SimpleNamespace) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "billing/invoices").mkdir(parents=True)
    (tmp_path / "billing/invoices/index.html").write_text(PAGE.format(s=STATE))
    (tmp_path / "__spa-fallback.html").write_text("<html><head></head></html>")
    chosen = Settings.model_construct(
        FIRST_DATA="on",
        PORTAL_BASE_URL="http://localhost:3000",
        PORTAL_ENV="demo",
        TRUST_PROXY=0,
        WHMCS_BASE_URL="http://127.0.0.1:3900/whmcs",
    )
    parts: dict[str, Any] = {"sessions": TwoSessions(), "billing": TwoAccounts(), "live_tabs": LiveTabs()}
    with wiring.use(settings=chosen, **parts):
        edge = Edge(lambda *_: None, {routes.INVOICES: ROUTE}.get, tmp_path, FIRST)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=edge), base_url="http://localhost:3000") as http:
            yield http


async def test_i1_a_thousand_answers_to_two_customers_at_once_never_show_one_s_rows_to_the_other(
    two_customers, monkeypatch
) -> None:
    monkeypatch.setattr(primed, "budget_s", lambda: 5.0)  # a slow machine must not answer with plain pages

    async def one(number: int) -> tuple[str, str]:
        user = ("anna", "ben")[number % 2]
        answer = await two_customers.get(routes.INVOICES, headers={"cookie": f"portal_at={user}"})
        assert answer.headers["cache-control"] == "private, no-store"
        return user, answer.text

    for start in range(0, 1000, 50):
        for user, html in await asyncio.gather(*(one(number) for number in range(start, start + 50))):
            other = "ben" if user == "anna" else "anna"
            assert f"<p>{user}-0</p><p>{user}-1</p><p>{user}-2</p>" in html
            assert other not in html


@pytest.fixture
def outside(outside: SimpleNamespace) -> Any:
    """With a bus that the handover listens to."""
    bus = MemoryBus()
    handover = Handover(bus, FakeClock())
    handover.start()
    with wiring.use(bus=bus, handover=handover):
        outside.bus = bus
        yield outside
    handover.stop()
