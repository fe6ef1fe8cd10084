"""A signed-in client of the stand-in's Salesforce half."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.app import Running
from tests.sandbox.salesforce.visitors import Salesforce


@pytest.fixture
async def salesforce(session: aiohttp.ClientSession, sandbox: Running) -> Salesforce:
    made = Salesforce(session, sandbox)
    await made.sign_in()
    return made
