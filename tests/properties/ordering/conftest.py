"""A stage for scenes of ordering."""

from collections.abc import Iterator

import pytest

from tests.properties.conftest import a_stage
from tests.properties.ordering.story import Story
from tests.properties.stage import Stage


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with a_stage(Story) as stage:
        yield stage
