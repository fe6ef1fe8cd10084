"""Everything a crash test needs: PostgreSQL, the outside, the nursery; orders that die, and what becomes of them."""

import asyncio
import email
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from portal_app.storage import migrate
from portal_app.storage.clock import Clock
from portal_app.storage.engine import Database
from tests.crashes.errand import Errand
from tests.crashes.nursery import KILLED, Nursery
from tests.crashes.town import Town
from tests.properties.fulfilment import oracle
from tests.properties.fulfilment.orders import Kind, Placed
from tests.properties.fulfilment.parts import register

AT_ONCE: Final = 4
LATER_S: Final = 3600.0
"""How far ahead the next process begins: past every lease and settle time of those before."""


Prepared = Callable[["Ward", Placed], None]
"""Done to an order before anybody works on it."""


@dataclass(frozen=True, order=True)
class Point:
    """A named point of an order's way: its nth passing, from 1."""

    scene: str
    name: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.scene:<10} {self.name}" + (f" ({self.nth})" if self.nth > 1 else "")


class Ward:
    """`url`: an empty PostgreSQL database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._folder = url, folder
        migrate.upgrade(url)
        _aside(_register(url))
        self.nursery = Nursery()
        self.town = Town(folder).start()
        self._files = 0
        self._ahead = 0.0
        self.nursery.warm(self.errand(order_id=self.town.order("esim").order_id, request=True))

    def close(self) -> None:
        self.nursery.close()
        self.town.stop()

    def errand(self, task: str = "fulfil", **more: Any) -> Errand:
        addresses = asdict(self.town.addresses)
        return Errand(task, self.url, **addresses, log_file=str(self._folder / "children.log"), **more)

    def points_of(
        self, scene: str, kind: Kind, *, prepared: Prepared | None = None, task: str = "fulfil", **more: Any
    ) -> list[Point]:
        """Every named point that one order passes, in a process that lives."""
        self._files += 1
        file = self._folder / f"points-{self._files}"
        placed = self._order(kind, prepared)
        more = {"request": task == "fulfil", "points_file": str(file)} | self._of(placed, more)
        errand = self.errand(task, order_id=placed.order_id, **more)
        assert self.nursery.run(errand) == 0, self.log()
        passed: Counter[str] = Counter()
        found = []
        for name in file.read_text(encoding="utf-8").split("\n")[:-1]:
            passed[name] += 1
            found.append(Point(scene, name, passed[name]))
        return found

    def dies_at(
        self,
        kind: Kind,
        points: Sequence[Point],
        *,
        prepared: Prepared | None = None,
        task: str = "fulfil",
        at_once: int = AT_ONCE,
        **more: Any,
    ) -> list[tuple[Point, Placed]]:
        """One order of its own for each point, each in a process that is killed there."""
        killed = []
        for start in range(0, len(points), at_once):
            children = []
            for point in points[start : start + at_once]:
                placed = self._order(kind, prepared)
                how = {"request": task == "fulfil", "die_at": (point.name, point.nth)} | self._of(placed, more)
                pid = self.nursery.start(self.errand(task, order_id=placed.order_id, **how))
                children.append((point, pid))
                killed.append((point, placed))
            for point, pid in children:
                assert self.nursery.wait(pid) == KILLED, f"{point} was not passed\n{self.log()}"
        return killed

    def ask_again(self, orders: Sequence[Placed]) -> None:
        """Their events come once more."""
        for placed in orders:
            self.again("ask", placed)

    def again(self, task: str, *orders: Placed, **more: Any) -> None:
        """In a process that lives."""
        names = ",".join(placed.order_id for placed in orders)
        assert self.nursery.run(self.errand(task, order_id=names, **more)) == 0, self.log()

    def converges(self, task: str = "fulfil", **more: Any) -> None:
        """Another process takes over, long after every lease and settle time."""
        self._ahead += LATER_S
        assert self.nursery.run(self.errand(task, offset_s=self._ahead, seconds=90.0, **more)) == 0, self.log()

    def wrongs(self, orders: Sequence[tuple[Point, Placed]], *, state: str = "COMPLETED") -> list[str]:
        """What is not as it should be, by point."""
        rows, mails = self.rows("SELECT * FROM fulfilments"), self.mails_by_order()
        by_id = {row["salesforce_order_id"]: row for row in rows}
        return [
            f"{point}: {wrong}"
            for point, placed in orders
            for wrong in self._wrongs_of(placed, by_id.get(placed.order_id), mails, state)
        ]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in _aside(_fetch(self.url, sql))]

    def state_of(self, placed: Placed) -> str:
        found = self.rows(f"SELECT state FROM fulfilments WHERE salesforce_order_id = '{placed.order_id}'")
        return found[0]["state"] if found else ""

    def unfinished(self) -> int:
        """Orders on their way."""
        return int(self.rows("SELECT count(*) AS n FROM fulfilments WHERE state <> 'COMPLETED'")[0]["n"])

    def mails_by_order(self) -> dict[str, list[str]]:
        """Order id -> Message-IDs of the mails that name it, each as often as it was sent."""
        found: dict[str, list[str]] = {}
        for row in self.town.mails():
            message = email.message_from_bytes(row["raw"])
            text = b"".join(part.get_payload(decode=True) or b"" for part in message.walk() if not part.is_multipart())
            for placed in self.town.placed:
                if placed.order_id.encode() in text:
                    found.setdefault(placed.order_id, []).append(message["Message-ID"])
        return found

    def write_points(self, points: Sequence[Point]) -> Path:
        """The report: where workers were killed."""
        file = self._folder / "points.txt"
        file.write_text("".join(f"{point}\n" for point in points), encoding="utf-8")
        print(f"{len(points)} points, see {file}")
        return file

    def log(self) -> str:
        """The end of what the children said."""
        file = self._folder / "children.log"
        return file.read_text(encoding="utf-8", errors="replace")[-4000:] if file.exists() else ""

    def _wrongs_of(self, placed: Placed, row: Any, mails: dict[str, list[str]], state: str) -> Iterator[str]:
        if row is None:
            yield "the order was lost"
            return
        if row["state"] != state:
            yield f"{row['state']} {row['hold']} {row['error_code']} {row['error_text']}"
        found = self.town.effects(placed)
        judge = oracle.completed if state == "COMPLETED" else oracle.called_off
        yield from self.town.do(lambda world: list(judge(world, found, placed)))
        sent = mails.get(placed.order_id, [])
        if len(set(sent)) != int(state == "COMPLETED"):
            yield f"{len(set(sent))} mails"

    def _order(self, kind: Kind, prepared: Prepared | None) -> Placed:
        placed = self.town.order(kind)
        if prepared:
            prepared(self, placed)
        return placed

    def _of(self, placed: Placed, more: dict[str, Any]) -> dict[str, Any]:
        """`cancel_at`: there staff call the order off."""
        more = {"mails": False} | more
        if point := more.pop("cancel_at", None):
            root = self.town.addresses.salesforce
            more["console_at"] = (point, 1, f"{root}/console/api/salesforce/orders/{placed.order_id}/cancel")
        return more


async def _register(url: str) -> None:
    db = Database(url)
    await register(db, Clock())
    await db.dispose()


async def _fetch(url: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


def _aside(work: Any) -> Any:
    """On a loop of its own: the calling thread's belongs to the test."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return found[0]
