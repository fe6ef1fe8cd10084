"""Hostile clients against a running portal, over real sockets; with state in memory and with state in Redis."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.support.portal import RunningPortal, running_portal
from tests.support.socket_client import ROOT, Refused, Tab

INVOICES = f"{ROOT}.portal_app___state___invoices____invoices_state"
SESSION = f"{ROOT}.portal_app___state___session____session_state"
FRONTEND_ERROR = f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception"
PAGE = "/billing/invoices"
ROWS = "rows_rx_state_"
LINK = "/billing/invoices/1"
PASSWORD = "demo-portal-2026"


@pytest.fixture(scope="module", params=["memory", "redis"])
def portal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    changes = {"REDIS_URL": request.getfixturevalue("redis_url")} if request.param == "redis" else {}
    with running_portal(tmp_path_factory.mktemp("portal"), **changes) as running:
        yield running


class Person:
    """Somebody with a browser's cookie jar."""

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._tabs: list[Tab] = []

    async def sign_in(self, email: str) -> "Person":
        body = {"email": email, "password": PASSWORD}
        async with self.http.post(f"{self.portal.url}/api/auth/login", json=body, headers=self.origin) as answer:
            assert answer.status == 200, await answer.text()
        return self

    async def sign_out(self) -> None:
        async with self.http.post(f"{self.portal.url}/api/auth/logout", json={}, headers=self.origin) as answer:
            assert answer.status == 200

    @property
    def origin(self) -> dict[str, str]:
        return {"Origin": self.portal.url}

    async def tab(self, path: str = PAGE, *, token: str = "", origin: str | None = "", boot: bool = True) -> Tab:
        tab = await Tab(self.http, self.portal.url, token=token, origin=origin).open(path, boot=boot)
        self._tabs.append(tab)
        return tab

    async def close(self) -> None:
        for tab in self._tabs:
            await tab.close()
        await self.http.close()


@pytest.fixture
async def people(portal: RunningPortal) -> AsyncIterator[dict[str, Person]]:
    """demo and second, signed in; nobody, who is not."""
    everybody = {
        "demo": await Person(portal).sign_in("demo@example.com"),
        "second": await Person(portal).sign_in("second@example.com"),
        "nobody": Person(portal),
    }
    yield everybody
    for person in everybody.values():
        await person.close()


async def test_a_customers_own_socket_shows_their_invoices(people) -> None:
    tab = await people["demo"].tab()
    assert await tab.wait_for(ROWS)
    assert await tab.wait_for(LINK)


@pytest.mark.parametrize("thief", ["second", "nobody"])
@pytest.mark.parametrize("order", ["hydrate", "handler", "public"])
async def test_s9_a_stolen_client_token_whose_socket_is_gone_shows_nothing(people, thief, order) -> None:
    owner = await people["demo"].tab()
    assert await owner.wait_for(LINK)
    mine = _invoice_links(owner)
    await owner.close()
    await asyncio.sleep(0.3)
    stolen = await people[thief].tab("/", token=owner.token, boot=order == "hydrate")
    if order == "handler":
        await stolen.send(f"{INVOICES}.load", path=PAGE)
    if order == "public":
        await stolen.send(f"{SESSION}.dismiss_problem")
        await stolen.settle()
        await stolen.send(f"{ROOT}.hydrate_and_load", {"vars": {}, "hashes": []})
    await stolen.settle()
    assert not mine & _invoice_links(stolen)


@pytest.mark.parametrize("thief", ["second", "nobody"])
async def test_s9_a_stolen_client_token_whose_socket_lives_gets_a_new_empty_state(people, thief) -> None:
    owner = await people["demo"].tab()
    assert await owner.wait_for(LINK)
    stolen = await people[thief].tab("/", token=owner.token)
    await stolen.settle()
    assert not _invoice_links(owner) & _invoice_links(stolen)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", None])
async def test_s8_a_foreign_null_or_missing_origin_opens_no_socket(people, origin) -> None:
    with pytest.raises(Refused):
        await people["demo"].tab(origin=origin)


