"""`python -m sandbox`: run until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
import sys

from sandbox.app import running
from sandbox.config import BadSetting, Config
from sandbox.freebit.codes import PLACEHOLDERS


async def serve(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with running(config) as sandbox:
        print(f"sandbox ready {sandbox.url}/", flush=True)
        key = sandbox.world.salesforce.keys.private_path
        if key is not None:
            print(f"sandbox salesforce key {key}", flush=True)
        print(f"sandbox pubsub {sandbox.pubsub}", flush=True)
        print(f"sandbox freebit {sandbox.freebit_url} plays by placeholders: {'; '.join(PLACEHOLDERS)}", flush=True)
        await stop.wait()


def main() -> int:
    try:
        config = Config.from_env()
    except BadSetting as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    try:
        asyncio.run(serve(config))
    except OSError as error:
        print(f"sandbox: cannot listen: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
