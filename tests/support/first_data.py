"""A page as its HTML shows it, and the same page once its socket is there."""

import asyncio
import json
import re
from dataclasses import dataclass, field

from playwright.async_api import Page, WebSocket, WebSocketRoute, expect

from tests.support.browser import Person

TRIES = 5
"""What was cleared in the moment before is not kept: the answer after the next one has it."""
SKELETON = "main .animate-pulse"
LIVE = re.compile(r'"is_hydrated_rx_state_": ?true')
KNOWN = ("Disconnect websocket on pagehide", "Disconnect websocket on page navigation")
"""What Reflex says by itself."""
REMEMBER = """
addEventListener("DOMContentLoaded", () => {
  const main = document.querySelector("main");
  const row = document.querySelector(%s), pending = document.querySelector("main .animate-pulse") !== null;
  globalThis.fromHtml = { row, pending, text: main?.textContent };
});
"""
TEXTS = """(own) => {
  const main = document.querySelector("main").cloneNode(true);
  if (own) main.querySelectorAll(own).forEach((one) => one.replaceChildren());
  return [fromHtml.text, main.textContent];
}"""
SAME_ROW = "(row) => fromHtml.row !== null && fromHtml.row === document.querySelector(row)"
DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


@dataclass
class Opened:
    """A page in a tab of its own, and `row`, a selector of what is listed there. `said`: everything in its console."""

    page: Page
    row: str
    said: list[str] = field(default_factory=list)
    live: asyncio.Event = field(default_factory=asyncio.Event)

    async def nothing_changed(self, own: str = "") -> None:
        """Once the socket has brought what the page loads: the same texts, the very same row, and no complaint.

        `own`: a selector of what scripts write there by themselves.
        """
        async with asyncio.timeout(10):
            await self.live.wait()
        await self.page.evaluate(DRAWN)
        before, after = await self.page.evaluate(TEXTS, own)
        assert before == after
        assert await self.page.evaluate(SAME_ROW, self.row), "another element than the HTML's"
        assert self.said == []

    async def go(self, url: str) -> bool:
        """Another address in the same tab; whether its answer came with all its data."""
        self.live.clear()
        await self.page.goto(url)
        return bool(await self.page.evaluate("fromHtml.row !== null && !fromHtml.pending"))

    def _hear(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.live.set() if LIVE.search(str(frame)) else None)


async def open_page(visitor: Person, path: str, row: str) -> Opened:
    """A path in a new tab, as soon as its HTML and scripts have arrived."""
    opened = Opened(await visitor.context.new_page(), row)
    await opened.page.add_init_script(REMEMBER % json.dumps(row))
    opened.page.on("console", lambda said: opened.said.append(said.text) if said.text not in KNOWN else None)
    opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.page.on("websocket", opened._hear)
    await opened.page.goto(visitor.url + path)
    return opened


async def open_with(visitor: Person, path: str, row: str, *, whole: bool = False) -> Opened:
    """As `open_page`, with an answer that has the row. Raises AssertionError when none of many does."""
    for _ in range(TRIES):
        opened = await open_page(visitor, path, row)
        if await opened.page.evaluate(f"fromHtml.row !== null && !({str(whole).lower()} && fromHtml.pending)"):
            return opened
        await opened.page.close()
    raise AssertionError(f"{path} comes without its data")


async def open_whole(visitor: Person, path: str, row: str) -> Opened:
    """As `open_with`, and nothing of the page is still to come."""
    return await open_with(visitor, path, row, whole=True)


async def whole_answer(reader: Person, path: str, row: str) -> Page:
    """A page without scripts, in the reader's first tab, with all its data."""
    for _ in range(TRIES):
        page = await reader.go(path)
        if await page.locator(row).count() and not await page.locator(SKELETON).count():
            return page
    raise AssertionError(f"{path} comes without its data")


async def shown(visitor: Person, path: str, row: str) -> Page:
    """The page in the visitor's first tab with its data, wherever they come from: now they are kept."""
    page = await visitor.go(path)
    await expect(page.locator(row).first).to_be_visible()
    await expect(page.locator(SKELETON)).to_have_count(0)
    return page


async def hold_sockets(visitor: Person) -> asyncio.Event:
    """No socket of the visitor's gets through until the event is set."""
    released = asyncio.Event()

    async def hold(socket: WebSocketRoute) -> None:
        await released.wait()
        socket.connect_to_server()

    await visitor.context.route_web_socket(re.compile("/_event"), hold)
    return released


@dataclass
class Line:
    """What a visitor's pages ask for, and the answers, which wait until `release`."""

    sent: list[str] = field(default_factory=list)
    _waiting: list[tuple[WebSocketRoute, str | bytes]] = field(default_factory=list)
    _open: bool = False

    def has_asked(self, needle: str) -> bool:
        """Whether anything that was asked for speaks of it."""
        return any(needle in one for one in self.sent)

    async def asked(self, needle: str) -> None:
        """Wait until it is asked for."""
        async with asyncio.timeout(10):
            while not self.has_asked(needle):
                await asyncio.sleep(0.02)

    def release(self) -> None:
        """The answers come, in their order."""
        self._open = True
        for page, message in self._waiting:
            page.send(message)

    def hear(self, page: WebSocketRoute) -> None:
        """Stand between a page and its server."""
        server = page.connect_to_server()

        def asked(message: str | bytes) -> None:
            self.sent.append(str(message))
            server.send(message)

        def answered(message: str | bytes) -> None:
            # What opens the line passes; "42" begins what the page has to show.
            if self._open or not str(message).startswith("42"):
                page.send(message)
            else:
                self._waiting.append((page, message))

        page.on_message(asked)
        server.on_message(answered)


async def hold_answers(visitor: Person) -> Line:
    """The visitor's pages ask as ever and hear nothing until the line is released."""
    line = Line()
    await visitor.context.route_web_socket(re.compile("/_event"), line.hear)
    return line
