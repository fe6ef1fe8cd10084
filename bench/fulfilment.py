"""`make soak`, orders on their way: hundreds of workers killed at random, and still exactly one of everything.

python -m bench.fulfilment [--kills 500] [--seed 1]: several workers at once on PostgreSQL and real sockets, killed with
SIGKILL at any instruction, until so many have died; then one ends what is left. Exit code 1 when anything was lost or
done twice.
python -m bench.fulfilment --points: every named point of an order's way, a worker killed at each; prints the table.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.crashes.nursery import KILLED
from tests.crashes.scenes import SCENES
from tests.crashes.ward import Point, Ward
from tests.properties.fulfilment.orders import KINDS, Placed
from tests.support.databases import create_database
from tests.support.servers import PostgresServer

WORKERS: Final = 3
ALWAYS_WAITING: Final = 12
"""Orders that are not finished yet: a worker that is killed had something to do."""
SHORT: Final[dict[str, Any]] = {"lease_s": 2.0, "settle_s": 2.0}
LONGEST_LIFE_S: Final = 2.5


@contextmanager
def a_ward() -> Iterator[Ward]:
    """With a PostgreSQL of its own."""
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            ward = Ward(create_database(server.url), Path(folder))
            try:
                yield ward
            finally:
                ward.close()
    finally:
        server.stop()


def points() -> int:
    """Kill a worker at each."""
    found, wrong = [], []
    with a_ward() as ward:
        for scene in SCENES:
            began = time.monotonic()
            played = scene.play(ward)
            found += played.points
            wrong += played.wrong
            print(f"{scene.name}: {len(played.points)} points, {time.monotonic() - began:.1f} s", flush=True)
    print()
    print(*(f"{number:>4}  {point}" for number, point in enumerate(found, start=1)), sep="\n")
    print(f"\n{len(found)} points, {len(wrong)} wrong")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def kills(wanted: int, seed: int) -> int:
    """Until so many workers have died."""
    chance = random.Random(seed)
    with a_ward() as ward:
        orders, died = _dying(ward, wanted, chance)
        print(f"\n{died} workers killed, {len(orders)} orders; the last worker ends what is left ...", flush=True)
        ward.converges()
        wrong = ward.wrongs([(Point(placed.kind, placed.order_id), placed) for placed in orders])
        sent = Counter(len(ids) for ids in ward.mails_by_order().values())
        print(f"orders wrong: {len(wrong)}; mails for an order, the same one again after a kill: {dict(sent)}")
        print(*wrong[:20], sep="\n")
    return 1 if wrong else 0


def _dying(ward: Ward, wanted: int, chance: random.Random) -> tuple[list[Placed], int]:
    orders: list[Placed] = []
    alive: dict[int, float] = {}
    died = 0
    while died < wanted:
        while len(orders) < ALWAYS_WAITING or ward.unfinished() < ALWAYS_WAITING:
            orders.append(ward.town.order(chance.choice(KINDS)))
            ward.again("ask", orders[-1])
        while len(alive) < WORKERS:
            errand = ward.errand("serve", **SHORT, seconds=60.0)
            alive[ward.nursery.start(errand)] = time.monotonic() + chance.uniform(0.05, LONGEST_LIFE_S)
        pid = min(alive, key=lambda one: alive[one])
        time.sleep(max(0.0, alive.pop(pid) - time.monotonic()))
        os.kill(pid, signal.SIGKILL)
        died += ward.nursery.wait(pid) == KILLED
        if died % 25 == 0:
            print(f"{died} killed, {len(orders)} orders, {ward.unfinished()} on their way", flush=True)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        died += ward.nursery.wait(pid) == KILLED
    return orders, died


def main(kills_wanted: int, seed: int, list_points: bool) -> int:
    return points() if list_points else kills(kills_wanted, seed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Workers that die while orders are on their way.")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", action="store_true")
    chosen = parser.parse_args()
    sys.exit(main(chosen.kills, chosen.seed, chosen.points))
