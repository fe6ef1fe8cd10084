"""The sign-in page: the refusal it shows once, and where it leads."""

import pytest

from portal_app.state.login import LoginState
from portal_app.state.session import SessionState

REFUSED = {"email": "demo@example.com", "error": "sign_in.refused"}


def path_of(event) -> str:
    return {str(k): str(v) for k, v in event.args}["path"].strip('"')


async def test_a_refusal_is_shown_with_the_typed_email(outside, tab):
    outside.flash.kept["k1"] = REFUSED
    state = tab(LoginState, "/auth/login", signed_in=False, cookie="flash=k1")
    assert await state.load() is None
    assert (state.email, state.error) == ("demo@example.com", "sign_in.refused")


async def test_a_reconnect_keeps_the_refusal_and_a_new_visit_does_not(outside, tab):
    outside.flash.kept["k1"] = REFUSED
    state = tab(LoginState, "/auth/login", signed_in=False, cookie="flash=k1")
    await state.load()
    await state.load()
    assert state.error == "sign_in.refused"
    again = tab(LoginState, "/auth/login", signed_in=False, cookie="flash=k1")
    await again.load()
    assert again.error == ""


@pytest.mark.parametrize(
    ("wait", "minutes", "seconds"), [("90", "", "90"), ("121", "3", ""), ("0", "", ""), ("x", "", "")]
)
async def test_the_wait_is_told_in_a_unit_that_reads_well(outside, tab, wait, minutes, seconds):
    outside.flash.kept["k1"] = {"error": "sign_in.locked", "retry_after": wait}
    state = tab(LoginState, "/auth/login", signed_in=False, cookie="ref=s; flash=k1")
    await state.load()
    assert (state.minutes, state.seconds) == (minutes, seconds)


async def test_whoever_is_signed_in_goes_on(outside, tab):
    state = tab(LoginState, "/auth/login?next=/billing/invoices/7")
    assert path_of(await state.load()) == "/billing/invoices/7"


async def test_a_foreign_next_leads_to_the_dashboard(outside, tab):
    state = tab(LoginState, "/auth/login?next=//evil.example")
    assert path_of(await state.load()) == "/dashboard"


async def test_an_anonymous_visitor_stays(outside, tab):
    state = tab(LoginState, "/auth/login", signed_in=False)
    assert await state.load() is None
    assert (await state.get_state(SessionState)).signed_in is False


async def test_good_news_from_a_reset_is_told_once(outside, tab):
    outside.flash.kept["k1"] = {"notice": "reset.done"}
    state = tab(LoginState, "/auth/login", signed_in=False, cookie="flash=k1")
    assert await state.load() is None
    assert (state.notice, state.error) == ("reset.done", "")
