"""The worker is killed at each named point of an order's way; the next one ends it, with exactly one of everything.

Every killed order is one of its own, in a process of its own, over real sockets and on PostgreSQL. What was killed
where is written to `points.txt` in the folder of the test run; `python -m bench.fulfilment --points` prints it.
"""

import pytest

from tests.crashes.scenes import SCENES
from tests.crashes.ward import Ward

LEAST_POINTS = 60


@pytest.mark.timeout(400)  # a hundred processes on a busy machine
def test_i1_i2_i7_killed_at_each_point_of_each_way_an_order_ends_the_same(ward: Ward) -> None:
    passed, wrong = [], []
    for scene in SCENES:
        found = scene.play(ward)
        passed += found.points
        wrong += found.wrong
    ward.write_points(passed)
    assert not wrong, "\n".join(wrong)
    assert len(passed) >= LEAST_POINTS
