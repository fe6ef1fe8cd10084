"""`python -m portal_app.worker`: background work in a process of its own. Ends on SIGTERM or Ctrl-C."""

import asyncio
import logging
import signal
import sys

from portal_app import settings, wiring
from portal_app.errors import ConfigError
from portal_app.observability import logs
from portal_app.worker.runtime import GRACE_S, Worker

log = logging.getLogger("portal_app.worker")


async def run(configuration: settings.Settings) -> None:
    """Work until told to stop."""
    told = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, told.set)
    async with wiring.opened(configuration):
        worker = Worker()
        await worker.start()
        log.info("worker_started")
        try:
            await told.wait()
        finally:
            wiring.salesforce_client().end_within(GRACE_S)
            await worker.stop()
            log.info("worker_stopped")


def main() -> int:
    """The process's exit code."""
    try:
        configuration = settings.load()
        logs.setup(configuration.LOG_LEVEL, hide=configuration.secrets())
        asyncio.run(run(configuration))
    except ConfigError as bad:
        sys.stderr.write("The worker cannot start:\n" + "".join(f"  {problem}\n" for problem in bad.problems))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