async def test_s11_a_handler_called_before_hydrate_needs_a_session_all_the_same(people) -> None:
    tab = await people["nobody"].tab(boot=False)
    await tab.send(f"{INVOICES}.load", path=PAGE)
    await tab.settle()
    assert not _invoice_links(tab)
    assert "/auth/login" in tab.text


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (f"{INVOICES}.setvar", {"var_name": "rows", "value": []}),
        (f"{INVOICES}._query", {}),
        (f"{INVOICES}.reset", {}),
        (f"{INVOICES}.get_state", {"state_cls": "x"}),
        ("no.such.handler", {}),
        (f"{SESSION}.set_locale", {"locale": {"a": 1}}),
        (f"{SESSION}.set_locale", {"locale": "ja", "extra": 1}),
        (f"{SESSION}.set_locale", {}),
    ],
)
async def test_s11_undeclared_handlers_and_wrong_arguments_change_nothing(people, portal, name, payload) -> None:
    tab = await loaded(people["demo"])
    tab.deltas.clear()
    await tab.send(name, payload, PAGE)
    await tab.settle()
    assert ROWS not in tab.text
    assert '"ja"' not in tab.text
    async with people["demo"].http.get(f"{portal.url}/api/health/ready") as answer:
        assert answer.status == 200


async def test_s10_after_sign_out_in_one_tab_the_other_is_emptied_at_once_and_its_events_refused(people) -> None:
    tab = await people["demo"].tab()
    assert await tab.wait_for(LINK)
    tab.deltas.clear()
    await people["demo"].sign_out()
    assert await tab.wait_for("/auth/login", limit_s=1.5)
    tab.deltas.clear()
    await tab.send(f"{INVOICES}.load", path=PAGE)
    await tab.settle()
    assert not _invoice_links(tab)


@pytest.mark.parametrize("who", ["nobody", "demo", "second"])
async def test_an_upload_needs_a_session_and_the_tab_it_is_for(people, portal, who) -> None:
    owner = await loaded(people["demo"])
    headers = people[who].origin | {"Reflex-Client-Token": owner.token, "Reflex-Event-Handler": f"{INVOICES}.load"}
    # Without a body: a server that refuses does not wait for one, and the client would see a broken pipe.
    async with people[who].http.post(f"{portal.url}/_upload", headers=headers) as answer:
        # Nothing uploads here, so for the owner the door leads nowhere.
        assert answer.status == {"nobody": 401, "second": 403, "demo": 405}[who]


async def test_errors_reported_by_a_browser_do_not_come_back_as_errors(people) -> None:
    tab = await loaded(people["demo"])
    tab.deltas.clear()
    for _ in range(5):
        await tab.send(FRONTEND_ERROR, {"info": "x", "component_stack": "y"}, PAGE)
    await tab.settle(quiet_s=1)
    assert len(tab.deltas) <= 5
    assert "eval" not in tab.text


async def test_a_flood_of_events_is_thinned_out_and_the_portal_stays_up(people, portal) -> None:
    tab = await people["nobody"].tab("/")
    await tab.settle()
    for _ in range(400):
        await tab.send(f"{SESSION}.dismiss_problem")
    await tab.settle()
    assert len(tab.deltas) < 200
    async with people["demo"].http.get(f"{portal.url}/api/health/live") as answer:
        assert answer.status == 200


async def test_no_cookie_or_token_of_a_session_is_ever_sent_to_a_page_or_written_to_a_log(people, portal) -> None:
    tab = await people["demo"].tab(token=str(uuid.uuid4()))
    await tab.wait_for(ROWS)
    await tab.send("no.such.handler", {"password": "canary-password"}, PAGE)
    await tab.settle()
    secrets = [c.value for c in people["demo"].http.cookie_jar if c.key.endswith(("portal_at", "portal_rt"))]
    assert len(secrets) == 2
    logs = "".join(p.read_text(errors="replace") for p in portal.processes.logs.glob("*.log"))
    assert logs
    for secret in [*secrets, "canary-password", "demo@example.com"]:
        assert secret not in logs
        assert secret not in tab.text


async def loaded(person: Person) -> Tab:
    """A tab whose list has arrived and which is quiet."""
    tab = await person.tab()
    assert await tab.wait_for(LINK)
    return await tab.settle()


def _invoice_links(tab: Tab) -> set[str]:
    return {part.split('"')[0] for part in tab.text.split("/billing/invoices/")[1:] if part[:1].isdigit()}
