"""O6: every door of becoming a customer x everybody who may stand before it."""

import pytest

from portal_app import routes
from tests.fakes.becoming_world import EMAIL, PASSWORD
from tests.fakes.entrance import LEGACY, LEGACY_PASSWORD, SIGN_UP

BODIES = {
    routes.API_SIGN_UP: SIGN_UP,
    routes.API_VERIFY_EMAIL: {"token": "x" * 43, "password": PASSWORD},
    routes.API_RESEND_VERIFICATION: {"email": EMAIL},
    routes.API_LINK: {"email": LEGACY, "password": LEGACY_PASSWORD},
    routes.API_LINK_ALIAS: {"email": LEGACY, "password": LEGACY_PASSWORD},
    routes.API_SET_PASSWORD: {"password": PASSWORD},
    routes.API_FORGOT_PASSWORD: {"email": EMAIL},
    routes.API_RESET_PASSWORD: {"token": "x" * 43, "password": PASSWORD},
}
EXPECTED = {  # door -> what everybody gets, and who gets something else
    routes.API_SIGN_UP: (202, {}),
    routes.API_VERIFY_EMAIL: (422, {}),
    routes.API_RESEND_VERIFICATION: (202, {}),
    routes.API_LINK: (200, {}),
    routes.API_LINK_ALIAS: (200, {}),
    routes.API_SET_PASSWORD: (401, {"customer": 409, "unlinked": 409, "without password": 200}),
    routes.API_FORGOT_PASSWORD: (202, {}),
    routes.API_RESET_PASSWORD: (422, {}),
}
PEOPLE = ["visitor", "customer", "unlinked", "disabled", "signed out", "without password"]


async def cookie_of(world, who: str) -> str:
    """The access token this person brings."""
    if who == "visitor":
        return ""
    user_id = await world.users.create("person@example.com", "" if who == "without password" else "hash")
    if who != "unlinked":
        await world.users.link(user_id, 99)
    tokens = await world.sessions.start(user_id, device_label="x")
    if who == "disabled":
        await world.users.set_disabled(user_id, True)
        await world.sessions.announce([tokens.session.session_id], "disabled")
    if who == "signed out":
        await world.sessions.end(tokens.session.session_id, "signed_out")
    return tokens.access


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", EXPECTED)
async def test_o6_each_door_answers_each_person_as_the_table_says(entrance, world, path, who):
    entrance.a_legacy_client()
    program = entrance.program()
    if token := await cookie_of(world, who):
        program.cookies.set("portal_at", token, domain="localhost.local", path="/")
    answer = await program.post(path, json=BODIES[path], headers={"idempotency-key": entrance.key()})
    most, others = EXPECTED[path]
    refused = 403 if who == "without password" and path != routes.API_SET_PASSWORD else most
    assert answer.status_code == others.get(who, refused), answer.text
