"""O6: every door x {anonymous, owner, another customer}; a door that stands in no table fails.

Behind the doors everything is down and notes for whom it was asked: for whoever has the session, whatever ids stand in
the address. That such an id is then not found is proved where it is looked up.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from portal_app import routes, wiring
from portal_app.web.app import routes as every_route
from tests.fakes.asked import Asked, Down
from tests.fakes.becoming_world import PASSWORD
from tests.fakes.checkout_world import ACCOUNT, OTHER_ACCOUNT
from tests.fakes.entrance import BASE

CASE, DOCUMENT, FILE = "500000000000001AAA", "069000000000001AAA", "6f1c1c1e-0000-4000-8000-000000000001"
QUESTION = {"subject": "Slow", "message": "It is slow.", "topic": "internet"}
PROFILE = {"phone": "03-1234-5678", "birth_date": "1990-04-02", "gender": "W", "language": "en"}


@dataclass(frozen=True)
class Door:
    """`asks`: what hears of the customer, "" where anybody may come. `raw`: a file instead of fields."""

    path: str
    asks: str
    body: dict[str, Any] = field(default_factory=dict)
    method: str = "POST"
    raw: bytes = b""


DOORS = [
    Door(routes.API_CONFIRM, "confirming", {"password": PASSWORD}),
    Door(routes.API_PASSWORD, "password_change", {"current": PASSWORD, "password": "quiet mountain rail 77"}),
    Door(routes.API_EMAIL, "email_change", {"email": "new@example.com", "password": PASSWORD}),
    Door(routes.API_TOTP, "factor_settings", {"step": "begin"}),
    Door(routes.API_TOTP_REMOVE, "factor_settings", {"code": "123456"}),
    Door(routes.API_RECOVERY_CODES, "factor_settings", {"code": "123456"}),
    Door(routes.API_PROFILE, "profiles", PROFILE),
    Door(routes.API_CASES, "support", QUESTION),
    Door(routes.API_CASE_COMMENTS, "support", QUESTION),
    Door(routes.API_CASE_CLOSE, "support"),
    Door(routes.API_CASE_REOPEN, "support"),
    Door(routes.API_CASE_UPLOADS, "case_file_desk", raw=b"%PDF-1.4"),
    Door(routes.API_CASE_UPLOAD, "case_file_desk", method="DELETE"),
    Door(routes.API_CASE_FILE, "case_file_desk", method="GET"),
    Door(routes.API_PAYMENTS_SSO, "pay_methods"),
]
FOR_ANYBODY = [
    Door(routes.API_MFA, "", {"code": "123456"}),
    Door(routes.API_CONFIRM_EMAIL, "", {"token": "x" * 43}),
]
ELSEWHERE = {
    "test_who_may.py": (
        routes.API_SIGN_UP,
        routes.API_VERIFY_EMAIL,
        routes.API_RESEND_VERIFICATION,
        routes.API_LINK,
        routes.API_LINK_ALIAS,
        routes.API_SET_PASSWORD,
        routes.API_FORGOT_PASSWORD,
        routes.API_RESET_PASSWORD,
    ),
    "test_auth.py": (routes.API_LOGIN, routes.API_LOGOUT, routes.API_REFRESH),
    "test_carts.py": (routes.API_CART,),
    "test_orders.py": (routes.API_ORDERS,),
    "test_addresses.py": (routes.API_ADDRESS,),
    "test_uploads.py": (routes.API_VERIFICATION,),
    "test_payments.py": (routes.API_INVOICE_SSO,),
    "test_webhooks.py": (routes.API_WHMCS_WEBHOOK,),
    "test_health.py": (
        routes.API_LIVE,
        routes.API_READY,
        routes.API_SF_EVENTS,
        routes.API_QUEUES,
        routes.METRICS,
        routes.OPERATOR_WAKE,
    ),
    "test_problems.py": ("/api/{rest:path}",),
}
"""Doors of other parts, and the tests beside this one that walk through them."""


def test_every_door_stands_in_a_table() -> None:
    here = [door.path for door in (*DOORS, *FOR_ANYBODY)]
    elsewhere = [path for paths in ELSEWHERE.values() for path in paths]
    assert sorted(here + elsewhere) == sorted(one.path for one in every_route() if isinstance(one, Route))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Before the entrance, which gives what it has."""
    parts = Asked()
    monkeypatch.setattr("portal_app.wiring.parts._parts", parts)
    return parts


@pytest.fixture
async def people(asked: Asked, entrance, world) -> dict[str, Any]:
    """Programs of each, signed in just now."""
    found = {"anonymous": entrance.program()}
    ids = {}
    for who, client, account in (("owner", 101, ACCOUNT), ("other", 102, OTHER_ACCOUNT)):
        user_id = await world.users.create(f"{who}@example.com", await world.passwords.hash(PASSWORD))
        await world.users.link(user_id, client, account)
        tokens = await world.sessions.start(user_id, device_label="x")
        found[who], ids[who] = entrance.program(), user_id
        found[who].cookies.set("portal_at", tokens.access, domain="localhost.local", path="/")
    asked.users = frozenset(ids.values())
    return {**found, "ids": ids}


async def knock(program: httpx.AsyncClient, door: Door) -> httpx.Response:
    """With the owner's ids in the address."""
    path = door.path.format(case_id=CASE, file_id=FILE, document_id=DOCUMENT)
    headers = {"idempotency-key": "key-of-the-tests-0001", "origin": BASE}
    if door.raw:
        headers |= {"x-file-name": "a.pdf", "content-type": "application/octet-stream"}
        return await program.request(door.method, path, content=door.raw, headers=headers)
    body = {"json": door.body} if door.method == "POST" else {}
    return await program.request(door.method, path, headers=headers, **body)  # type: ignore[arg-type]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
async def test_o6_without_a_session_nothing_is_asked(people, asked, door) -> None:
    answer = await knock(people["anonymous"], door)
    assert (answer.status_code, asked.calls) == (401, []), answer.text


@pytest.mark.parametrize("who", ["owner", "other"])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
async def test_o6_o1_a_door_asks_for_whoever_has_the_session_and_for_nobody_else(people, asked, door, who) -> None:
    with wiring.use(**{door.asks: Down(door.asks, asked.calls)}):
        answer = await knock(people[who], door)
    assert (asked.parts(), asked.about()) == ([door.asks], {people["ids"][who]}), answer.text
    assert answer.status_code == 503, answer.text


@pytest.mark.parametrize("who", ["anonymous", "owner", "other"])
@pytest.mark.parametrize("door", FOR_ANYBODY, ids=lambda door: door.path)
async def test_o6_what_proves_itself_gives_nothing_to_whoever_has_no_proof(people, asked, door, who) -> None:
    answer = await knock(people[who], door)
    assert answer.status_code in (401, 404, 409, 422), answer.text
    assert asked.about() == set()
