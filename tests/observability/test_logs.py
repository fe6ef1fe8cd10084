"""Rules R1 and R2: what a log line looks like, and that no secret gets into one."""

import json
import logging
import sys

import httpx
import pytest
from sqlalchemy import create_engine, text

from portal_app.errors import UpstreamUnavailable
from portal_app.observability import correlation, logs

ours = logging.getLogger("portal_app.example")

USER = "3f0c1f0e-6c1b-4d52-9e0e-0d6b3f1f9a11"
HIDDEN_SETTING = "Zk3-setting-value-91"

CANARIES = {
    "password": "correct-horse-CANARY-1",
    "unicode_password": "パスワードCANARY2",
    "email": "hanako.canary3@example.jp",
    "phone": "090-1234-5678",
    "phone_e164": "+819012345678",
    "card": "4242 4242 4242 4242",
    "access": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.c2lnbmF0dXJlQ0FOQVJZ",
    "refresh": "Q0FOQVJZNlFVSVRFTE9OR1JFRlJFU0hUT0tFTg0123",
    "cookie": "__Host-portal_rt=CANARY7cookievalue",
    "bearer": "Bearer CANARY8bearervalue",
    "sso": "https://billing.example.com/oauth/singlesignon.php?access_token=CANARY9ssotoken",
    "userinfo": "postgresql://portal:CANARY10db@db.example.com/portal",
    "api_key": "WHMCS_API_SECRET=CANARY11secret",
    "setting": HIDDEN_SETTING,
    "address": "東京都千代田区千代田1-1 CANARY12",
    "totp": "otpauth://totp/portal:me?secret=CANARY13SEED",
}


@pytest.fixture
def lines(capsys):
    """Everything written so far, as (raw text, parsed lines); loggers are put back afterwards."""
    loggers = [
        logging.getLogger(),
        *(x for x in logging.root.manager.loggerDict.values() if isinstance(x, logging.Logger)),
    ]
    before = [(x, x.handlers[:], x.level, x.propagate) for x in loggers]
    hook = sys.excepthook
    logging.getLogger("_granian").setLevel(logging.NOTSET)  # whatever server another test configured
    logs.setup("DEBUG", hide=[HIDDEN_SETTING])

    def read() -> tuple[str, list[dict]]:
        out, err = capsys.readouterr()
        return out + err, [json.loads(line) for line in out.splitlines()]

    yield read
    sys.excepthook = hook
    logging.captureWarnings(False)
    logs._secrets = ()
    for logger, handlers, level, propagate in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def _nothing_of(secrets, raw: str) -> None:
    escaped = {name: json.dumps(value)[1:-1] for name, value in secrets.items()}
    leaked = [name for name in secrets if secrets[name] in raw or escaped[name] in raw]
    assert not leaked, leaked
    assert "CANARY" not in raw


def test_r1_a_line_is_json_in_utc_with_level_fields_and_correlation_id(lines):
    correlation.bind("AB2D-CD34")
    ours.warning("webhook_refused", extra={"reason": "stale", "status": 401, "user_id": USER})
    _, [line] = lines()
    assert line["at"].endswith("+00:00")
    assert {k: line[k] for k in ("level", "message", "correlation_id", "reason", "status", "user_id")} == {
        "level": "warning",
        "message": "webhook_refused",
        "correlation_id": "AB2D-CD34",
        "reason": "stale",
        "status": 401,
        "user_id": USER,
    }


def test_r1_fields_that_are_not_listed_are_left_out(lines):
    ours.info("signed_in", extra={"shoe_size": 27, "user_id": USER})
    _, [line] = lines()
    assert "shoe_size" not in line
    assert line["user_id"] == USER


@pytest.mark.parametrize("nasty", ["a\r\nforged", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "a\x00b", "a\x7fb", "a\x85b"])
def test_r1_control_and_direction_characters_never_reach_the_output(lines, nasty):
    ours.info("signed_in", extra={"reason": nasty})
    logging.getLogger("_granian").info(nasty)
    raw, parsed = lines()
    assert len(parsed) == 2
    assert all(c == "\n" or 32 <= ord(c) < 127 for c in raw)


def test_r1_a_long_text_is_cut_at_two_kilobytes(lines):
    logging.getLogger("_granian").info("one two " * 2000)
    _, [line] = lines()
    assert len(line["message"]) <= logs.LONGEST + len(" [cut]")
    assert line["message"].endswith("[cut]")


