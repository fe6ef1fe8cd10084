"""A browser without a screen: speaks Socket.IO 5 to a Reflex app with any token, cookie, origin and event."""

import asyncio
import json
import uuid
from typing import Any

import aiohttp

NAMESPACE = "/_event"
ROOT = "reflex___state____state"


class Refused(Exception):
    """The server did not let the socket open."""


class Tab:
    """One socket. `deltas` collects what the server sent, in order; `events` the frontend events among them."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, token: str = "", cookie: str = "", origin: str | None = ""
    ) -> None:
        self._session, self._url = session, url.rstrip("/")
        self.token = token or str(uuid.uuid4())
        self._headers = {"Cookie": cookie} if cookie else {}
        if origin is not None:
            self._headers["Origin"] = origin or self._url
        self.deltas: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.new_token = ""

    async def open(self, path: str = "/", *, boot: bool = True) -> "Tab":
        """Connect and, with `boot`, hydrate as the real client does. Raises Refused."""
        address = f"{self._url.replace('http', 'ws', 1)}/_event/?token={self.token}&EIO=4&transport=websocket"
        try:
            self._ws = await self._session.ws_connect(address, headers=self._headers, max_msg_size=0)
        except aiohttp.WSServerHandshakeError as refused:
            raise Refused(refused.status) from refused
        await self._ws.receive_str(timeout=5)
        auth = {"event": event(f"{ROOT}.hydrate_and_load", {"vars": {}, "hashes": []}, path)} if boot else {}
        await self._ws.send_str(f"40{NAMESPACE}," + json.dumps(auth))
        return self

    async def send(self, name: str, payload: dict[str, Any] | None = None, path: str = "/") -> None:
        """Send one event by its full handler name."""
        await self._ws.send_str(f"42{NAMESPACE}," + json.dumps(["event", event(name, payload or {}, path)]))

    async def settle(self, quiet_s: float = 0.4, limit_s: float = 6.0) -> "Tab":
        """Read until nothing arrived for `quiet_s`; ends at `limit_s` at the latest."""
        deadline = asyncio.get_running_loop().time() + limit_s
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            try:
                message = await self._ws.receive(timeout=min(quiet_s, left))
            except TimeoutError:
                break
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            await self._take(message.data)
        return self

    async def wait_for(self, needle: str, limit_s: float = 6.0) -> bool:
        """Whether the text of everything received comes to hold `needle` within the limit."""
        deadline = asyncio.get_running_loop().time() + limit_s
        while needle not in self.text and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await self.settle(quiet_s=min(0.2, left), limit_s=left)
            if self._ws.closed:
                break
        return needle in self.text

    async def close(self) -> None:
        """Hang up."""
        await self._ws.close()

    @property
    def text(self) -> str:
        """Everything received, as text to search in."""
        return json.dumps([self.deltas, self.events], ensure_ascii=False)

    async def _take(self, data: str) -> None:
        if data == "2":
            await self._ws.send_str("3")
        elif data.startswith(f"42{NAMESPACE},"):
            name, body, *_ = [*json.loads(data.split(",", 1)[1]), None]
            if name == "new_token":
                self.new_token = body
            elif isinstance(body, dict):
                self.deltas.append(body.get("delta") or {})
                self.events += body.get("events") or []


def event(name: str, payload: dict[str, Any], path: str) -> dict[str, Any]:
    """An event as the browser sends it."""
    return {"name": name, "payload": payload, "router_data": {"pathname": path, "query": {}, "asPath": path}}
