"""One deadline per user action, handed down through the calls it makes without being an argument of each."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float] = ContextVar("deadline", default=math.inf)
_begins_by: ContextVar[float] = ContextVar("begins_by", default=math.inf)


def loop_time() -> float:
    """Monotonic seconds of the running loop: the one clock of everything in this package."""
    return asyncio.get_running_loop().time()


@contextmanager
def deadline(seconds: float, *, inherit: bool = True) -> Iterator[None]:
    """Everything called inside must be done in `seconds`. An outer deadline that ends sooner still holds.

    `inherit=False` is for work shared by many: it must not end with the one who happened to ask first.
    """
    ends_at = loop_time() + seconds
    token = _ends_at.set(min(ends_at, _ends_at.get()) if inherit else ends_at)
    try:
        yield
    finally:
        _ends_at.reset(token)


def remaining() -> float:
    """Seconds left of the current deadline; infinite when there is none."""
    return _ends_at.get() - loop_time()


@contextmanager
def begins_within(seconds: float) -> Iterator[None]:
    """A write inside must have begun in `seconds`, or is not sent: whoever looks for its effect counts from now."""
    token = _begins_by.set(loop_time() + seconds)
    try:
        yield
    finally:
        _begins_by.reset(token)


def may_begin() -> bool:
    """Whether a write is still in time."""
    return loop_time() <= _begins_by.get()
