"""P5 with a wide margin, as a shared machine allows; `bench/sign_up_timing.py` measures with the real hash."""

import pytest

from bench.sign_up_timing import QUESTIONS, measure


@pytest.mark.parametrize("question", QUESTIONS)
async def test_p5_a_known_address_takes_as_long_as_an_unknown_one(question):
    found = await measure(question, pairs=30, cost=4)
    assert abs(found.gap) < max(10.0, 0.5 * found.unknown)
