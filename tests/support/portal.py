"""A whole portal for tests, with the sandbox's console at hand."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import preparing
from tests.support.console import Console
from tools.running import Running, clean_environment, running

__all__ = ["RunningPortal", "clean_environment", "running_portal"]


@dataclass
class RunningPortal:
    """`url` says localhost."""

    url: str
    console: Console
    processes: Running


@contextmanager
def running_portal(data: Path, **changes: str) -> Iterator[RunningPortal]:
    """Sandbox and portal on ports and data of their own, with settings `changes`."""
    with running(data, preparing, **changes) as started, closing(Console(started.demo.console_url)) as console:
        yield RunningPortal(started.demo.portal_url, console, started)
