"""What of a state may be a mark, and what the build says of anything else."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pytest
import reflex as rx

from portal_app.priming.declared import (
    UnsupportedVar,
    declare,
    each_name,
    handlers_of,
    is_primed,
    marked,
    name_in_script,
    sample,
)


@dataclass(frozen=True)
class Row:
    """A row as pages show it."""

    key: str
    href: str
    status: Literal["open", "paid"]
    late: bool


@dataclass(frozen=True)
class Dated:
    """A row nobody wrote out yet."""

    due: date


class DeclaredState(rx.State):
    """Every kind of var there is."""

    title: str = ""
    pay_action: str = ""
    known: bool = False
    kind: Literal["", "a"] = ""
    rows: list[Row] = []
    row: Row = Row("", "", "open", False)
    dated: list[Dated] = []
    count: int = 0
    texts: list[str] = []
    choice: Literal[1, 2] = 1
    spare: dict[str, str] = {}

    _private: str = ""

    @rx.event
    async def load(self) -> None:
        """Nothing to do."""


class OtherState(rx.State):
    """Has no primed handler."""

    title: str = ""


declare(DeclaredState.load.fn, ("count", "texts", "choice", "spare", "dated"))
NAME = name_in_script(DeclaredState)


def sampled(name: str) -> object:
    return sample(f"{NAME}.{name}_rx_state_", DeclaredState, name)


def test_public_vars_of_a_primed_state_are_marks_but_for_those_set_apart() -> None:
    assert marked(DeclaredState) == {"title", "pay_action", "known", "kind", "rows", "row"}
    assert marked(OtherState) == frozenset()
    assert is_primed(DeclaredState.load.fn)
    assert [function.__name__ for function in handlers_of(DeclaredState)] == ["load"]


def test_texts_choices_and_flags_have_marks_of_their_own() -> None:
    assert sampled("title") == f"\ue000{NAME}.title_rx_state_\ue001"
    assert sampled("kind") == f"\ue000{NAME}.kind_rx_state_\ue001"
    assert sampled("known") == f"\ue000{NAME}.known_rx_state_|script\ue001"
    assert sampled("pay_action") == f"/\ue006{NAME}.pay_action_rx_state_\ue007", "a path, which routers put in order"


def test_a_list_is_one_row_of_marks_and_a_row_by_itself_is_marks_by_name() -> None:
    each = each_name(f"{NAME}.rows_rx_state_")
    assert sampled("rows") == [
        {
            "key": f"\ue000{each}.key\ue001",
            "href": f"/\ue006{each}.href\ue007",
            "status": f"\ue000{each}.status\ue001",
            "late": f"\ue000{each}.late|script\ue001",
        }
    ]
    assert sampled("row")["key"] == f"\ue000{NAME}.row_rx_state_.key\ue001"  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("count", "DeclaredState.count is int"),
        ("texts", r"DeclaredState.texts is list\[str\]"),
        ("dated", "DeclaredState.dated, Dated.due is date"),
        ("choice", "DeclaredState.choice is Literal"),
        ("spare", r"DeclaredState.spare is dict\[str, str\]"),
    ],
)
def test_what_no_mark_can_stand_for_ends_the_build_by_its_name_with_what_to_do(name, said) -> None:
    with pytest.raises(UnsupportedVar, match=f"{said}: .*write numbers and dates as text"):
        sampled(name)
