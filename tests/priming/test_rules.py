"""What an author of pages keeps to, so that their HTML can be filled in for each answer (docs/first-data.md)."""

import ast
import inspect
import re
import textwrap
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.state import BaseState
from reflex_base.components.component import BaseComponent, Component
from reflex_base.components.memo import MemoComponent
from reflex_base.registry import RegistrationContext
from reflex_base.vars.base import Var

from portal_app import pages, routes
from portal_app.priming.choices import Choice, Each, cond, each
from portal_app.priming.declared import declare_vars, handlers_of, is_primed, name_in_script, samples
from portal_app.priming.expressions import concerns
from portal_app.security.policy import policy_of
from portal_app.state.session import SessionState

LOOKS = [path for folder in ("pages", "components") for path in sorted(Path("portal_app", folder).rglob("*.py"))]
REFLEX_ONLY = {"cond", "match", "foreach"}
# React writes these with a value or not at all, so a mark in one would be lost, or there for good.
NO_TEXT = {
    *("allowfullscreen", "async", "autofocus", "autoplay", "checked", "controls", "default", "defaultchecked"),
    *("defer", "disabled", "formnovalidate", "hidden", "inert", "itemscope", "loop", "multiple", "muted", "nomodule"),
    *("novalidate", "open", "playsinline", "readonly", "required", "reversed", "selected"),
    *("cols", "rows", "rowspan", "size", "span", "start"),
}
VAR = r'\b(?:reflex___state\w*\.)?\w+_rx_state_(?:\?\.\["\w+"\])*'
TEXT = re.compile(r'(?<!\[)"(?:[^"\\]|\\.)*"')
CALLED = re.compile(f"({VAR})" + r"\??\.(?!valueOf\b|length\b|includes\(|startsWith\()([A-Za-z]\w*)")


def own_ways(source: str) -> list[str]:
    """Where a module takes what Reflex has where `portal_app.priming.choices` is meant, as `line: word`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in REFLEX_ONLY and ast.unparse(node.value) in ("rx", "reflex"):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0].startswith("reflex"):
            found += [f"{node.lineno}: {alias.name}" for alias in node.names if alias.name in REFLEX_ONLY]
    return found


@pytest.mark.parametrize("path", LOOKS, ids=str)
def test_pages_and_components_take_cond_match_and_each_of_priming(path: Path) -> None:
    assert own_ways(path.read_text(encoding="utf-8")) == [], "take portal_app.priming.choices: cond, match, each"


@pytest.mark.parametrize(
    "source",
    [
        "import reflex as rx\nrx.cond(a, b, c)",
        "import reflex\nreflex.match(a, b)",
        "import reflex as rx\nrows = lambda: rx.foreach(a, b)",
        "from reflex import cond",
        "from reflex_components_core.core.foreach import foreach as repeated",
    ],
)
def test_a_way_round_them_is_seen(source: str) -> None:
    assert len(own_ways(source)) == 1


def test_a_mark_stands_for_every_var_of_every_primed_state() -> None:
    assert SessionState.get_full_name() in samples()
    assert len(samples()) > 1


def primed_handlers() -> list[tuple[type[BaseState], Callable[..., Any]]]:
    states = RegistrationContext.get().base_states.values()
    return [
        (state, inspect.unwrap(function))
        for state in states
        if state.__module__.startswith("portal_app.")
        for function in handlers_of(state)
    ]


HANDLERS = [
    pytest.param(state, function, id=f"{state.__name__}.{function.__name__}") for state, function in primed_handlers()
]


@pytest.mark.parametrize(("state", "function"), HANDLERS)
def test_a_primed_handler_takes_nothing_awaits_and_never_yields(state, function) -> None:
    assert list(inspect.signature(function).parameters) == ["self"]
    assert inspect.iscoroutinefunction(function), "async def without a yield: an answer has nobody to send halves to"
    assert policy_of(state.event_handlers[function.__name__].fn), "the answer asks the policy who may see it"


@pytest.mark.parametrize(("state", "function"), HANDLERS)
def test_a_primed_handler_hands_on_to_nothing_but_a_primed_handler_of_its_state(state, function) -> None:
    for following in handed_on(function):
        owner, _, name = following.rpartition(".")
        assert owner in ("self", state.__name__), f"returns {following}"
        assert is_primed(state.event_handlers[name].fn), f"{following} is not primed"


def handed_on(function: Callable[..., Any]) -> Iterator[str]:
    """The source of whatever else than None a function returns."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Return) and node.value is not None:
            either = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
            yield from (ast.unparse(one) for one in either if ast.unparse(one) != "None")


