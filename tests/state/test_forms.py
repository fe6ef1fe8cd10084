"""Forms that come back: reasons and typed values once, looks at a field that keep nothing, secrets nowhere."""

import pytest

from portal_app.state.linking import LinkCodeState, LinkState
from portal_app.state.recovery import (
    CheckMailState,
    ForgotPasswordState,
    ResetPasswordState,
    SetPasswordState,
    VerifyEmailState,
)
from portal_app.state.sign_up import SignUpState, SignUpStatusState

FORMS = [
    SignUpState,
    LinkState,
    LinkCodeState,
    CheckMailState,
    VerifyEmailState,
    SetPasswordState,
    ForgotPasswordState,
    ResetPasswordState,
]
REFUSED = {
    "error": "problem.validation",
    "field.city": "signup.city_missing",
    "field.email": "sign_in.email_invalid",
    "value.email": "mika@example",
    "email": "mika@example",
}


def outsider(tab, kind, path="/auth/signup", cookie=""):
    return tab(kind, path, signed_in=False, cookie=cookie)


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
async def test_a_refused_form_comes_back_with_its_reasons(outside, tab, kind):
    outside.flash.kept["k1"] = dict(REFUSED)
    state = outsider(tab, kind, cookie="flash=k1")
    await state.load()
    assert (state.error, state.email, state.loaded) == ("problem.validation", "mika@example", True)
    assert state.errors == {"city": "signup.city_missing", "email": "sign_in.email_invalid"}
    assert state.values == {"email": "mika@example"}


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
async def test_a_reconnect_keeps_the_refusal_and_a_new_visit_starts_clean(outside, tab, kind):
    outside.flash.kept["k1"] = dict(REFUSED)
    state = outsider(tab, kind, cookie="flash=k1")
    await state.load()
    await state.load()
    assert state.error == "problem.validation"
    again = outsider(tab, kind, cookie="flash=k1")
    await again.load()
    assert (again.error, again.errors, again.loaded) == ("", {}, True)


async def test_the_wait_of_a_limit_is_told(outside, tab):
    outside.flash.kept["k1"] = {"error": "problem.too_many_tries", "retry_after": "121"}
    state = outsider(tab, LinkState, cookie="flash=k1")
    await state.load()
    assert (state.minutes, state.seconds) == ("3", "")


async def test_a_field_that_is_left_is_judged_and_its_value_is_not_kept(outside, tab):
    state = outsider(tab, SignUpState)
    await state.load()
    state.check("phone", "0901234567")
    assert state.errors == {"phone": "signup.phone_invalid"}
    assert "0901234567" not in str(state.dict())
    state.check("phone", "090-1234-5678")
    assert state.errors == {}


async def test_a_field_left_empty_is_not_blamed_before_the_form_is_sent(outside, tab):
    state = outsider(tab, SignUpState)
    state.check("city", "  ")
    assert state.errors == {}


async def test_putting_a_refused_field_right_takes_its_reason_away_and_leaves_the_others(outside, tab):
    outside.flash.kept["k1"] = dict(REFUSED)
    state = outsider(tab, SignUpState, cookie="flash=k1")
    await state.load()
    state.check("city", "Shibuya-ku")
    assert state.errors == {"email": "sign_in.email_invalid"}


@pytest.mark.parametrize("name", ["password", "token", "idempotency_key", "country", "__class__", ""])
async def test_only_fields_with_a_rule_are_looked_at(outside, tab, name):
    state = outsider(tab, SignUpState)
    state.check(name, "x" * 40)
    assert state.errors == {}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("waiting", "waiting"),
        ("finishing", "finishing"),
        ("refused", "refused"),
        ("done", "finishing"),
        ("", "finishing"),
    ],
)
def test_an_address_shows_one_of_three_outcomes(tab, asked, shown):
    state = outsider(tab, SignUpStatusState, f"/auth/signup-status?outcome={asked}")
    state.load()
    assert state.outcome == shown


@pytest.mark.parametrize("kind", [*FORMS, SignUpStatusState], ids=lambda kind: kind.__name__)
def test_p11_no_page_of_becoming_a_customer_has_a_place_for_a_secret(kind):
    assert {"password", "token", "code"}.isdisjoint(kind.get_fields())
