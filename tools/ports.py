"""Free ports of 127.0.0.1 that no other process of ours can be given at the same time. Standard library only."""

import contextlib
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

# Below the range the system hands out for outgoing connections, so none of those takes a port between look and use.
LOW, HIGH = 18000, 29000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


class FreePorts:
    """Hands out ports and keeps a file lock on each until `release` or the end of the process."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir()) / f"portal-ports-{os.getuid()}"
        self._locks: list[IO[str]] = []

    def take(self) -> int:
        """A port nobody listens on and no other FreePorts of this user holds. Raises OSError when all are taken."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for port in random.sample(range(LOW, HIGH), 500):
            lock = (self._folder / str(port)).open("w", encoding="ascii")
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if is_free(port):
                    self._locks.append(lock)
                    return port
            lock.close()
        raise OSError("no free port found")

    def release(self) -> None:
        """Give all of them back."""
        while self._locks:
            self._locks.pop().close()