def test_a_primed_handler_is_among_what_its_page_loads_or_follows_one_that_is() -> None:
    loaded = {handler.fn for handlers in pages.ON_LOAD.values() for handler in handlers}
    followed = {name.rpartition(".")[2] for _, function in primed_handlers() for name in handed_on(function)}
    idle = [
        f"{state.__name__}.{function.__name__}"
        for state, function in primed_handlers()
        if state.event_handlers[function.__name__].fn not in loaded and function.__name__ not in followed
    ]
    assert idle == []


class Register:
    """Notes the pages instead of adding them to an app."""

    def __init__(self) -> None:
        self.pages: dict[str, Callable[[], rx.Component]] = {}

    def add_page(self, page: Callable[[], rx.Component], *, route: str, **_: Any) -> None:
        """As an app has it."""
        self.pages[route] = page


def registered() -> dict[str, Callable[[], rx.Component]]:
    register = Register()
    pages.register(register)  # type: ignore[arg-type]
    return register.pages


PAGES = registered()


def wrongs(tree: BaseComponent, rows: frozenset[str] = frozenset(), known: set[int] | None = None) -> Iterator[str]:
    """A sentence for each property below a component that no server could fill in."""
    known = set() if known is None else known
    if isinstance(tree, Each):
        rows |= {tree._render().arg_var_name}
    if isinstance(tree, Component):
        yield from _wrong_properties(tree, rows)
        for part in tree._get_components_in_props():
            yield from wrongs(part, rows, known)
    if isinstance(tree, MemoComponent) and tree._memo_definition and id(tree._memo_definition) not in known:
        known.add(id(tree._memo_definition))
        yield from wrongs(tree._memo_definition.component, frozenset(), known)
    for child in tree.children:
        yield from wrongs(child, rows, known)


def _wrong_properties(component: Component, rows: frozenset[str]) -> Iterator[str]:
    if isinstance(component, Each | Choice):  # what they ask is decided by the server
        return
    given = [*component._iter_set_props(), *component.custom_attrs.items()]
    for name, value in [*given, ("class_name", component.class_name), ("id", component.id)]:
        if isinstance(value, Var) and concerns(str(value), rows) and (wrong := _wrong(component, name, value, rows)):
            yield f"<{_name_of(component)} {name}={_shortened(value)}>: {wrong}"


def _wrong(component: Component, name: str, value: Var, rows: frozenset[str]) -> str:
    script = str(value)
    if name.replace("_", "").replace("-", "").lower() in NO_TEXT:
        return "React writes no text there; choose a class, or one of two components, by cond()"
    if _name_of(component) == "select" and name in ("value", "default_value"):
        return "React looks for an option of this value, and there is none with a mark"
    for marked, called in CALLED.findall(TEXT.sub('""', script)):
        if concerns(marked, rows):
            return f"no server runs .{called}: give the page a var of its own for it"
    if _is_ours(component):  # its scripts take them as they are
        return ""
    if value._var_type is bool and not re.fullmatch(VAR, script):
        return 'only a browser compares here: cond(..., "true", "false")'
    if (typing.get_origin(value._var_type) or value._var_type) in (int, float, list, tuple):
        return "a mark is a text"
    if isinstance(component, MemoComponent) and concerns(script.replace(_LOCALE, ""), rows):
        return "what an rx.memo asks of its properties is asked by the browser only: write it out instead"
    return ""


