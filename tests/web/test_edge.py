"""Edge in front of a stub app: hosts, documents, sessions, origins, headers, and what it hides from the app behind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.security.sessions import Resolved, Session, Tokens
from portal_app.settings import Settings
from portal_app.web.edge import Edge
from portal_app.web.live_tabs import LiveTabs
from tests.web.test_documents import PAGE

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SESSION = Session("sid-1", "user-1", Customer("user-1", 1), "en", NOW, ("pwd",), NOW, NOW + timedelta(hours=12), NOW)
PAGES = {path: path.strip("/") for path in ("/auth/login", "/auth/set-password", "/dashboard", "/billing/invoices")} | {
    "/": "index",
    "/billing/invoices/7": "billing/invoices/[invoice_id]",
    "/orders/7": "orders/[order_id]",
}
BASE = "http://localhost:3000"
SIGNED_IN = {"cookie": "portal_at=good"}
WITHOUT_PASSWORD = {"cookie": "portal_at=limited"}


class FakeSessions:
    """One live session behind the access token `good`; the refresh token `rotate` yields new cookies."""

    def __init__(self) -> None:
        self.asked: list[bool] = []
        self.touched = 0
        self.down = False

    async def resolve(self, access: str | None, refresh: str | None, *, rotate: bool) -> Resolved:
        self.asked.append(rotate)
        if self.down:
            raise ConnectionError("database")
        if access == "good":
            return Resolved(SESSION)
        if access == "limited":
            return Resolved(replace(SESSION, customer=None, must_set_password=True))
        if refresh == "rotate":
            return Resolved(SESSION, Tokens("new-access", "new-refresh", SESSION) if rotate else None)
        return Resolved(None, clear=bool(access or refresh))

    async def touch(self, session_id: str) -> None:
        self.touched += 1


@dataclass
class Said:
    """What a page shows first."""

    values: dict[str, Any]
    told: str = "{}"
    missing: bool = False


class FakeFirstData:
    """Knows a name for the invoice list, unless told to fail, to be late or to say what fits no page."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, str, str]] = []
        self.answer: Any = "name"
        self.missing = False

    def plain(self, locale: str) -> Said:
        return Said({"who": {"name": ""}})

    def covers(self, route: str) -> bool:
        return route in ("billing/invoices", "billing/invoices/[invoice_id]")

    async def of(self, route: str, path: str, query: str, session: Session | None, locale: str) -> Said | None:
        self.asked.append((route, path, query, session.user_id if session else "", locale))
        if isinstance(self.answer, Exception):
            raise self.answer
        values = {"who": {self.answer: "Mine & <ours>"}}
        return Said(values, '{"n": 1}', self.missing) if self.answer else None


async def stub_app(scope: Any, receive: Any, send: Any) -> None:
    """Says what came through."""
    state = {k: v for k, v in scope["state"].items() if k in ("client_ip", "correlation_id")}
    session = scope["state"]["session"]
    body = {"path": scope["path"], "user": session.user_id if session else None, **state}
    await JSONResponse(body)(scope, receive, send)


@pytest.fixture
def sessions() -> FakeSessions:
    return FakeSessions()


@pytest.fixture
def first_data() -> FakeFirstData:
    return FakeFirstData()


@pytest.fixture
def build(tmp_path: Path) -> Path:
    for name in ("", "auth/login", "dashboard", "billing/invoices"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "index.html").write_text(PAGE.format(name=name or "landing"))
    listed = PAGE.format(name="invoices of \ue000who.name\ue001")
    (tmp_path / "billing/invoices/index.html").write_text(listed)
    (tmp_path / "billing/invoices/_").mkdir()
    (tmp_path / "billing/invoices/_/index.html").write_text(PAGE.format(name="an invoice of \ue000who.name\ue001"))
    (tmp_path / "__spa-fallback.html").write_text(PAGE.format(name="shell"))
    return tmp_path


def settings(**changes: Any) -> Settings:
    values = {
        "PORTAL_BASE_URL": BASE,
        "PORTAL_ENV": "demo",
        "PORTAL_PORT": 3000,
        "TRUST_PROXY": 0,
        "WHMCS_BASE_URL": "http://127.0.0.1:3900/whmcs",
    } | changes
    return Settings.model_construct(**values)


