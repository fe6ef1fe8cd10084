"""One file on its way out: the next piece is fetched only when the last one was taken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

from portal_app.errors import Busy, UpstreamReplyChanged
from portal_app.integrations.salesforce.usage import SYSTEM

PATIENCE_S, SLOWEST = 30.0, 32_000
"""Who takes fewer bytes a second, and this much longer, is left without the rest: others wait for the place."""


class _End:
    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure


class Download:
    """`async for` its pieces, then `aclose`, in any case. Raises as `FileTransfer.download` says."""

    def __init__(self, size: int) -> None:
        """`size` in bytes, exactly."""
        self._left = self.size = size
        self._ready: asyncio.Queue[bytes | _End] = asyncio.Queue(1)
        self._first: bytes | _End | None = None
        self._task: asyncio.Task[None] | None = None
        self._gives_up_at = asyncio.get_running_loop().time() + PATIENCE_S + size / SLOWEST

    async def begin(self, fetching: Awaitable[None]) -> None:
        """Have `fetching` put pieces here; wait for the first. Raises what it raises before that."""
        self._task = asyncio.create_task(self._run(fetching))
        try:
            self._first = await self._ready.get()
        except BaseException:
            await self.aclose()
            raise
        if isinstance(self._first, _End) and self._first.failure is not None:
            raise self._first.failure

    async def put(self, piece: bytes) -> None:
        """The next piece, once there is room for it. Raises: UpstreamReplyChanged past the size, Busy."""
        self._left -= len(piece)
        if self._left < 0:
            raise UpstreamReplyChanged(SYSTEM, "DownloadFile", "size")
        try:
            async with asyncio.timeout_at(self._gives_up_at):
                await self._ready.put(piece)
        except TimeoutError:
            raise Busy("download") from None

    def whole(self) -> bool:
        """Whether all of it was put here."""
        return self._left == 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """The next piece."""
        found, self._first = self._first, None
        if found is None:
            found = await self._ready.get()
        if not isinstance(found, _End):
            return found
        self._first = found
        if found.failure is not None:
            raise found.failure
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Let go of whatever is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, fetching: Awaitable[None]) -> None:
        end = _End()
        try:
            await fetching
        except Exception as failure:
            end = _End(failure)
        await self._ready.put(end)
