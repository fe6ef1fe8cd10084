"""Debian's Firefox, driven over one WebSocket: it speaks WebDriver BiDi itself, so no driver is ever downloaded.

Source: W3C WebDriver BiDi; Firefox's remote agent, `--remote-debugging-port`.
"""

import asyncio
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from tools.processes import Process, start, wait_for_line

NAMES: Final = ("firefox-esr", "firefox")
LISTENING: Final = "WebDriver BiDi listening on "
EVENTS: Final = ("log.entryAdded", "network.responseCompleted", "network.fetchError")
ANSWERS_WITHIN_S: Final = 30.0
LEFT: Final = "NS_BINDING_ABORTED"
"""What was still under way when its page was left."""
NOWHERE: Final = "data:,nowhere"
PREFERENCES: Final[dict[str, bool | int | str]] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "services.settings.server": NOWHERE,
    "startup.homepage_welcome_url": "",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": NOWHERE,
    "toolkit.telemetry.unified": False,
}
"""No first run, no updates, nothing measured, nobody asked but the portal."""


class FirefoxError(Exception):
    """Firefox refused a command, or what was waited for did not come."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something the browser complained about or was told to log. `level` is error, warn, info or debug."""

    level: str
    text: str


def firefox() -> str:
    """FIREFOX, or the first one on PATH. Raises SystemExit when there is none."""
    found = (shutil.which(name) for name in (os.environ.get("FIREFOX") or "", *NAMES) if name)
    if path := next(filter(None, found), None):
        return path
    raise SystemExit("Firefox is missing. Run: apt-get install -y firefox-esr")


def entry_of(method: str, told: dict[str, Any]) -> Entry | None:
    """What an event says; None for what is in order.

    Firefox's console keeps silent about failed requests: they are errors here, as they are in Chromium's console.
    """
    if method == "log.entryAdded":
        return Entry(told["level"], told.get("text") or "")
    url = told.get("request", {}).get("url", "")
    if method == "network.fetchError" and told["errorText"] != LEFT:
        return Entry("error", f"{told['errorText']}: {url}")
    if method == "network.responseCompleted" and told["response"]["status"] >= 400:
        return Entry("error", f"{told['response']['status']}: {url}")
    return None


def preferences() -> str:
    """The text of `user.js`."""
    return "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())


class Firefox:
    """One tab. `entries` holds all it was told to log and every request that failed, oldest first."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tab = ""
        self.entries: list[Entry] = []

    async def begin(self) -> None:
        """A session, and the tab that is open."""
        await self.command("session.new", capabilities={})
        await self.command("session.subscribe", events=list(EVENTS))
        tree = await self.command("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command by its name in the specification. Raises FirefoxError."""
        self._asked += 1
        answer = self._waiting[self._asked] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._asked, "method": method, "params": parameters})
        try:
            return await asyncio.wait_for(answer, ANSWERS_WITHIN_S)
        except TimeoutError as late:
            raise FirefoxError(f"{method}: no answer within {ANSWERS_WITHIN_S:g} s") from late

    async def listen(self) -> None:
        """Take what Firefox says until it hangs up."""
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._take(json.loads(message.data))
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(FirefoxError("Firefox hung up"))

    def _take(self, said: dict[str, Any]) -> None:
        if said["type"] == "event":
            if entry := entry_of(said["method"], said["params"]):
                self.entries.append(entry)
        elif (answer := self._waiting.pop(said.get("id") or 0, None)) and not answer.done():
            if said["type"] == "success":
                answer.set_result(said["result"])
            else:
                answer.set_exception(FirefoxError(f"{said['error']}: {said['message']}"))

    async def open(self, url: str) -> None:
        """Go there; returns after the page's load event."""
        await self.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, awaited, as JSON. Raises FirefoxError for an exception."""
        asked = f"(async () => JSON.stringify(await ({expression})) ?? 'null')()"
        target = {"context": self._tab}
        answer = await self.command("script.evaluate", expression=asked, target=target, awaitPromise=True)
        if answer["type"] != "success":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str, timeout_s: float = 20) -> Any:
        """The first truthy value of an expression; the page may be left meanwhile. Raises FirefoxError."""
        end = asyncio.get_running_loop().time() + timeout_s
        while asyncio.get_running_loop().time() < end:
            with suppress(FirefoxError):
                if found := await self.evaluate(expression):
                    return found
            await asyncio.sleep(0.05)
        raise FirefoxError(f"not seen within {timeout_s:g} s: {expression}")

    @asynccontextmanager
    async def before_each_page(self, function: str) -> AsyncIterator[None]:
        """Inside, this JavaScript function runs in every new page before the page's own scripts."""
        added = await self.command("script.addPreloadScript", functionDeclaration=function, contexts=[self._tab])
        yield
        await self.command("script.removePreloadScript", script=added["script"])

    async def set_cookie(self, url: str, name: str, value: str) -> None:
        """A cookie of this site that scripts may read."""
        cookie = {"name": name, "value": {"type": "string", "value": value}, "domain": urlsplit(url).hostname}
        await self.command("storage.setCookie", cookie=cookie | {"path": "/"})


@asynccontextmanager
async def running_firefox() -> AsyncIterator[Firefox]:
    """Headless, with a profile of its own; ended and forgotten afterwards.

    Raises SystemExit when there is none, ProcessError when it does not start.
    """
    path = firefox()
    with tempfile.TemporaryDirectory(prefix="portal-firefox-", ignore_cleanup_errors=True) as made:
        process = _started(path, Path(made))
        try:
            await asyncio.to_thread(wait_for_line, process, LISTENING, timeout_s=60)
            async with _connected(_address(process)) as browser:
                yield browser
        finally:
            process.stop()


def _started(path: str, home: Path) -> Process:
    profile = home / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(preferences(), encoding="utf-8")
    # Port 0: Firefox takes a free one and says which.
    command = [path, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
    env = os.environ | {"HOME": str(home), "MOZ_CRASHREPORTER_DISABLE": "1", "MOZ_DATA_REPORTING": "0"}
    return start("firefox", command, log=home / "firefox.log", env=env)


def _address(process: Process) -> str:
    told = process.log.read_text(encoding="utf-8", errors="replace")
    found = re.search(re.escape(LISTENING) + r"(ws://\S+)", told)
    assert found, "it was waited for"
    return f"{found[1]}/session"


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator[Firefox]:
    async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
        browser = Firefox(socket)
        listening = asyncio.create_task(browser.listen())
        try:
            await browser.begin()
            yield browser
        finally:
            listening.cancel()
