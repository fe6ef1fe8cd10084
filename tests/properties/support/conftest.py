"""A stage for scenes of support."""

from collections.abc import Iterator

import pytest

from tests.properties.conftest import a_stage
from tests.properties.stage import Stage
from tests.properties.support.story import Story


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with a_stage(Story) as stage:
        yield stage
