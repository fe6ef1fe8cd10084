"""Reading only what is kept: mirrors, caches and our own database. While that holds, no outside system is waited for.

For an answer that has to come at once and may leave something out. What is begun for whoever comes later, a stale
copy's refresh say, runs outside of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Looked:
    """What was found in one such mode. `old`: a copy past its time was among it, which is being read anew meanwhile.

    A mirror that is refreshed meanwhile does not count: those who show it are told when that has landed.
    """

    old: bool = False


_looking: ContextVar[Looked | None] = ContextVar("only_kept", default=None)


class NotKept(Exception):
    """It is in no copy, and somebody would have to wait for it. `what` is the kind of a record, never whose it is.

    Not one of the portal's errors: those who tell a customer what failed must not take this for a failure. It is for
    whoever asked for `kept_only`.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@contextmanager
def kept_only() -> Iterator[Looked]:
    """Inside, and in tasks begun inside, what is not kept raises NotKept. Gives what there is to say of what was."""
    token = _looking.set(looked := Looked())
    try:
        yield looked
    finally:
        _looking.reset(token)


@contextmanager
def for_others() -> Iterator[None]:
    """Tasks, timers and callbacks begun inside serve others as well, and may wait for whatever they need."""
    token = _looking.set(None)
    try:
        yield
    finally:
        _looking.reset(token)


def only_kept() -> bool:
    """Whether what is not kept has to be left out."""
    return _looking.get() is not None


def gave_old() -> None:
    """Whoever reads only what is kept was given a copy past its time."""
    if (looked := _looking.get()) is not None:
        looked.old = True
