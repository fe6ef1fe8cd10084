"""`cond`, `match` and `each`: Reflex's own for whatever is not primed, both branches in the prerender for what is."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest
import reflex as rx
from reflex_base.compiler.templates import _RenderUtils

from portal_app.priming.choices import Choice, Each, cond, each, match
from portal_app.priming.declared import declare_vars, each_name, name_in_script
from portal_app.priming.expressions import UnreadableCondition


@dataclass(frozen=True)
class Entry:
    """A row."""

    name: str
    kind: Literal["a", "b", "c"]


class ChoicesState(rx.State):
    """Primed, but for `plain`."""

    name: str = ""
    kind: Literal["a", "b", "c"] = "a"
    rows: list[Entry] = []
    plain: str = ""
    others: list[Entry] = []


declare_vars(ChoicesState, "name", "kind", "rows")
S = ChoicesState
NAME = name_in_script(ChoicesState)
SSR = "import.meta.env.SSR"


def script(component: rx.Component) -> str:
    return _RenderUtils.render(component.render())


def test_what_asks_for_nothing_primed_is_reflex_s_own() -> None:
    assert str(cond(S.plain == "", "a", "b")) == str(rx.cond(S.plain == "", "a", "b"))
    assert script(cond(S.plain == "", rx.el.b(), rx.el.i())) == script(rx.cond(S.plain == "", rx.el.b(), rx.el.i()))
    assert script(each(S.others, lambda row: rx.el.li(row.name))) == script(
        rx.foreach(S.others, lambda row: rx.el.li(row.name))
    )
    assert SSR not in str(match(S.plain, ("a", "x"), "y"))


def test_a_text_holds_both_branches_for_the_prerender_and_the_question_for_the_browser() -> None:
    text = str(cond(S.name == "", "nobody", "somebody"))
    assert f'"\\ue002if ({NAME}.name_rx_state_ == \\"\\")\\ue003"' in text
    assert text.startswith(f"({SSR}?(")
    assert text.endswith(f':(({NAME}.name_rx_state_?.valueOf?.() === ""?.valueOf?.())?("nobody"):("somebody")))')


def test_of_components_the_prerender_has_both_between_elements_that_are_marks() -> None:
    frame = cond(S.name == "", rx.el.b("nobody"), rx.el.i("somebody"))
    assert isinstance(frame.children[0], Choice)
    text = script(frame)
    assert 'jsx("x-m",{k:"if (' in text
    assert text.count("nobody") == text.count("somebody") == 1, "each branch is in the script once"


def test_a_component_may_have_no_other_branch() -> None:
    assert 'jsx("x-m",{k:"else"})' in script(cond(S.name != "", rx.el.b("named")))


def test_questions_within_questions_do_not_multiply_what_is_written() -> None:
    words: Any = "end"
    for number in range(12):
        words = cond(S.name == str(number), f"word {number}", words)
    assert len(str(words)) < 6_000
    assert str(words).count('"end"') == 2


def test_match_tries_one_value_after_the_other() -> None:
    text = str(match(S.kind, ("a", "first"), ("b", "c", "second"), "none"))
    assert text.index("first") < text.index("second") < text.index("none")
    assert "pyOr(" in text
    assert "x-m" in script(match(S.kind, ("a", rx.el.b()), ("b", rx.el.i())))


def test_a_loop_has_one_row_between_marks_that_name_it() -> None:
    loop = each(S.rows, lambda entry: rx.el.li(cond(entry.kind == "a", "A", entry.name)))
    assert isinstance(loop, Each)
    text = script(loop)
    assert f'jsx("x-m",{{k:"for entry_rx_state_ in {NAME}.rows_rx_state_"}})' in text
    assert f'k:"set {each_name(f"{NAME}.rows_rx_state_")} = entry_rx_state_"' in text
    assert 'if (entry_rx_state_[\\"kind\\"] == \\"a\\")' in text.replace("\\\\", "\\")


def test_rows_of_what_is_not_primed_are_the_browser_s_business() -> None:
    text = script(each(S.others, lambda entry: rx.el.li(cond(entry.kind == "a", "A", "B"))))
    assert SSR not in text


def test_a_choice_of_anything_but_components_and_texts_ends_the_build() -> None:
    with pytest.raises(UnreadableCondition, match="neither a component nor a text"):
        cond(S.name == "", True, False)
