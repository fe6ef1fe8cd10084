"""What counts as a complaint of Firefox, and what the check makes of a page."""

import json
import re

import pytest

from tools.firefox import LEFT, Entry, entry_of, firefox, preferences
from tools.firefox_check import Look, Seen, problems, told

DOOR = {"request": {"url": "http://localhost:3000/a.js"}}
LOOK = Look("invoices", "/billing/invoices", "[data-invoice]")
GOOD = Seen(
    path="/billing/invoices", lang="en", html=25, rows=25, first=True, same=25, hydrated=True, marks=False, changed=0
)


def test_what_the_page_logs_is_kept_with_its_level():
    assert entry_of("log.entryAdded", {"level": "warn", "text": "slow"}) == Entry("warn", "slow")
    assert entry_of("log.entryAdded", {"level": "error", "text": None}) == Entry("error", "")


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_refused_request_is_an_error_though_firefox_does_not_log_it(status):
    answer = DOOR | {"response": {"status": status}}
    assert entry_of("network.responseCompleted", answer) == Entry("error", f"{status}: http://localhost:3000/a.js")


def test_a_request_that_failed_is_an_error_unless_its_page_was_left():
    failed = entry_of("network.fetchError", DOOR | {"errorText": "NS_ERROR_CONNECTION_REFUSED"})
    assert failed == Entry("error", "NS_ERROR_CONNECTION_REFUSED: http://localhost:3000/a.js")
    assert entry_of("network.fetchError", DOOR | {"errorText": LEFT}) is None


@pytest.mark.parametrize("status", [101, 200, 303, 304])
def test_an_answer_that_is_in_order_is_no_entry(status):
    assert entry_of("network.responseCompleted", DOOR | {"response": {"status": status}}) is None


def test_every_preference_is_a_line_of_user_js():
    lines = preferences().splitlines()
    assert 'user_pref("toolkit.telemetry.enabled", false);' in lines
    for line in lines:
        name, value = re.fullmatch(r"user_pref\((\".+\"), (.+)\);", line).groups()
        assert isinstance(json.loads(name), str)
        assert isinstance(json.loads(value), bool | int | str)


def test_the_apt_command_is_named_where_firefox_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FIREFOX", raising=False)
    with pytest.raises(SystemExit, match="apt-get install -y firefox-esr"):
        firefox()


def test_only_warnings_and_errors_are_told():
    said = [Entry("info", "a"), Entry("warn", "b"), Entry("debug", "c"), Entry("error", "d")]
    assert told(said) == ["warn: b", "error: d"]


def found(*entries: Entry, primed: bool = True, **changes: object) -> list[str]:
    return problems(LOOK, "en", GOOD._replace(**changes), entries, primed=primed)


def test_the_same_rows_without_an_error_are_no_problem():
    assert found(Entry("warn", "only a warning")) == []
    assert found(path="/billing/invoices/", changed=3) == []
    assert found(rows=24, same=24) == [], "one that is gone since the HTML was written"
    assert found(rows=26, same=25) == [], "one that came since"


def test_rows_that_come_by_the_socket_are_a_problem_only_where_the_html_should_have_them():
    by_socket = {"html": 0, "same": 0, "first": False}
    assert found(**by_socket) == ["no row in the HTML"]
    assert found(**by_socket, primed=False) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first": False, "same": 0}, "of 25 rows of the HTML 0 are the same elements"),
        ({"first": False, "same": 24}, "of 25 rows of the HTML 24 are the same elements"),
        ({"same": 24}, "of 25 rows of the HTML 24 are the same elements"),
        ({"html": 0, "same": 0, "rows": 0, "first": False}, "no row"),
        ({"lang": "ja"}, "the page speaks another language"),
        ({"path": "/auth/login"}, "was sent to /auth/login"),
        ({"hydrated": False}, "a row is not React's"),
        ({"marks": True}, "a mark of the template is left"),
    ],
)
def test_what_must_not_be_is_said(changes, sentence):
    assert sentence in found(**changes)


def test_an_error_of_the_browser_is_a_problem():
    assert found(Entry("error", "Minified React error #418")) == ["error: Minified React error #418"]
