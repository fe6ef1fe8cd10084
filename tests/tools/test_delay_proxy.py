"""The slow line that `bench.first_data` puts in front of the servers: nothing is lost on it, and nothing is too fast.

Of times only the least is asked for: a busy machine makes everything slower.
"""

import asyncio
import contextlib
import random
import socket
import struct
import time
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from bench.delay_proxy import Direction, Line, delayed

TIMER_S = 0.002  # a timer of the loop may be so much early or late
WITHIN_S = 20


def a_line(round_trip_ms: float = 4, down_mbit_s: float = 800, up_mbit_s: float = 800) -> Line:
    return Line(round_trip_ms=round_trip_ms, down_mbit_s=down_mbit_s, up_mbit_s=up_mbit_s)


@asynccontextmanager
async def serving(answer):
    """A server that treats each connection with `answer(reader, writer)`; its address."""
    treated = []

    async def treat(reader, writer):
        treated.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(treat, "127.0.0.1", 0)
    async with asyncio.timeout(WITHIN_S):
        yield server.sockets[0].getsockname()[:2]
        server.close()
        await asyncio.gather(*treated)


@asynccontextmanager
async def through(line, answer):
    """Opens connections over the line to such a server."""
    opened = []
    async with serving(answer) as address, delayed(line, address) as near:

        async def connect():
            opened.append(await asyncio.open_connection(*near))
            return opened[-1]

        yield connect
        for _, writer in opened:
            writer.close()


async def echo(reader, writer):
    while data := await reader.read(3000):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def asked(reader, writer, text: bytes) -> bytes:
    writer.write(text)
    return await reader.readexactly(len(text))


async def test_every_byte_comes_back_once_and_in_order():
    sent = random.Random(7).randbytes(700_000)

    async def send(writer):
        places = [0, *sorted(random.Random(8).sample(range(len(sent)), 60)), len(sent)]
        for begin, end in pairwise(places):
            writer.write(sent[begin:end])
            await writer.drain()
        writer.write_eof()

    async with through(a_line(), echo) as connect:
        reader, writer = await connect()
        _, got = await asyncio.gather(send(writer), reader.read(-1))
    assert got == sent


async def test_connections_at_once_keep_apart():
    async with through(a_line(), echo) as connect:
        many = [await connect() for _ in range(8)]
        texts = [bytes([65 + number]) * 20_000 for number in range(8)]
        got = await asyncio.gather(*(asked(*one, text) for one, text in zip(many, texts, strict=True)))
    assert got == texts


async def test_who_says_no_more_still_hears_the_answer():
    async def count(reader, writer):
        writer.write(b"%d bytes" % len(await reader.read(-1)))

    async with through(a_line(), count) as connect:
        reader, writer = await connect()
        writer.write(b"x" * 5000)
        writer.write_eof()
        assert await reader.read(-1) == b"5000 bytes"


async def test_a_server_that_says_no_more_still_hears_the_customer():
    heard = asyncio.get_running_loop().create_future()

    async def listen(reader, writer):
        writer.write_eof()
        heard.set_result(await reader.read(-1))

    async with through(a_line(), listen) as connect:
        reader, writer = await connect()
        assert await reader.read(-1) == b""
        writer.write(b"afterwards")
        writer.write_eof()
        assert await heard == b"afterwards"


async def test_a_sender_waits_for_a_receiver_that_does_not_read_and_then_nothing_is_missing():
    sent, may_read = b"x" * 24_000_000, asyncio.Event()
    counted = asyncio.get_running_loop().create_future()

    async def late(reader, writer):
        await may_read.wait()
        size = 0
        while data := await reader.read(1_000_000):
            size += len(data)
        counted.set_result(size)

    async with through(a_line(round_trip_ms=1, up_mbit_s=100_000), late) as connect:
        _, writer = await connect()
        writer.write(sent)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 0.5)
        may_read.set()
        writer.write_eof()
        assert await counted == len(sent)


async def test_the_first_answer_takes_two_round_trips_and_the_next_one_more():
    async with through(a_line(round_trip_ms=100), echo) as connect:
        began = time.monotonic()
        here = await connect()
        assert await asked(*here, b"first") == b"first"
        first = time.monotonic()
        assert await asked(*here, b"second") == b"second"
        second = time.monotonic()
    assert first - began >= 0.2 - TIMER_S
    assert second - first >= 0.1 - TIMER_S


@pytest.mark.parametrize("slow", ["down_mbit_s", "up_mbit_s"])
async def test_two_connections_share_the_line(slow):
    async with through(a_line(**{slow: 4}), echo) as connect:
        here, there = await connect(), await connect()
        began = time.monotonic()
        await asyncio.gather(asked(*here, b"x" * 50_000), asked(*there, b"x" * 50_000))
        took = time.monotonic() - began
    assert took >= 0.2 - TIMER_S  # 100 kB at 500 kB/s


def test_a_direction_is_busy_with_one_after_the_other_and_free_again_later():
    way = Direction(mbit_s=8, delay_s=0.02)  # a byte takes a microsecond
    assert way.take(1000, now=5.0) == pytest.approx(5.021)
    assert way.take(1000, now=5.0) == pytest.approx(5.022)
    assert way.busy_s(now=5.0005) == pytest.approx(0.0015)
    assert way.busy_s(now=6.0) == 0
    assert way.take(1000, now=6.0) == pytest.approx(6.021)


def test_what_goes_up_takes_nothing_of_what_comes_down():
    line = a_line(round_trip_ms=40, down_mbit_s=8, up_mbit_s=0.8)
    line.up.take(1_000_000, now=0.0)
    assert line.down.take(1000, now=0.0) == pytest.approx(0.021)


async def test_a_server_that_is_not_there_is_heard_of_as_a_reset():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        async with delayed(a_line(), nobody.getsockname()) as address, asyncio.timeout(WITHIN_S):
            reader, writer = await asyncio.open_connection(*address)
            with pytest.raises(ConnectionResetError):
                await reader.read(1)
            writer.close()


async def test_a_reset_comes_after_what_was_said_before_it():
    async def say_and_vanish(reader, writer):
        writer.write(b"last words")
        await reader.readexactly(2)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with through(a_line(round_trip_ms=50), say_and_vanish) as connect:
        reader, writer = await connect()
        writer.write(b"go")
        assert await reader.readexactly(10) == b"last words"
        with pytest.raises(ConnectionResetError):
            await reader.read(1)


async def test_a_customer_who_is_gone_is_gone_for_the_server_too():
    lost = asyncio.get_running_loop().create_future()

    async def wait(reader, writer):
        try:
            lost.set_result(await reader.read(-1))
        except ConnectionError as gone:
            lost.set_result(gone)

    async with through(a_line(), wait) as connect:
        _, writer = await connect()
        writer.write(b"half a sent")
        await writer.drain()
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        assert isinstance(await lost, ConnectionError)


async def test_connections_end_with_the_line():
    async with serving(echo) as address:
        async with delayed(a_line(), address) as near:
            reader, writer = await asyncio.open_connection(*near)
            assert await asked(reader, writer, b"here") == b"here"
        assert await reader.read(-1) == b""
        writer.close()
