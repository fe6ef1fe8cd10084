"""A ward for orders whose worker dies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crashes.ward import Ward
from tests.support.databases import create_database, drop_database


@pytest.fixture(scope="module")
def ward(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    url = create_database(postgres_url)
    folder: Path = tmp_path_factory.mktemp("ward")
    ward = Ward(url, folder)
    try:
        yield ward
    finally:
        ward.close()
        drop_database(url, postgres_url)
