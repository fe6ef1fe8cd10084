"""An event loop whose time jumps to the next timer when there is nothing else to do: waits cost nothing."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For tests without sockets or threads: those would be waited for by nobody."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual_now = 1000.0

    def time(self) -> float:
        return self._virtual_now

    def _run_once(self) -> None:
        alive = [timer._when for timer in self._scheduled if not timer._cancelled]  # type: ignore[attr-defined]
        if not self._ready and alive:  # type: ignore[attr-defined]
            self._virtual_now = max(self._virtual_now, min(alive))
        super()._run_once()  # type: ignore[misc]


def in_virtual_time(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test on such a loop. Its fixtures must be plain functions."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            runner.run(test(*args, **kwargs))  # type: ignore[arg-type]

    return run


def now() -> float:
    """Virtual seconds."""
    return asyncio.get_running_loop().time()
