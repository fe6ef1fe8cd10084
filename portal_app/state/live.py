"""Turns hints on the bus into re-run load handlers on the tabs that show the topic."""

import asyncio
import contextvars
import logging
from itertools import islice

import reflex as rx
from reflex.event import Event

from portal_app import wiring
from portal_app.state.session import SessionState

log = logging.getLogger(__name__)

RECONNECTED = "bus:reconnected"
"""The topic by which a bus that was cut off says that hints may have been missed."""

SWEEP_S = 60
COALESCE_S = 0.02
"""Several hints within this time become one reload: paying fires two hooks at once."""
EVERYBODY_AT_ONCE = 50
EVERYBODY_S = 5.0
"""So many tabs in so many seconds when a hint is for everybody, as many as Salesforce lets read; the others one after
another. Staff who change ten thousand prices give thousands of such hints: a tab reads again as often as that."""


class LivePush:
    """Listens on the bus for this web process. A message is a hint to re-read, never data."""

    def __init__(self, app: rx.App) -> None:
        self._app = app
        self._waiting: set[tuple[str, str]] = set()
        self._flush: asyncio.Task[None] | None = None
        self._unsubscribe: list = []
        self._sweeping: asyncio.Task[None] | None = None
        self._crowd: dict[tuple[str, str], str] = {}  # who is still to be told of a hint for everybody, and its topic
        self._spreading: asyncio.Task[None] | None = None
        self._own = contextvars.copy_context()

    def start(self) -> None:
        """Subscribe; call once the event processor runs."""
        bus = wiring.bus()
        self._unsubscribe = [
            bus.subscribe("customer:", self._customer_changed),
            bus.subscribe("everybody:", self._everybody_changed),
            bus.subscribe("session:", self._session_ended),
            bus.subscribe(RECONNECTED, self._hints_were_missed),
        ]

        self._sweeping = asyncio.create_task(self._sweep(), name="live-sweep")

    async def stop(self) -> None:
        """Stop listening and drop what waits; pages re-read everything when they reconnect."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        tasks = [task for task in (self._flush, self._sweeping, self._spreading) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sweep(self) -> None:
        """Forget the tabs that were closed; nobody tells us of each."""
        while True:
            await asyncio.sleep(SWEEP_S)
            wiring.live_tabs().keep_only(connected_tokens(self._app))

    async def _customer_changed(self, topic: str, _payload: str) -> None:
        _, user_id, kind = topic.split(":", 2)
        self._push(wiring.live_tabs().showing(user_id, kind))

    async def _everybody_changed(self, topic: str, _payload: str) -> None:
        kind = topic.split(":", 1)[1]
        self._crowd |= dict.fromkeys(wiring.live_tabs().showing_to_anybody(kind), kind)
        if self._spreading is None or self._spreading.done():
            self._tell_some()
            self._spreading = asyncio.create_task(self._spread(), name="live-spread", context=self._own.copy())

    async def _spread(self) -> None:
        await asyncio.sleep(EVERYBODY_S)
        while self._crowd:
            self._tell_some()
            await asyncio.sleep(EVERYBODY_S)

    def _tell_some(self) -> None:
        """The next ones, if they still show it: they may have gone to another page since."""
        some = {target: self._crowd.pop(target) for target in list(islice(self._crowd, EVERYBODY_AT_ONCE))}
        for kind in set(some.values()):
            showing = set(wiring.live_tabs().showing_to_anybody(kind))
            self._push([target for target, why in some.items() if why == kind and target in showing])

    async def _hints_were_missed(self, _topic: str, _payload: str) -> None:
        tabs = wiring.live_tabs()
        self._push(tabs.everything())

    async def _session_ended(self, topic: str, _payload: str) -> None:
        session_id = topic.split(":")[1]
        # Any guarded handler will do: the guard empties the tab and sends it to the sign-in page.
        verify = event_name(SessionState, "verify")
        self._push([(token, verify) for token in wiring.live_tabs().of_session(session_id)])

    def _push(self, targets: list[tuple[str, str]]) -> None:
        self._waiting.update(targets)
        if self._waiting and (self._flush is None or self._flush.done()):
            # Not in the context of whoever gave the hint: an event of a tab would pass its page on to the others.
            self._flush = asyncio.create_task(self._send_soon(), name="live-push", context=self._own.copy())

    async def _send_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(COALESCE_S)
            batch, self._waiting = self._waiting, set()
            connected = connected_tokens(self._app)
            wiring.live_tabs().keep_only(connected)
            with self._app.set_contexts():
                for token, handler in sorted(batch):
                    if token in connected:
                        await self._app.event_processor.enqueue(token, Event(name=handler))


def event_name(state: type[rx.State], handler: str) -> str:
    """The full registered name of a handler."""
    return f"{state.get_full_name()}.{handler}"


def connected_tokens(app: rx.App) -> set[str]:
    """Client tokens whose socket is open in this process."""
    namespace = app.event_namespace
    if namespace is None:
        return set()
    manager = namespace._token_manager
    return {t for t, record in manager.token_to_socket.items() if record.instance_id == manager.instance_id}
