"""Hearing of the end before the server says so."""

import asyncio
import os
import signal

import pytest

from portal_app.web.ending import when_told


@pytest.fixture
async def server():
    """The signal handler of whoever serves the app, as granian sets its own; what it heard."""
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    before = signal.getsignal(signal.SIGTERM)
    loop.add_signal_handler(signal.SIGTERM, heard.set)
    yield heard
    loop.remove_signal_handler(signal.SIGTERM)
    signal.signal(signal.SIGTERM, before)


async def test_g1_the_app_hears_of_the_end_at_once_and_the_server_still_does(server):
    told = asyncio.Event()
    with when_told(told.set):
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(5):
            await told.wait()
            await server.wait()


async def test_g1_told_twice_it_acts_once(server):
    acts = []
    with when_told(lambda: acts.append(1)):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
            await server.wait()
            server.clear()
            await asyncio.sleep(0)
    assert acts == [1]


async def test_g1_afterwards_only_the_server_hears(server):
    acts = []
    with when_told(lambda: acts.append(1)):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        await server.wait()
    assert acts == []
