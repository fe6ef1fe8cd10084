"""A signed-in reseller before the operator's stand-in, on a clock that moves only when told."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.app import Running
from sandbox.clock import Clock
from sandbox.config import Config
from tests.sandbox.freebit.visitors import Freebit, StillClock


@pytest.fixture
def clock() -> Clock:
    return StillClock()


@pytest.fixture
def config() -> Config:
    return Config(port=0, smtp_port=0, data=None, seed_size=5)


@pytest.fixture
async def freebit(session: aiohttp.ClientSession, sandbox: Running) -> Freebit:
    """Its key lives as long as the test."""
    sandbox.world.freebit.behaviour.key_s = 10**9
    made = Freebit(session, sandbox)
    await made.sign_in()
    return made
