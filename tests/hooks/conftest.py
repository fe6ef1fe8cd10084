"""WHMCS with the hook file, and the address it posts to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hooks.stage import Install, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def whmcs(tmp_path: Path) -> Install:
    """Not told yet where to post to."""
    return Install(tmp_path)


@pytest.fixture
def install(whmcs: Install, receiver: Receiver) -> Install:
    return whmcs.settings(receiver.url)