@pytest.fixture
async def http(build: Path, sessions: FakeSessions, first_data: FakeFirstData) -> AsyncIterator[httpx.AsyncClient]:
    edge = Edge(stub_app, PAGES.get, build, first_data)
    transport = httpx.ASGITransport(app=edge, client=("203.0.113.9", 1))
    with wiring.use(settings=settings(), sessions=sessions, live_tabs=LiveTabs()):
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            yield client


async def test_a_visitor_of_a_private_page_is_sent_to_sign_in_and_back(http) -> None:
    answer = await http.get("/billing/invoices/7?print=1")
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        "/auth/login?next=/billing/invoices/7%3Fprint%3D1",
    )
    assert answer.headers["cache-control"] == "no-store"


async def test_a_customer_gets_the_page_and_the_visit_counts_as_activity(http, sessions) -> None:
    answer = await http.get("/dashboard", headers=SIGNED_IN)
    assert answer.status_code == 200
    assert "dashboard" in answer.text
    assert sessions.touched == 1


@pytest.mark.parametrize("path", [*(p for p in PAGES if p != "/auth/set-password"), "/dashboard/", "/no/such/page"])
async def test_p11_without_a_password_every_page_leads_to_the_one_that_sets_it(http, path) -> None:
    answer = await http.get(path, headers=WITHOUT_PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (302, "/auth/set-password")
    assert answer.headers["cache-control"] == "no-store"


async def test_p11_without_a_password_only_that_page_its_files_and_the_doors_behind_are_reached(http) -> None:
    for path in ("/auth/set-password", "/auth/set-password/", "/assets/x.js", "/favicon.ico", "/api/auth/logout"):
        assert (await http.get(path, headers=WITHOUT_PASSWORD)).status_code == 200
    wiring.live_tabs().bind("tab-1", "sid-1", "user-1")
    upload = {"origin": BASE, "reflex-client-token": "tab-1"}
    assert (await http.post("/_upload", headers=WITHOUT_PASSWORD | upload)).status_code == 403


async def test_the_page_that_sets_the_first_password_is_for_nobody_else(http) -> None:
    assert (await http.get("/auth/set-password")).headers["location"] == "/auth/login"
    assert (await http.get("/auth/set-password", headers=SIGNED_IN)).headers["location"] == "/dashboard"


async def test_the_sign_in_page_sends_a_customer_on(http) -> None:
    assert (await http.get("/auth/login", headers=SIGNED_IN)).headers["location"] == "/dashboard"
    onward = await http.get("/auth/login?next=/billing/invoices%3Ftab=paid", headers=SIGNED_IN)
    assert onward.headers["location"] == "/billing/invoices?tab=paid"
    foreign = await http.get("/auth/login?next=//evil.example", headers=SIGNED_IN)
    assert foreign.headers["location"] == "/dashboard"


async def test_an_unknown_page_is_404_with_the_shell_and_one_that_was_not_prerendered_200(http) -> None:
    unknown = await http.get("/no/such/page")
    assert (unknown.status_code, "shell" in unknown.text) == (404, True)
    dynamic = await http.get("/orders/7", headers=SIGNED_IN)
    assert (dynamic.status_code, "shell" in dynamic.text) == (200, True)


@pytest.mark.parametrize(
    ("name", "said"), [("name", "an invoice of Mine &amp; &lt;ours&gt;"), (None, "an invoice of <")]
)
async def test_the_page_of_one_record_is_the_example_of_its_route(http, first_data, name, said) -> None:
    first_data.answer = name
    page = await http.get("/billing/invoices/7", headers=SIGNED_IN)
    assert page.status_code == 200
    assert said in page.text


@pytest.mark.parametrize(
    "path",
    ["/index.html", "//", "//dashboard", "/dashboard/index.html.br", "/__spa-fallback.html", "/a\\b", "/_health"],
)
async def test_no_alias_of_a_document_or_inner_door_is_reachable(http, path) -> None:
    answer = await http.get(httpx.URL(BASE).copy_with(raw_path=path.encode()))
    assert answer.status_code == 404


async def test_s4_a_spent_access_cookie_is_renewed_on_any_request_and_never_cached(http) -> None:
    answer = await http.get("/dashboard", headers={"cookie": "portal_rt=rotate"})
    cookies = answer.headers.get_list("set-cookie")
    assert [c.split("=")[0] for c in cookies] == ["portal_at", "portal_rt"]
    assert all("HttpOnly" in c and "SameSite=lax" in c for c in cookies)
    assert "no-store" in answer.headers["cache-control"]


async def test_the_refresh_door_rotates_by_itself(http, sessions) -> None:
    await http.post("/api/auth/refresh", headers={"cookie": "portal_rt=rotate", "origin": BASE})
    assert sessions.asked == [False]


async def test_worthless_cookies_are_taken_away(http) -> None:
    answer = await http.get("/", headers={"cookie": "portal_at=forged"})
    assert all("Max-Age=0" in c for c in answer.headers.get_list("set-cookie"))
    assert len(answer.headers.get_list("set-cookie")) == 2


async def test_s3_when_the_session_cannot_be_checked_the_answer_is_503_not_allowed(http, sessions) -> None:
    sessions.down = True
    answer = await http.get("/dashboard", headers=SIGNED_IN)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": BASE}, 200),
        ({"origin": "http://127.0.0.1:3000"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({}, 403),
    ],
)
async def test_s14_an_unsafe_request_with_a_session_needs_our_own_origin(http, headers, status) -> None:
    answer = await http.post("/api/invoices/1/sso-link", headers=SIGNED_IN | headers)
    assert answer.status_code == status


async def test_the_webhook_door_is_left_to_its_signature(http) -> None:
    answer = await http.post("/api/webhooks/whmcs", headers=SIGNED_IN | {"origin": "https://evil.example"})
    assert answer.status_code == 200


async def test_a_page_answers_only_reading_methods(http) -> None:
    assert (await http.post("/dashboard", headers=SIGNED_IN | {"origin": BASE})).status_code == 405
    assert (await http.request("TRACE", "/")).status_code == 404


@pytest.mark.parametrize(("host", "status"), [("localhost:1", 200), ("127.0.0.1:9", 200), ("evil.example", 421)])
async def test_another_host_name_is_not_answered(http, host, status) -> None:
    assert (await http.get("/", headers={"host": host})).status_code == status


async def test_every_page_carries_the_security_headers(http) -> None:
    headers = (await http.get("/")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:3900" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


async def test_s14_production_adds_hsts(http) -> None:
    with wiring.use(settings=settings(PORTAL_ENV="prod", PORTAL_BASE_URL="https://portal.example")):
        answer = await http.get("/", headers={"host": "portal.example"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_documents_are_revalidated_and_assets_kept_for_a_year(http) -> None:
    page = await http.get("/")
    assert page.headers["cache-control"] == "private, no-cache"
    again = await http.get("/", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "immutable" in (await http.get("/assets/x-abc123.js")).headers["cache-control"]


async def test_who_chose_another_language_is_not_told_that_nothing_changed(http) -> None:
    kept = (await http.get("/", headers={"cookie": "portal_locale=en"})).headers["etag"]
    answer = await http.get("/", headers={"cookie": "portal_locale=ja", "if-none-match": kept})
    assert (answer.status_code, '<html lang="ja"' in answer.text) == (200, True)


async def test_the_address_script_follows_the_settings_and_is_not_pinned(http) -> None:
    answer = await http.get("/assets/reflex-env-abc.js")
    assert "EVENT:`ws://localhost:3000/_event`" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    with wiring.use(settings=settings(PORTAL_BASE_URL="https://portal.example")):
        assert "wss://portal.example/_event" in (await http.get("/assets/reflex-env-abc.js")).text


async def test_s15_a_forged_forwarded_address_is_not_believed_without_a_proxy(http) -> None:
    headers = {"x-forwarded-for": "198.51.100.1, 198.51.100.2"}
    assert (await http.get("/api/x", headers=headers)).json()["client_ip"] == "203.0.113.9"
    with wiring.use(settings=settings(TRUST_PROXY=1)):
        assert (await http.get("/api/x", headers=headers)).json()["client_ip"] == "198.51.100.2"


async def test_two_requests_at_once_never_share_a_session(http) -> None:
    answers = await asyncio.gather(*(http.get("/api/x", headers=SIGNED_IN if i % 2 else {}) for i in range(100)))
    assert [a.json()["user"] for a in answers] == [("user-1" if i % 2 else None) for i in range(100)]


async def test_an_upload_needs_a_session_and_a_tab_of_that_session(http) -> None:
    post = {"origin": BASE, "reflex-client-token": "tab-1"}
    assert (await http.post("/_upload", headers=post)).status_code == 401
    assert (await http.post("/_upload", headers=SIGNED_IN | post)).status_code == 403
    wiring.live_tabs().bind("tab-1", "sid-1", "user-1")
    assert (await http.post("/_upload", headers=SIGNED_IN | post)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "language", "kept"),
    [
        ({"accept-language": "ja,en;q=0.8"}, "ja", True),
        ({"accept-language": "fr-FR, ja-JP;q=0.9, en;q=0.8"}, "ja", True),
        ({"accept-language": "en-GB,ja;q=0.5"}, "en", False),
        ({}, "en", False),
        ({"accept-language": "ja", "cookie": "portal_locale=en"}, "en", False),
        ({"accept-language": "ja", "cookie": "portal_locale=xx"}, "ja", True),
    ],
)
async def test_a_first_visit_speaks_the_language_the_browser_prefers(http, headers, language, kept) -> None:
    answer = await http.get("/", headers=headers)
    assert f'<html lang="{language}"' in answer.text
    assert ("portal_locale=ja" in answer.headers.get("set-cookie", "")) is kept


async def test_a_page_with_first_data_is_for_one_customer_and_stays_nowhere(http, first_data) -> None:
    answer = await http.get("/billing/invoices?tab=paid", headers=SIGNED_IN | {"accept-encoding": "br"})
    assert "invoices of Mine &amp; &lt;ours&gt;" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    assert "cookie" in answer.headers["vary"].lower()
    assert answer.headers["content-encoding"] == "br"
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert first_data.asked == [("billing/invoices", "/billing/invoices", "tab=paid", "user-1", "en")]


@pytest.mark.parametrize("answer", [None, RuntimeError("our bug"), "unheard_of"])
async def test_without_its_data_the_page_is_the_plain_one(http, first_data, answer) -> None:
    first_data.answer = answer
    page = await http.get("/billing/invoices", headers=SIGNED_IN)
    assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-cache")
    assert "invoices of </body>" in page.text


async def test_a_record_that_is_known_to_be_missing_has_its_page_with_status_404(http, first_data) -> None:
    first_data.missing = True
    page = await http.get("/billing/invoices/7", headers=SIGNED_IN)
    assert (page.status_code, page.headers["cache-control"]) == (404, "private, no-store")
    assert "an invoice of Mine" in page.text


async def test_an_address_in_another_spelling_comes_without_data(http, first_data) -> None:
    page = await http.get(httpx.URL(BASE).copy_with(raw_path=b"/billing/invoices/%37"), headers=SIGNED_IN)
    assert (page.status_code, first_data.asked) == (200, [])
    assert "an invoice of </body>" in page.text


async def test_i1_nobody_who_is_not_signed_in_reaches_the_data_of_a_private_page(http, first_data) -> None:
    for headers in ({}, WITHOUT_PASSWORD, {"cookie": "portal_at=stolen"}):
        assert (await http.get("/billing/invoices", headers=headers)).status_code == 302
    assert first_data.asked == []


ENDS = ("/index.html", "/index.html.br", "/index.html.gz", ".html", ".html.br", ".html.gz", "//", "//index.html")
ALIASES = [f"/billing/invoices{end}" for end in ENDS] + [
    "//billing/invoices",
    "/billing//invoices",
    "/billing\\invoices",
    "/billing/./invoices/../invoices/index.html",
]


@pytest.mark.parametrize("path", ALIASES)
async def test_no_other_name_of_a_page_shows_its_marks(http, first_data, path) -> None:
    answer = await http.get(path, headers=SIGNED_IN)
    assert answer.status_code == 404
    assert not any("\ue000" <= letter <= "\ue00f" for letter in answer.text)
