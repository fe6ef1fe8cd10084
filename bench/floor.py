"""Builds and serves bench/floor_app in a folder of its own; built again only when it changed."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.frontend import export
from tools.paths import ROOT, data_folder
from tools.ports import FreePorts
from tools.processes import start, wait_for_url
from tools.stack import granian, serve_environment

SOURCE = ROOT / "bench/floor_app"


@contextmanager
def running_floor() -> Iterator[str]:
    """URL of the floor app, served as the portal is. Its address is part of its build, so the port is kept with it."""
    folder = data_folder() / "bench-floor"
    port = _built(folder)
    env = serve_environment({**os.environ, "PORTAL_PORT": port})
    process = start("floor", granian(env, "floor.floor:app"), log=folder / "floor.log", env=env, cwd=folder)
    try:
        wait_for_url(process, f"http://localhost:{port}/ping")
        yield f"http://localhost:{port}"
    finally:
        process.stop()


def _built(folder: Path) -> str:
    sources = sorted(path for path in SOURCE.rglob("*.py"))
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    stamp, port_file = folder / "built.sha256", folder / "port"
    if not (stamp.exists() and stamp.read_text() == wanted):
        ports = FreePorts()
        port = str(ports.take())
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "assets").mkdir()
        export(folder, {**os.environ, "REFLEX_API_URL": f"http://localhost:{port}"}, folder / "build.log")
        port_file.write_text(port)
        stamp.write_text(wanted)
        ports.release()
    return port_file.read_text()
