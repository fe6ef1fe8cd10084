"""One short id per request, event or job: on every log line, in audit rows, and the reference a customer reads out."""

import re
import secrets
from contextvars import ContextVar

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: customers read these aloud
_SHAPE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")

_current: ContextVar[str] = ContextVar("correlation_id", default="")


def new() -> str:
    """A fresh id such as `AB3D-7KQX`; not bound yet."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"


def bind(correlation_id: str) -> None:
    """Everything done from here in this task and its children carries the id; one of another shape is replaced."""
    _current.set(correlation_id if _SHAPE.fullmatch(correlation_id) else new())


def current() -> str:
    """The bound id, "" outside any request, event or job."""
    return _current.get()
