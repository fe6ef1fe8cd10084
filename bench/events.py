"""How fast are events caught up that came while the worker was off?

python -m bench.events [--events 10000] [--postgres]

Events are produced in the sandbox's Salesforce, a tenth of them delivered twice; then one process listens over gRPC,
25 at a time, stores them with the cursor, and works on them. Prints events/s of both halves and ends with exit code 1
when one was lost or worked on twice. `make soak` runs it, too.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from portal_app.storage import migrate
from portal_app.storage.clock import Clock
from sandbox.app import running
from sandbox.config import Config
from tests.fakes.events import Intake
from tests.support.event_flood import Requests, listening, order_ids, produce, stored, worked_on
from tests.support.servers import PostgresServer

LIMIT_S = 1800


async def catch_up(database: str, number: int) -> bool:
    """Whether each event was worked on exactly once."""
    ids, requests = order_ids(number), Requests()
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5)) as sandbox:
        produce(sandbox, ids, twice=number // 10)
        intake = Intake(database, Clock(), everything=True)
        async with listening(intake, sandbox):
            storing = await stored(intake, number, LIMIT_S)
        working = await worked_on(intake, requests)
        await intake.close()
    print(f"stored with the cursor  {number / storing:8.0f} events/s  ({number} in {storing:.1f} s)")
    print(f"worked on               {number / working:8.0f} events/s  ({working:.1f} s)")
    print(f"caught up               {number / (storing + working):8.0f} events/s")
    lost, repeated = len(set(ids) - requests.asked.keys()), sum(count > 1 for count in requests.asked.values())
    print(f"lost {lost}, worked on twice {repeated}")
    return not lost and not repeated


def main(events: int, postgres: bool) -> int:
    """The process's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer() if postgres else None
        try:
            url = server.url if server else f"sqlite:///{Path(folder) / 'portal.db'}"
            migrate.upgrade(url)
            return 0 if asyncio.run(catch_up(url, events)) else 1
        finally:
            if server:
                server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Catch up with thousands of events.")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true")
    sys.exit(main(**vars(parser.parse_args())))
