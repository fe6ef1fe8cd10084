"""Every error of the tree as a problem document in the customer's language (RFC 9457)."""

import json

import pytest
from starlette.requests import Request

from portal_app import errors
from portal_app.storage.encryption import DecryptionFailed
from portal_app.text import SENTENCES, say
from portal_app.web import problems
from portal_app.web.refusal import HttpProblem

UPSTREAM = ("whmcs", "GetInvoices", "timeout")
TABLE = [
    (errors.NotSignedIn(), 401, "session-over"),
    (errors.InvalidCredentials(), 401, "bad-credentials"),
    (errors.InvalidCode("mfa.wrong"), 401, "bad-code"),
    (errors.NotFound("invoice", 4711), 404, "not-found"),
    (errors.InvalidInput("email", "sign_in.email_invalid"), 422, "validation"),
    (errors.InvalidFields({"email": "sign_in.email_invalid", "password": "password.too_short"}), 422, "validation"),
    (errors.Conflict("billing.not_payable"), 409, "conflict"),
    (errors.TooManyTries(61), 429, "too-many-tries"),
    (errors.Busy("whmcs", 7), 503, "busy"),
    (errors.UpstreamUnavailable(*UPSTREAM), 503, "upstream-unavailable"),
    (errors.UpstreamUnavailable("salesforce", "Query"), 503, "unavailable"),
    (errors.UpstreamRejected("salesforce", "Query"), 502, "unavailable"),
    (errors.UpstreamOutcomeUnknown(*UPSTREAM), 202, "being-confirmed"),
    (errors.UpstreamRejected(*UPSTREAM), 502, "upstream-refused"),
    (errors.UpstreamReplyChanged(*UPSTREAM), 502, "upstream-refused"),
    (errors.ConfigError(["JWT_SECRET: is missing"]), 500, "our-bug"),
    (DecryptionFailed("users.email"), 500, "our-bug"),
    (HttpProblem(413, "too-large"), 413, "too-large"),
    (RuntimeError("SELECT password FROM users"), 500, "our-bug"),
    (RecursionError(), 500, "our-bug"),
]


def request(locale: str = "en") -> Request:
    headers = [(b"cookie", f"portal_locale={locale}".encode())]
    return Request(
        {"type": "http", "method": "POST", "path": "/", "headers": headers, "state": {"correlation_id": "AB12-CD34"}}
    )


def explained(error: Exception, locale: str = "en"):
    answer = problems.explain(request(locale), error)
    return answer, json.loads(bytes(answer.body))


@pytest.mark.parametrize(
    ("error", "status", "code"), TABLE, ids=lambda v: type(v).__name__ if isinstance(v, Exception) else str(v)
)
def test_each_error_has_its_status_code_and_sentence(error, status, code):
    answer, body = explained(error)
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["instance"] == "AB12-CD34"
    assert body["type"] == f"urn:portal:problem:{code}"
    assert body["title"] == say("en", problems.TITLES[code])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("error", "status", "code"), TABLE, ids=lambda v: type(v).__name__ if isinstance(v, Exception) else str(v)
)
def test_no_answer_repeats_what_an_exception_says(error, status, code):
    text = json.dumps(explained(error)[1])
    for inside in ("SELECT", "JWT_SECRET", "4711", "GetInvoices", "whmcs", "timeout", "users.email", "Traceback"):
        assert inside not in text


def test_every_leaf_of_the_error_tree_is_in_the_table():
    def leaves(kind: type) -> set[type]:
        below = kind.__subclasses__()
        return set().union(*(leaves(k) for k in below)) if below else {kind}

    ours = {k for k in leaves(errors.PortalError) if k.__module__.startswith("portal_app.")}
    own = {k for k in ours if k.__module__ == "portal_app.errors"}
    assert own <= {type(error) for error, _, _ in TABLE}


def test_a_field_error_names_the_field_and_says_how_to_put_it_right():
    _, body = explained(errors.InvalidInput("email", "sign_in.email_invalid"), "ja")
    (field,) = body["errors"]
    assert (field["field"], field["code"]) == ("email", "sign_in.email_invalid")
    assert field["detail"] == say("ja", "sign_in.email_invalid")


def test_several_field_errors_each_say_their_own_in_the_forms_order():
    _, body = explained(
        errors.InvalidFields({"email": "sign_in.email_invalid", "password": "password.too_short"}), "ja"
    )
    assert body["detail"] == say("ja", "problem.validation")
    assert [(e["field"], e["code"], e["detail"]) for e in body["errors"]] == [
        ("email", "sign_in.email_invalid", say("ja", "sign_in.email_invalid")),
        ("password", "password.too_short", say("ja", "password.too_short")),
    ]


def test_a_reason_without_a_sentence_still_gets_an_answer():
    assert explained(errors.InvalidInput("x", "no.such.key"))[1]["errors"][0]["detail"] == say(
        "en", "problem.validation"
    )


@pytest.mark.parametrize(("seconds", "minutes"), [(1, "1"), (60, "1"), (61, "2"), (3600, "60")])
def test_waiting_is_told_in_whole_minutes_and_in_the_header(seconds, minutes):
    answer, body = explained(errors.TooManyTries(seconds))
    assert answer.headers["retry-after"] == str(seconds)
    assert f" {minutes} min" in body["detail"]


def test_the_language_is_the_one_chosen():
    assert explained(errors.NotFound("invoice"), "ja")[1]["title"] == say("ja", "problem.not_found")
    assert explained(errors.NotFound("invoice"), "xx")[1]["title"] == say("en", "problem.not_found")


def test_every_code_has_a_sentence_in_both_languages():
    for key in problems.TITLES.values():
        assert all(SENTENCES[key])


async def test_r2_what_went_wrong_inside_is_logged_by_type_and_not_by_text(caplog):
    @problems.door("POST")
    async def handler(_: Request):
        raise RuntimeError("canary 4711")

    answer = await handler(request())
    assert answer.status_code == 500
    assert [r.msg for r in caplog.records] == ["request_failed"]


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/invoices/101", "/api/auth/login/", "/api/%2e%2e/x"])
async def test_an_unknown_address_under_api_answers_with_a_problem_document(program, path):
    answer = await program.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
