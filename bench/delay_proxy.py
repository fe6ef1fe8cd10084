"""A slow line in front of a server: TCP through it takes as long as over the same line in a house.

python -m bench.delay_proxy [--round-trip-ms 40] [--down-mbit 10] [--up-mbit 3] 127.0.0.2:3000=127.0.0.1:3000 ...

Each pair is where to listen and whom to pass to; all connections share the one line. The browser's own throttling
leaves sockets alone, this does not. A connection costs one round trip before its first byte, bytes keep their order,
half-closing, resets and back-pressure pass through. Not played: lost packets, TCP's slow start, headers of packets.
"""

import argparse
import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

Address = tuple[str, int]

PACKET = 1448
"""So many bytes of one connection go before another's turn."""
AHEAD_S = 0.01
"""How far a connection may run ahead of the line: timers of the loop wake up late."""
UNDER_WAY = 512
"""Most packets of one connection on their way to a receiver that does not take them."""
RESET_AT_ONCE = struct.pack("ii", 1, 0)

Cargo = bytes | OSError
"""What travels: bytes (none at all says that no more come), or that the sender is gone."""


class Direction:
    """One way of a line: so much a second for all together, then the way itself. Times are seconds of one clock."""

    def __init__(self, mbit_s: float, delay_s: float) -> None:
        self._byte_s = 8e-6 / mbit_s
        self._delay_s = delay_s
        self._free_at = 0.0

    def take(self, size: int, now: float) -> float:
        """When the last of these bytes is there."""
        self._free_at = max(self._free_at, now) + size * self._byte_s
        return self._free_at + self._delay_s

    def busy_s(self, now: float) -> float:
        """How long what was taken keeps it busy."""
        return max(0.0, self._free_at - now)


class Line:
    """Both ways, as the customer of the line sees them."""

    def __init__(self, *, round_trip_ms: float, down_mbit_s: float, up_mbit_s: float) -> None:
        self.round_trip_s = round_trip_ms / 1000
        self.down = Direction(down_mbit_s, self.round_trip_s / 2)
        self.up = Direction(up_mbit_s, self.round_trip_s / 2)


class DelayProxy:
    """Connections to one server over the line."""

    def __init__(self, line: Line, to: Address) -> None:
        self._line = line
        self._to = to

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a customer, to its end."""
        near = reader, writer
        try:
            await asyncio.sleep(self._line.round_trip_s)
            far = await asyncio.open_connection(*self._to)
        except OSError:
            _reset(writer)
            return
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(_carry(near[0], far[1], self._line.up))
                ways.create_task(_carry(far[0], near[1], self._line.down))
        except* OSError:
            _reset(near[1])
            _reset(far[1])
        finally:
            near[1].close()
            far[1].close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Direction) -> None:
    """All of one direction, until its sender says that no more comes. Raises OSError when an end is gone."""
    under_way: asyncio.Queue[tuple[float, Cargo]] = asyncio.Queue(UNDER_WAY)
    async with asyncio.TaskGroup() as ends:
        ends.create_task(_take(reader, under_way, way))
        ends.create_task(_hand_over(under_way, writer))


async def _take(reader: asyncio.StreamReader, under_way: asyncio.Queue[tuple[float, Cargo]], way: Direction) -> None:
    now = asyncio.get_running_loop().time
    cargo: Cargo = b"first"
    while cargo and not isinstance(cargo, OSError):
        try:
            cargo = await reader.read(PACKET)
        except OSError as gone:  # it must not overtake what came before
            cargo = gone
        size = len(cargo) if isinstance(cargo, bytes) else 0
        await under_way.put((way.take(size, now()), cargo))
        await asyncio.sleep(max(0.0, way.busy_s(now()) - AHEAD_S))


async def _hand_over(under_way: asyncio.Queue[tuple[float, Cargo]], writer: asyncio.StreamWriter) -> None:
    while True:
        there_at, cargo = await under_way.get()
        if (left := there_at - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)
        if isinstance(cargo, OSError):
            raise cargo
        if not cargo:
            writer.write_eof()
            return
        writer.write(cargo)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End it as one whose other end is gone, not as one that was finished."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    writer.transport.abort()


@asynccontextmanager
async def delayed(line: Line, to: Address, at: Address = ("127.0.0.1", 0)) -> AsyncIterator[Address]:
    """Listens until the end of the block; where (port 0 takes a free one). Connections end with it."""
    open_ones: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        task.add_done_callback(open_ones.discard)
        with contextlib.suppress(asyncio.CancelledError):  # the server would report it as an error
            await DelayProxy(line, to).connected(reader, writer)

    server = await asyncio.start_server(connected, *at)
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        server.close()
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)


async def main(line: Line, pairs: list[str]) -> None:
    """Until it is ended."""
    async with AsyncExitStack() as listening:
        for pair in pairs:
            at, _, to = pair.partition("=")
            await listening.enter_async_context(delayed(line, _address(to), _address(at)))
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A slow line in front of servers.")
    parser.add_argument("--round-trip-ms", type=float, default=40)
    parser.add_argument("--down-mbit", type=float, default=10)
    parser.add_argument("--up-mbit", type=float, default=3)
    parser.add_argument("pairs", nargs="+", metavar="LISTEN=TO")
    chosen = parser.parse_args()
    road = Line(round_trip_ms=chosen.round_trip_ms, down_mbit_s=chosen.down_mbit, up_mbit_s=chosen.up_mbit)
    asyncio.run(main(road, chosen.pairs))
