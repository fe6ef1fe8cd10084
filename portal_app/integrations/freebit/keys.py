"""Our authKey: asked for once by all who need it, kept for a while. How long one lives is not public."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from portal_app.errors import UpstreamError
from portal_app.integrations.freebit.refusals import SYSTEM
from portal_app.integrations.freebit.replies import changed, understand
from portal_app.integrations.freebit.transport import Transport
from portal_app.integrations.freebit.wire import Unreadable, WireLogin, read
from portal_app.integrations.upstream import TryAgain
from portal_app.integrations.upstream.deadline import loop_time
from portal_app.storage.flights import Flights

LOGIN: Final = "authOem"
KEPT_S: Final = 20 * 60.0
LOGIN_S: Final = 15.0
log = logging.getLogger(__name__)


class AuthKeys:
    """One reseller. `forget` a key that was refused; the next `get` logs in again."""

    def __init__(self, transport: Transport, client_id: str, client_secret: str, kept_s: float = KEPT_S) -> None:
        self._transport, self._kept_s = transport, kept_s
        self._credential: Mapping[str, Any] = {"oemId": client_id, "oemKey": client_secret}
        self._key, self._use_until = "", 0.0
        self._flights: Flights[str] = Flights()

    async def get(self, seconds: float) -> str:
        """Raises: UpstreamUnavailable and its kinds (nothing was sent but the login), UpstreamReplyChanged."""
        if self._key and loop_time() < self._use_until:
            return self._key
        try:
            return await self._flights.wait("login", self._login, timeout_s=seconds)
        except TimeoutError:
            raise TryAgain(SYSTEM, LOGIN, "login_timeout") from None

    def forget(self, key: str) -> None:
        """This very key was refused. One that has taken its place meanwhile is kept."""
        if self._key == key:
            self._key = ""

    async def stop(self) -> None:
        """Cancel a login under way."""
        await self._flights.stop()

    async def _login(self) -> str:
        use_until = loop_time() + self._kept_s
        try:
            reply = understand(await self._transport.post(LOGIN, self._credential, LOGIN_S, write=False))
            key = read(WireLogin, reply).auth_key
        except Unreadable as bad:
            raise changed(LOGIN, bad.where, write=False) from None
        except UpstreamError as failed:
            log.warning("login failed", extra={"system": SYSTEM, "operation": LOGIN, "code": failed.code})
            raise
        self._key, self._use_until = key, use_until
        return key
