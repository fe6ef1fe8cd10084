"""simple-salesforce blocks, so it runs in threads: a bounded number, each with a session of its own."""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.salesforce.session import SfSession
from portal_app.integrations.salesforce.usage import SYSTEM

T = TypeVar("T")


class Threads:
    """As many as both throttles let call at once, and a few for calls that were given up but have not ended yet."""

    def __init__(self, size: int, open_session: Callable[[], SfSession], pool: Executor | None = None) -> None:
        self._open_session = open_session
        self._pool = pool or ThreadPoolExecutor(size, thread_name_prefix="salesforce")
        self._own = threading.local()
        self._sessions: list[SfSession] = []
        self._closed, self._latest = False, math.inf

    async def run(self, work: Callable[[SfSession], T]) -> T:
        """What `work` returns or raises, from a thread that knows our context. A cancelled wait does not end it.

        Raises: UpstreamUnavailable("closed") after `close`; nothing was sent then.
        """
        context = copy_context()

        def begin() -> T:
            self._check_open()  # it may have waited for a free thread since
            session = self._session()
            session.latest = self._latest
            return context.run(work, session)

        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._pool, begin)

    def end_within(self, seconds: float) -> None:
        """The process ends (G1): no call that begins from now on goes on for longer. A thread cannot be cut off."""
        self._latest = min(self._latest, time.monotonic() + seconds)

    async def close(self) -> None:
        """Start nothing more, wait for what is under way (its own time limits end it), close the connections."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown, wait=True)
        for session in self._sessions:
            session.close()
        self._sessions.clear()

    def _check_open(self) -> None:
        if self._closed:
            raise UpstreamUnavailable(SYSTEM, "", "closed")

    def _session(self) -> SfSession:
        session: SfSession | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = self._open_session()
            self._sessions.append(session)
        return session
