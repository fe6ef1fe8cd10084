"""The security page: how signing in is protected, where somebody is signed in and who may end it, what happened."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.domain.safety import Activity
from portal_app.errors import NotSignedIn
from portal_app.security.audit import FOR_OWNERS
from portal_app.security.policy import policy_of
from portal_app.state.activity_rows import SAID
from portal_app.state.security import SecurityState
from tests.fakes.profile_screens import (
    SINCE,
    ScreenAudit,
    ScreenLiveSessions,
    ScreenSecondFactors,
    ScreenUsers,
    a_live_session,
)

PAGE = "/account/security"
HANDLERS = {"load": (), "load_devices": (), "load_activity": (), "end": ("h2",), "end_others": ()}


@pytest.fixture
def account(outside) -> Iterator[SimpleNamespace]:
    parts = {
        "second_factors": ScreenSecondFactors(),
        "sessions": ScreenLiveSessions(proven_at=outside.clock.now()),
        "users": ScreenUsers(),
        "audit": ScreenAudit(),
    }
    parts["sessions"].live = [a_live_session("h1", current=True), a_live_session("h2", device="Safari on iPhone")]
    with wiring.use(**parts):
        yield SimpleNamespace(**parts, flash=outside.flash, clock=outside.clock)


async def test_without_a_second_factor_the_page_says_so(account, tab):
    state = tab(SecurityState, PAGE)
    await state.load()
    assert (state.second_factor, state.since, state.email_now) == ("off", "", "hanako@example.com")


@pytest.mark.parametrize(("left", "shown"), [(10, "many"), (4, "many"), (3, "few"), (0, "none")])
async def test_with_one_it_says_since_when_and_how_many_codes_are_left(account, tab, left, shown):
    account.second_factors.on, account.second_factors.codes_left = True, left
    state = tab(SecurityState, PAGE)
    await state.load()
    assert (state.second_factor, state.since) == ("on", "15 Jan 2026")
    assert (state.codes_left, state.codes) == (str(left), shown)


async def test_c1_no_secret_is_in_what_the_browser_gets(account, tab):
    account.second_factors.on = True
    state = tab(SecurityState, PAGE)
    await state.load()
    assert not [name for name in state.base_vars if "secret" in name or "uri" in name or "password" in name]
    assert "session-1" not in str(state.dict())


async def test_s6_the_forms_are_there_only_once_it_was_shown_minutes_ago_who_it_is(account, tab):
    account.clock.advance(timedelta(minutes=5, seconds=1))
    state = tab(SecurityState, PAGE)
    await state.load()
    assert not state.recent
    account.sessions.proven_at = account.clock.now()
    await state.load()
    assert state.recent
    account.clock.advance(timedelta(minutes=6))
    await state.load()
    assert state.recent, "what is being typed is not taken away; the door asks again"


@pytest.mark.parametrize(
    ("told", "form"),
    [
        ({"error": "problem.validation", "field.current_password": "password_change.wrong"}, "password"),
        ({"error": "problem.validation", "field.password": "password.too_short"}, "password"),
        ({"error": "problem.validation", "field.email": "sign_in.email_invalid"}, "email"),
        ({"error": "problem.too_many_tries", "email": "new@example.com"}, "email"),
        ({"error": "problem.validation", "field.code": "mfa.wrong"}, "factor"),
        ({"error": "mfa.password_short"}, "factor"),
        ({"notice": "password_change.done"}, ""),
    ],
)
async def test_a_form_that_came_back_is_known_by_what_was_wrong(account, tab, told, form):
    account.flash.kept["k1"] = told
    state = tab(SecurityState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.refused == form


async def test_s7_every_browser_is_listed_and_this_one_is_marked(account, tab):
    state = tab(SecurityState, PAGE)
    await state.load_devices()
    assert [(row.handle, row.device, row.current) for row in state.devices] == [
        ("h1", "Firefox on Windows", True),
        ("h2", "Safari on iPhone", False),
    ]
    assert state.devices[0].seen == "05:00"
    assert state.others
    account.clock.advance(timedelta(days=1))
    await state.load_devices()
    assert state.devices[0].seen == "15 Jan 2026 05:00"


async def test_s7_one_browser_is_signed_out_and_gone_from_the_list(account, tab):
    state = tab(SecurityState, PAGE)
    await state.end("h2")
    assert account.sessions.ended == [("h2", "by_owner")]
    assert [row.handle for row in state.devices] == ["h1"] and not state.others


async def test_o1_a_session_of_somebody_else_or_none_at_all_is_not_ended(account, tab):
    state = tab(SecurityState, PAGE)
    for handle in ("h9", "", "session-2", "../h2"):
        await state.end(handle)
    assert account.sessions.ended == []
    assert len(state.devices) == 2


async def test_s7_all_others_are_signed_out_and_this_one_stays(account, tab):
    account.sessions.live.append(a_live_session("h3"))
    state = tab(SecurityState, PAGE)
    await state.end_others()
    assert account.sessions.ended == [("h2", "by_owner"), ("h3", "by_owner")]
    assert [row.handle for row in state.devices] == ["h1"]


async def test_what_happened_is_told_in_sentences_of_the_language(account, tab):
    account.audit.happened = [
        Activity(SINCE, "mfa_on", "ok", "Firefox on Windows"),
        Activity(SINCE, "sign_in", "refused"),
        Activity(SINCE, "session.ended", "replaced"),
    ]
    state = tab(SecurityState, PAGE, locale="ja")
    await state.load_activity()
    assert [(row.sentence, row.at, row.device, row.tone) for row in state.activity] == [
        ("二段階認証をオンにしました", "2026年1月15日 05:00", "Firefox（Windows）", "good"),
        ("パスワードまたは確認コードが正しく入力されませんでした", "2026年1月15日 05:00", "", "warn"),
    ]


async def test_a_long_history_is_cut_and_every_line_has_a_key_of_its_own(account, tab):
    account.audit.happened = [Activity(SINCE, "sign_in", "ok")] * 60
    state = tab(SecurityState, PAGE)
    await state.load_activity()
    assert len(state.activity) == len({row.key for row in state.activity}) == 20


def test_only_what_the_owner_may_read_has_a_sentence():
    assert {event for event, _ in SAID} == FOR_OWNERS


@pytest.mark.parametrize("handler", HANDLERS)
async def test_o6_nobody_without_a_session_and_everybody_only_their_own(account, tab, monkeypatch, handler):
    assert policy_of(SecurityState.event_handlers[handler].fn).who == "signed_in"
    with pytest.raises(NotSignedIn):
        await getattr(tab(SecurityState, PAGE, signed_in=False), handler)(*HANDLERS[handler])
    account.audit.happened = [Activity(SINCE, "sign_in", "ok")]
    other = Customer("user-2", 8)
    monkeypatch.setattr("tests.fakes.screens.CUSTOMER", other)
    state = tab(SecurityState, PAGE)
    await getattr(state, handler)(*HANDLERS[handler])
    assert (account.sessions.ended, state.devices, state.activity) == ([], [], [])
