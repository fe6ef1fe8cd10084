"""Whatever happens to carts and submits, and to the machines meanwhile, the rules hold.

A failure prints its scene, as short as it could be made. PORTAL_SEQUENCES says how many are played in all.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings

from tests.properties.ordering.scenes import Scene, scenes
from tests.properties.stage import Stage

PARTS = 4
SEQUENCES = int(os.environ.get("PORTAL_SEQUENCES", "1000"))
MOST_RUNS = 3 if SEQUENCES <= 1000 else 7
"""What somebody does is some five steps: in the suite a scene is short, so that there are many."""


@pytest.mark.timeout(0)  # a failure is made shorter first, and ten thousand take their time
@pytest.mark.parametrize("part", range(PARTS))
@settings(
    max_examples=max(1, SEQUENCES // PARTS),
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scene=scenes(MOST_RUNS))
def test_i1_i2_i7_f8_k12_ordering_keeps_its_rules_whatever_fails(stage: Stage, part: int, scene: Scene) -> None:
    stage.play(scene)
