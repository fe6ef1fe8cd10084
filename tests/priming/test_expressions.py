"""Conditions as Reflex writes them for browsers, decided by the server alike."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest
import reflex as rx
from jinja2 import Environment
from reflex_base.vars.base import LiteralVar

from portal_app.priming.declared import declare_vars, is_marked, name_in_script
from portal_app.priming.expressions import UnreadableCondition, concerns, condition
from portal_app.priming.words import SPOKEN


@dataclass(frozen=True)
class Line:
    """One row."""

    name: str
    kind: Literal["a", "b"]
    on: bool


class ConditionsState(rx.State):
    """Something to ask about."""

    name: str = ""
    other: str = ""
    on: bool = False
    lines: list[Line] = []
    line: Line = Line("", "a", False)
    number: int = 0


declare_vars(ConditionsState, "name", "on", "lines", "line")
S = ConditionsState
VALUES: dict[str, Any] = {
    "name": "x",
    "other": "",
    "on": True,
    "lines": [],
    "line": {"name": "é", "kind": "b", "on": False},
}


def decided(asked: Any, **changes: Any) -> bool:
    """What the server makes of a var."""
    script = str(LiteralVar.create(asked).bool())
    values = {f"{key}_rx_state_": value for key, value in (VALUES | changes).items()}
    environment = Environment(autoescape=True)
    environment.globals.update(SPOKEN)
    return bool(environment.compile_expression(condition(script, ()))(**{name_in_script(S): values}))


@pytest.mark.parametrize(
    ("asked", "changes", "expected"),
    [
        (S.name == "x", {}, True),
        (S.name == "x", {"name": "y"}, False),
        (S.name != "x", {}, False),
        (S.name != "", {"name": ""}, False),
        (S.name == 'a "quoted" && !x.length ?.["y"]', {"name": 'a "quoted" && !x.length ?.["y"]'}, True),
        (S.name == "請求", {"name": "請求"}, True),
        (S.on, {}, True),
        (~S.on, {}, False),
        (S.on & (S.name == "x"), {}, True),
        (S.on & (S.name == "x"), {"on": False}, False),
        ((S.name == "y") | (S.name == "x"), {}, True),
        ((S.name == "y") | (S.name == "z"), {}, False),
        (S.on & (S.name != "") & (S.line.kind == "b"), {}, True),
        (S.lines, {}, False),
        (S.lines, {"lines": [{"name": "1"}]}, True),
        (S.lines.length() == 0, {}, True),
        ((S.lines.length() == 0) & (S.name == "x"), {}, True),
        (S.line.name == "é", {}, True),
        (S.line.name, {}, True),
        (S.line.on, {}, False),
        (S.name.startswith("x"), {}, True),
        (S.name.contains("y"), {}, False),
        (LiteralVar.create(["x", "y"]).contains(S.name), {}, True),
        (S.name == S.line.name, {"name": "é"}, True),
    ],
)
def test_the_server_decides_as_the_browser_would(asked, changes, expected) -> None:
    assert decided(asked, **changes) is expected


def test_a_condition_concerns_the_answer_only_when_it_asks_for_a_mark() -> None:
    assert is_marked(name_in_script(S), "name")
    assert concerns(str(S.name == "x"), ())
    assert not concerns(str(S.other == "x"), ())
    assert not concerns(str(S.other == str(S.name)), ()), "a text that looks like a var"
    assert concerns('(row_rx_state_?.["name"]?.valueOf?.() === ""?.valueOf?.())', {"row_rx_state_"})
    assert not concerns('(row_rx_state_?.["name"]?.valueOf?.() === ""?.valueOf?.())', ())


@pytest.mark.parametrize(
    "script",
    [
        "Array.from(reflex___state____state.x.name_rx_state_).some(one => one)",
        "(planRxMemo?.valueOf?.() === reflex___state____state.x.name_rx_state_?.valueOf?.())",
        "(a ? b : c)",
        "window.innerWidth",
    ],
)
def test_what_only_a_browser_can_decide_ends_the_build(script) -> None:
    with pytest.raises(UnreadableCondition):
        condition(script, ())
