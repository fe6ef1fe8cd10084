"""Reading only what is kept: mirrors, caches and our own database. While that holds, no outside system is waited for.

For an answer that has to come at once and may leave something out. What is begun for whoever comes later, a stale
copy's refresh say, runs outside of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_only_kept: ContextVar[bool] = ContextVar("only_kept", default=False)


class NotKept(Exception):
    """It is in no copy, and somebody would have to wait for it. `what` is the kind of a record, never whose it is.

    Not one of the portal's errors: those who tell a customer what failed must not take this for a failure. It is for
    whoever asked for `kept_only`.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@contextmanager
def kept_only() -> Iterator[None]:
    """Inside, and in tasks begun inside, what is not kept raises NotKept."""
    token = _only_kept.set(True)
    try:
        yield
    finally:
        _only_kept.reset(token)


@contextmanager
def for_others() -> Iterator[None]:
    """Tasks, timers and callbacks begun inside serve others as well, and may wait for whatever they need."""
    token = _only_kept.set(False)
    try:
        yield
    finally:
        _only_kept.reset(token)


def only_kept() -> bool:
    """Whether what is not kept has to be left out."""
    return _only_kept.get()
