"""The outside on real sockets, in a thread of its own; everything else in this process asks it through `do`."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sandbox.app import Running, running
from sandbox.calls import KEPT
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.salesforce.keys import Keys
from sandbox.world import World
from tests.properties.fulfilment import orders, seed
from tests.properties.fulfilment.oracle import Effects, effects
from tests.properties.fulfilment.orders import Kind, Placed

T = TypeVar("T")
ONCE: Final = ("AddOrder", "AcceptOrder", "CancelOrder", "GenInvoices", "mvno/esim/addAcnt", "mvno/ota/addAcnt")


@dataclass(frozen=True)
class Addresses:
    """What a worker needs to know of the outside. `key`: the file of the private key."""

    salesforce: str
    whmcs: str
    freebit: str
    smtp: str
    key: str


class Town:
    """From `start` to `stop`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._up, self._stop = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._live, name="sandbox", daemon=True)
        self._running: Running | None = None
        self._numbers = 0
        self.placed: list[Placed] = []

    def start(self) -> "Town":
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # who is killed ends no request politely
        self._thread.start()
        assert self._up.wait(30), "the sandbox did not start"
        self.do(_prepared)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def addresses(self) -> Addresses:
        assert self._running is not None
        one, key = self._running, self._folder / "salesforce.key"
        if not key.exists():
            key.write_text(Keys(None, None).private_pem())
        smtp = f"smtp://127.0.0.1:{one.smtp_port}"
        return Addresses(one.url, one.whmcs_url, one.freebit_url, smtp, str(key))

    def do(self, work: Callable[[World], T]) -> T:
        """Done in the sandbox's own thread, between two requests."""

        async def now() -> T:
            assert self._running is not None
            return work(self._running.world)

        return asyncio.run_coroutine_threadsafe(now(), self._loop).result(60)

    def order(self, kind: Kind, *, approved: bool = True) -> Placed:
        """Another order, by the next customer."""
        self._numbers += 1
        number = self._numbers

        def place(world: World) -> Placed:
            placed = orders.place(world, kind, seed.CUSTOMERS[number % len(seed.CUSTOMERS)], number)
            if approved:
                orders.approve(world, placed)
            return placed

        self.placed.append(self.do(place))
        return self.placed[-1]

    def effects(self, placed: Placed) -> Effects:
        return self.do(lambda world: effects(world, placed))

    def writes(self) -> Counter[str]:
        """How often each thing was asked for that must not be done twice."""
        return self.do(lambda world: Counter(one["action"] for one in world.calls.last(KEPT) if one["action"] in ONCE))

    def mails(self) -> list[dict[str, Any]]:
        """Everything the mail server took: `raw` is the message."""
        return self.do(lambda world: world.store.rows("SELECT * FROM mail ORDER BY id"))

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._until_stopped())
        self._loop.close()

    async def _until_stopped(self) -> None:
        config = Config(port=0, smtp_port=0, data=None, seed_size=5, freebit_activation_s=0)
        async with running(config, Clock()) as self._running:
            self._up.set()
            await self._stop.wait()


def _prepared(world: World) -> None:
    seed.only_what_is_sold(world)
    seed.populate(world)
