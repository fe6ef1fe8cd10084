"""The moment this process is told to stop (G1).

A server tells the app that it ends only after the last request in flight was answered. What must not begin any more
has to know before that.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def when_told(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` once, on the running loop, at SIGTERM or SIGINT. Whoever handled the signal before still does.

    Elsewhere than on the main thread, which alone hears signals, it is never called.
    """
    loop, before = asyncio.get_running_loop(), dict[signal.Signals, Any]()
    waiting = [act]

    def once() -> None:
        if waiting:
            waiting.pop()()

    def heard(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(once)
        before[signal.Signals(number)](number, frame)

    if threading.current_thread() is threading.main_thread():
        # The loop's own handlers hear of a signal by another way, which stays as it is.
        before = {sign: handler for sign in SIGNALS if callable(handler := signal.getsignal(sign))}
        for sign in before:
            signal.signal(sign, heard)
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