_LOCALE = f"{name_in_script(SessionState)}.locale_rx_state_"


def _is_ours(component: Component) -> bool:
    return type(component).__module__.startswith("portal_app.")


def _name_of(component: Component) -> str:
    return str(component.tag).strip('"')


def _shortened(value: Var) -> str:
    return re.sub(r"reflex___state\w*____(\w+)", r"\1", str(value))[:120]


@pytest.mark.parametrize("route", PAGES)
def test_what_a_page_shows_of_marks_is_text(route: str) -> None:
    assert list(wrongs(PAGES[route]())) == []


def test_every_address_that_loads_something_is_a_page() -> None:
    assert set(pages.ON_LOAD) <= set(PAGES)
    assert routes.INVOICES in PAGES


@dataclass(frozen=True)
class Named:
    """A row."""

    name: str


class RulesState(rx.State):
    """Primed."""

    empty: bool = False
    name: str = ""
    rows: list[Named] = []


declare_vars(RulesState, "empty", "name", "rows")
S = RulesState


@rx.memo
def shown_by_a_memo(label: rx.Var[str]) -> rx.Component:
    """Asks something of its property."""
    return rx.el.p(cond(label == "", "none", label))


GOOD: list[Callable[[], rx.Component]] = [
    lambda: rx.el.div(class_name=cond(S.empty, "hidden", "")),
    lambda: cond(S.empty, rx.el.p(hidden=True), rx.el.p()),
    lambda: rx.el.p(S.name, title=S.name, id=S.name),
    lambda: rx.el.p(aria_busy=S.empty),
    lambda: rx.el.p(aria_pressed=cond(S.name == "a", "true", "false")),
    lambda: rx.el.p(title=f"{S.name} and more"),
    lambda: rx.el.p(hidden=~rx.State.is_hydrated),
    lambda: rx.el.select(rx.el.option("a", value="a"), default_value="a"),
    lambda: each(S.rows, lambda row: rx.el.p(row.name, title=row.name)),
]
BAD: list[tuple[Callable[[], rx.Component], str]] = [
    (lambda: rx.el.div(hidden=S.empty), "no text there"),
    (lambda: rx.el.button(disabled=~S.empty), "no text there"),
    (lambda: rx.el.input(read_only=S.empty), "no text there"),
    (lambda: rx.el.input(checked=S.name == "a"), "no text there"),
    (lambda: rx.el.details(rx.el.p(rx.el.dialog(open=S.empty))), "no text there"),
    (lambda: cond(S.name == "", rx.el.p(), rx.el.p(hidden=S.empty)), "no text there"),
    (lambda: rx.el.p(custom_attrs={"inert": S.empty}), "no text there"),
    (lambda: each(S.rows, lambda row: rx.el.option(row.name, selected=row.name == "a")), "no text there"),
    (lambda: rx.el.select(value=S.name), "option of this value"),
    (lambda: rx.el.p(aria_pressed=S.name == "a"), "only a browser compares"),
    (lambda: rx.el.p(title=S.name.upper()), "no server runs .toUpperCase"),
    (lambda: rx.el.p(S.name.upper()), "no server runs .toUpperCase"),
    (lambda: rx.el.p(S.rows.length()), "a mark is a text"),
    (lambda: shown_by_a_memo(label=S.name), "rx.memo"),
]


@pytest.mark.parametrize("made", GOOD)
def test_what_can_be_filled_in_is_nothing_wrong(made) -> None:
    assert list(wrongs(made())) == []


@pytest.mark.parametrize(("made", "said"), BAD)
def test_what_no_server_could_fill_in_is_seen(made, said) -> None:
    (wrong,) = wrongs(made())
    assert said in wrong
