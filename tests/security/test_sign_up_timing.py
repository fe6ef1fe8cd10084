"""P5 as work done, with a wide margin; `bench/sign_up_timing.py` measures the time, with the real hash."""

import time

import pytest

from bench.sign_up_timing import QUESTIONS, measure


@pytest.mark.parametrize("question", QUESTIONS)
async def test_p5_a_known_address_is_as_much_work_as_an_unknown_one(question):
    found = await measure(question, pairs=30, cost=4, clock=time.process_time)
    assert abs(found.gap) < max(10.0, 0.5 * found.unknown)
