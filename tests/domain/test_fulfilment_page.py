"""docs/fulfilment.md tells of the machine as it is: every arrow, every state, every hold and every code."""

import re
from pathlib import Path

import pytest

from portal_app.domain.fulfilment import CUSTOMERS_TURN, NEXT, Code, Hold, State

PAGE = Path("docs/fulfilment.md").read_text(encoding="utf-8")
ARROW = re.compile(r"^ {4}([A-Z_]+) --> ([A-Z_]+)\b", re.MULTILINE)
ROWS = {cells[1].strip(" `"): line for line in PAGE.splitlines() if len(cells := line.split("|")) > 3}


def test_the_drawing_has_every_arrow_and_no_other():
    assert set(ARROW.findall(PAGE)) == {(state.value, to.value) for state in State for to in NEXT[state]}


@pytest.mark.parametrize("word", [*State, *Code, *filter(None, Hold)])
def test_every_state_hold_and_code_has_a_line_of_its_own(word):
    assert word.value in ROWS


@pytest.mark.parametrize("code", Code)
def test_what_the_customer_sees_of_a_code_is_what_the_pages_say(code):
    assert ("Action needed" in ROWS[code.value]) is (code in CUSTOMERS_TURN)
    assert ("| Delayed |" in ROWS[code.value]) is (code not in CUSTOMERS_TURN)
