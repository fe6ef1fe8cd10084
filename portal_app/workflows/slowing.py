"""Many tries from one address wait, but are never refused for it: households share one (L5a)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from portal_app.errors import TooManyTries
from portal_app.security.limits import Limits
from portal_app.security.lockout import network

PAUSE_S: Final = 2.0

Pause = Callable[[float], Awaitable[None]]


class Slowing:
    """Sign-in, linking and recovery share one count; codes of a second factor have a smaller one (P8)."""

    def __init__(self, limits: Limits, pause: Pause = asyncio.sleep, *, rule: str = "sign_in") -> None:
        self._limits, self._pause, self._rule = limits, pause, rule

    async def of(self, ip: str) -> None:
        """Count a try; wait a little when there were too many from there."""
        try:
            await self._limits.hit(self._rule, network(ip))
        except TooManyTries:
            await self._pause(PAUSE_S)
