"""P11: the session of a linked user without a password opens nothing but the door that sets one, and sign-out."""

import re

import httpx
import pytest
from starlette.routing import Route

from portal_app import routes
from portal_app.web.app import routes as doors
from tests.fakes.becoming_world import PASSWORD

OPEN = {routes.API_SET_PASSWORD, routes.API_LOGOUT}
NOWHERE = "/api/{rest:path}"
EVERY = sorted(route.path for route in doors() if isinstance(route, Route))


@pytest.fixture
async def linked(entrance) -> httpx.AsyncClient:
    entrance.a_legacy_client()
    browser = entrance.browser()
    assert (await entrance.link(browser)).headers["location"] == routes.SET_PASSWORD
    return browser


async def knock(browser: httpx.AsyncClient, path: str, **how) -> httpx.Response:
    """Ask with the method this door takes."""
    path = re.sub(r"\{[^}]*\}", "101", path)
    for method in ("POST", "GET", "DELETE"):
        answer = await browser.request(method, path, **how)
        if answer.status_code != 405:
            break
    return answer


@pytest.mark.parametrize("path", [p for p in EVERY if p not in OPEN | {NOWHERE}])
async def test_every_other_door_refuses(linked, path):
    json = {"accept": "application/json"}
    as_program = await knock(linked, path, headers=json)
    assert (as_program.status_code, as_program.json()["code"]) == (403, "set-password-first")
    as_form = await knock(linked, path)
    assert (as_form.status_code, as_form.headers["location"]) == (303, routes.SET_PASSWORD)
    assert "portal_at" not in as_form.cookies


async def test_what_is_nowhere_stays_nowhere(linked):
    assert (await knock(linked, NOWHERE)).status_code == 404


async def test_the_walk_covers_the_doors_of_customers(linked):
    assert {routes.API_INVOICE_SSO, routes.API_LOGIN, routes.API_REFRESH, routes.API_LINK} <= set(EVERY)


async def test_signing_out_works(linked):
    answer = await linked.post(routes.API_LOGOUT)
    assert answer.headers["location"] == routes.LOGIN
    assert "portal_at" not in linked.cookies


async def test_after_the_password_the_doors_open(linked):
    await linked.post(routes.API_SET_PASSWORD, data={"password": PASSWORD})
    answer = await linked.post(routes.API_REFRESH)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.DASHBOARD)


async def test_the_session_stays_what_it_is_through_a_rotation(entrance, linked, world):
    world.clock.advance(700)
    answer = await linked.post(routes.API_SET_PASSWORD, data={"password": "short"})
    session = (await world.sessions.resolve(answer.cookies["portal_at"], None, rotate=True)).session
    assert session.must_set_password
    assert session.customer is None