def test_r2_canaries_in_messages_and_arguments_are_not_written(lines):
    for value in CANARIES.values():
        ours.info(value)
        ours.info(f"signing in {value}")
        ours.info("value is %s", value)
        ours.info("value_is_%s", value)
        logging.getLogger("httpx").warning("HTTP Request: %s %s", "POST", value)
        logging.getLogger("httpx").warning(f"HTTP Request: POST {value}")
        logging.getLogger("asyncio").error(f"Task exception was never retrieved {value}")
    raw, parsed = lines()
    assert len(parsed) == 7 * len(CANARIES)
    _nothing_of(CANARIES, raw)


def test_r2_canaries_in_extra_fields_are_not_written(lines):
    for name, value in CANARIES.items():
        ours.info("signed_in", extra={name: value, "body": {"password": value}, "headers": [("cookie", value)]})
    opaque = {"password", "cookie"}  # in a listed field nothing tells these from a word of ours
    for field in logs.WORDS | logs.NUMBERS | logs.IDS:
        for name, value in CANARIES.items():
            if name not in opaque:
                ours.info("signed_in", extra={field: value})
    raw, _ = lines()
    _nothing_of(CANARIES, raw)


def test_r2_an_exception_is_its_type_code_and_place(lines):
    for value in CANARIES.values():
        try:
            try:
                raise ValueError(value)
            except ValueError as inner:
                raise UpstreamUnavailable("whmcs", value, code="timeout") from inner
        except UpstreamUnavailable:
            ours.exception("read_failed")
            logging.getLogger("reflex.state").exception(f"state broke on {value}")
    raw, parsed = lines()
    _nothing_of(CANARIES, raw)
    assert {(x["error"], x["code"], x["cause"]) for x in parsed} == {("UpstreamUnavailable", "timeout", "ValueError")}


def test_r2_a_code_that_is_no_word_of_ours_is_left_out(lines):
    failure = UpstreamUnavailable("whmcs", "GetInvoice", code="Login for hanako@example.jp Failed")
    try:
        raise failure
    except UpstreamUnavailable:
        ours.exception("read_failed")
    _, [line] = lines()
    assert "code" not in line


def test_r2_a_whole_page_event_is_reduced_to_type_and_place(lines):
    event = f"Event(name='login.submit', router_data={{'cookie': '{CANARIES['cookie']}'}}, payload={CANARIES!r})"
    try:
        raise KeyError(f"No registered handler found for event: {CANARIES['password']}")
    except KeyError:
        logging.getLogger("reflex_base.event.processor.event_processor").exception(
            f"Error processing event queue entry for {event} [txid=1]:"
        )
    raw, [line] = lines()
    _nothing_of(CANARIES, raw)
    assert line["message"] == "[library]"
    assert line["error"] == "KeyError"
    assert line["logger"].startswith("reflex_base")


async def test_r2_httpx_requests_are_silent_even_at_debug(lines):
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as client:
        await client.post("https://billing.example.com/api.php?secret=CANARY", data={"password": CANARIES["password"]})
    raw, _ = lines()
    _nothing_of(CANARIES, raw)
    assert "billing.example.com" not in raw


def test_r2_sqlalchemy_statements_and_their_values_are_not_written(lines):
    engine = create_engine("sqlite://", echo=True)
    logs.setup("DEBUG", hide=[HIDDEN_SETTING])  # echo installed a handler of its own
    with engine.connect() as connection:
        for value in CANARIES.values():
            connection.execute(text("SELECT :v"), {"v": value})
        with pytest.raises(Exception, match="no such table"):
            connection.execute(text("SELECT :v FROM nowhere"), {"v": CANARIES["password"]})
    engine.dispose()
    raw, _ = lines()
    _nothing_of(CANARIES, raw)


def test_r2_a_message_that_cannot_be_formatted_says_nothing_of_its_arguments(lines):
    broken = logging.LogRecord("_granian", logging.INFO, __file__, 1, "%d workers", (CANARIES["password"],), None)
    logging.getLogger().handlers[0].handle(broken)
    raw, _ = lines()
    _nothing_of(CANARIES, raw)


def test_r2_an_uncaught_exception_prints_no_text(lines):
    try:
        raise RuntimeError(CANARIES["password"])
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    raw, [line] = lines()
    _nothing_of(CANARIES, raw)
    assert (line["level"], line["error"]) == ("critical", "RuntimeError")


def test_libraries_lose_the_handlers_they_made_for_themselves(lines):
    stray = logging.StreamHandler(sys.stderr)
    logging.getLogger("reflex").addHandler(stray)
    logging.getLogger("reflex").propagate = False
    logs.setup("INFO")
    logging.getLogger("reflex").error("state %s expired", "x")
    _, [line] = lines()
    assert line["message"] == "state %s expired"
