"""Whatever happens to what a customer sends to support, and to the machines meanwhile, it is there once.

A failure prints its scene, as short as it could be made. PORTAL_SEQUENCES says how many are played for the other
stories; of these a fortieth.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings

from tests.properties.stage import Stage
from tests.properties.support.scenes import Scene, scenes

SEQUENCES = max(1, int(os.environ.get("PORTAL_SEQUENCES", "1000")) // 40)


@pytest.mark.timeout(0)  # a failure is made shorter first
@settings(
    max_examples=SEQUENCES,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scene=scenes(3))
def test_k1_f1_f4_f8_i7_a_question_and_a_reply_are_there_once_whatever_fails(stage: Stage, scene: Scene) -> None:
    stage.play(scene)
