"""JSON lines on stdout that cannot carry a secret: what may be written is listed, everything else is left out (R1, R2).

Our own code logs fixed words and listed fields: `log.warning("webhook_refused", extra={"reason": "stale"})`; values
inside a message are never filled in.
Exceptions become their type, our short code and the place. Libraries are reduced further, because they print requests,
statements with their values and whole page events: of them only the logger, the place and the unfilled template remain.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from portal_app.observability import correlation

LONGEST: Final = 2048
"""Bytes of one text value; the rest is cut."""

OURS: Final = ("portal_app", "sandbox")

OUTSPOKEN: Final = ("_granian", "granian", "apscheduler", "alembic")
"""Libraries whose whole message is kept (with the patterns below hidden): they only speak about the process."""

QUIET: Final = ("httpx", "httpcore", "sqlalchemy", "apscheduler", "aiosqlite", "asyncio", "engineio", "socketio")
"""Talkative below WARNING, and about nothing we need."""

WORDS: Final = frozenset(
    {
        "action",
        "code",
        "error",
        "event",
        "event_id",
        "handler",
        "job",
        "kind",
        "method",
        "operation",
        "outcome",
        "place",
        "queue",
        "reason",
        "refused_ip",
        "route",
        "state",
        "system",
        "template",
        "topic",
    }
)
"""Fields that hold short words of ours."""

NUMBERS: Final = frozenset(
    {
        "added",
        "attempts",
        "changed",
        "compared",
        "count",
        "depth",
        "failures",
        "left",
        "ms",
        "removed",
        "repaired",
        "retry_after",
        "rows",
        "seconds",
        "status",
        "users",
        "whmcs_client_id",
        "whmcs_invoice_id",
        "whmcs_service_id",
    }
)
"""Fields that hold a number."""

IDS: Final = frozenset({"user_id", "session_id", "run_id"})
"""Fields that hold an id of our own making."""

_MESSAGE = re.compile(r"[A-Za-z][a-z_,: %'-]{1,99}")
_WORD = re.compile(r"[A-Za-z0-9_][\w.:,/{}<>\[\] \-]{0,119}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_HIDDEN: Final = (
    (re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]*[@?#][^\s\"'<>]*", re.IGNORECASE), "[url]"),
    (re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[^\s@\"'<>]+"), "[email]"),
    (re.compile(r"\b(bearer|basic)\s+\S+", re.IGNORECASE), "[credential]"),
    (
        re.compile(
            r"\b[\w-]*(pass(word|wd)?|secret|token|cookie|authorization|api.?key|identifier|otp|cvv)[\w-]*[\"']?\s*[=:]\s*\S+",
            re.IGNORECASE,
        ),
        "[credential]",
    ),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"\+?\d(?:[ -]?\d){8,}"), "[number]"),
    (re.compile(r"[A-Za-z0-9+/_=-]{32,}"), "[token]"),
)

_secrets: tuple[str, ...] = ()


def setup(level: str = "INFO", *, hide: Iterable[str] = ()) -> None:
    """From here on this process writes JSON lines on stdout and nothing else; may be called again.

    `hide` are values that must never be seen, such as the secrets of the settings: the last net under the rules above.
    Handlers that libraries installed for themselves are taken away, so call it after they are imported.
    """
    global _secrets
    _secrets = tuple(sorted((s for s in hide if len(s) >= 6), key=len, reverse=True))
    handler = _Lines()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate, logger.disabled = True, False
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


class JsonLines(logging.Formatter):
    """One record -> one line of JSON, ASCII only, so no control or direction character can reach a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its line feed."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": hidden(record.name)[:100],
            "message": _message(record),
        }
        if identifier := correlation.current():
            line["correlation_id"] = identifier
        line |= _listed(record.__dict__)
        if record.exc_info and isinstance(record.exc_info[1], BaseException):
            line |= described(record.exc_info[1])
        if not _is_ours(record.name):
            line.setdefault("place", f"{record.module}:{record.lineno}")
        return json.dumps(line, ensure_ascii=True).replace("\x7f", "\\u007f")


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            # Looked up each time: whoever replaces stdout later keeps getting the lines.
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        # The standard one prints the message and its arguments to stderr.
        sys.stderr.write('{"level":"error","message":"log_failed"}\n')


def described(error: BaseException) -> dict[str, str]:
    """What may be said of an exception: type, our short code, where it was raised, the type behind; never its text."""
    facts = {"error": type(error).__name__[:100]}
    code = getattr(error, "code", "")
    if isinstance(code, str) and re.fullmatch(r"[a-z][a-z0-9_.]{0,63}", code):
        facts["code"] = code
    if place := _place(error.__traceback__):
        facts["place"] = place
    if behind := error.__cause__ or error.__context__:
        facts["cause"] = type(behind).__name__[:100]
    return facts


def hidden(text: str) -> str:
    """The text without addresses, credentials, tokens and long numbers; control characters escaped, cut at 2 KB."""
    for secret in _secrets:
        text = text.replace(secret, "[secret]")
    for pattern, word in _HIDDEN:
        text = pattern.sub(word, text)
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= LONGEST else raw[:LONGEST].decode("utf-8", "ignore") + " [cut]"


def _is_ours(logger: str) -> bool:
    return logger.partition(".")[0] in OURS


def _message(record: logging.LogRecord) -> str:
    if _is_ours(record.name):
        # The unfilled sentence. That it is a fixed one is held by a test; this stops most of what would slip past it.
        return record.msg if isinstance(record.msg, str) and _MESSAGE.fullmatch(record.msg) else "[refused]"
    if record.name.partition(".")[0] in OUTSPOKEN:
        return hidden(record.getMessage())
    # With arguments the message is a template; without, it may be a finished sentence full of data.
    return hidden(record.msg) if isinstance(record.msg, str) and record.args else "[library]"


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    """The extra fields that may be written, each checked for its kind."""
    line: dict[str, Any] = {}
    for name, value in values.items():
        if name in NUMBERS and isinstance(value, int | float):
            line[name] = value
        elif name in IDS and value:
            line[name] = value if _UUID.fullmatch(str(value)) else "[refused]"
        elif name in WORDS and value not in ("", None):
            line[name] = _word(str(value))
    return line


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        return "[refused]"
    return text if _UUID.fullmatch(text) else hidden(text)


def _place(trace: TracebackType | None) -> str:
    """Function and line of the innermost frame of ours, else of the innermost one."""
    place = ours = ""
    while trace:
        place = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
        if _is_ours(trace.tb_frame.f_globals.get("__name__", "")):
            ours = place
        trace = trace.tb_next
    return ours or place


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        logging.getLogger("portal_app").critical("uncaught", exc_info=(kind, error, trace))
