"""The pages of the code, of who it is, and of a new address: what they show once, ask for, and lead to."""

import pytest

from portal_app import routes, wiring
from portal_app.errors import NotSignedIn
from portal_app.state.confirm import ConfirmState
from portal_app.state.confirm_email import ConfirmEmailState
from portal_app.state.mfa import MfaState

WRONG = {"error": "problem.validation", "field.code": "mfa.wrong", "retry_after": "90"}


@pytest.fixture
def asks(outside):
    """What the workflow wants to see."""

    class Confirming:
        code = False

        async def wants_code(self, user_id: str) -> bool:
            return self.code

    with wiring.use(confirming=(confirming := Confirming())):
        yield confirming


async def test_a_wrong_code_is_said_once_with_the_wait_and_no_code(outside, tab):
    outside.flash.kept["k1"] = WRONG
    state = tab(MfaState, f"{routes.MFA}?next=/orders", signed_in=False, cookie="flash=k1")
    await state.load()
    assert (state.error, state.errors, state.seconds) == ("problem.validation", {"code": "mfa.wrong"}, "90")
    assert (state.next, state.values) == ("/orders", {})


@pytest.mark.parametrize(("page", "state_class"), [(routes.MFA, MfaState), (routes.CONFIRM, ConfirmState)])
async def test_107_a_foreign_next_leads_to_the_dashboard(outside, tab, asks, page, state_class):
    state = tab(state_class, f"{page}?next=//evil.example")
    await state.load()
    assert state.next == routes.DASHBOARD


@pytest.mark.parametrize(("code", "by"), [(True, "code"), (False, "password")])
async def test_who_it_is_is_shown_by_a_code_where_one_is_on_and_by_the_password_elsewhere(outside, tab, asks, code, by):
    asks.code = code
    state = tab(ConfirmState, f"{routes.CONFIRM}?next={routes.SECURITY}")
    await state.load()
    assert (state.by, state.next) == (by, routes.SECURITY)


async def test_nobody_is_asked_who_is_not_signed_in(outside, tab, asks):
    state = tab(ConfirmState, routes.CONFIRM, signed_in=False)
    with pytest.raises(NotSignedIn):
        await state.load()
    assert state.by == ""


async def test_a_link_that_works_no_longer_says_why_in_any_browser(outside, tab):
    outside.flash.kept["k1"] = {"error": "token.used"}
    state = tab(ConfirmEmailState, routes.CONFIRM_EMAIL, signed_in=False, cookie="flash=k1")
    await state.load()
    assert state.error == "token.used"
