"""`cond`, `match` and `each`: Reflex's own in the browser, and both branches between marks in the prerender.

Vite replaces `import.meta.env.SSR` by a constant, so nothing of the marks reaches a browser. Marks within texts are
private-use characters; between elements they are elements of their own, so that React keeps its distance to texts.
"""

from __future__ import annotations

import functools
import json
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import reflex as rx
from reflex_base.compiler.templates import _RenderUtils
from reflex_base.components.component import BaseComponent, field
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.vars import VarData
from reflex_base.vars.base import LiteralVar, Var
from reflex_components_core.core.cond import Cond
from reflex_components_core.core.foreach import Foreach

from portal_app.priming.declared import each_name
from portal_app.priming.expressions import UnreadableCondition, concerns, condition

_SSR = "import.meta.env.SSR"
_NOTHING: Any = object()
_rows: ContextVar[frozenset[str]] = ContextVar("priming_rows", default=frozenset())


class Choice(Cond):
    """One of two components; in the prerender both."""

    asked: str = field(default="", is_javascript_property=False)

    def render(self) -> dict[str, Any]:
        """As Cond renders, with the marks."""
        first, second = (_RenderUtils.render(branch.render()) for branch in self._get_cond_children())
        marks = [_element(f"if {self.asked}"), "a()", _element("else"), "b()", _element("endif")]
        code = f"((a,b)=>{_SSR}?[{','.join(marks)}]:{self.cond!s}?a():b())(()=>({first}),()=>({second}))"
        return {"contents": code}


class Each(Foreach):
    """One component per row; in the prerender one, between the marks of a loop."""

    def render(self) -> dict[str, Any]:
        """As Foreach renders, with the marks round the row."""
        tag = super().render()
        rows = str(self.iterable)
        row = "".join(_RenderUtils.render(child) for child in tag["children"])
        marks = [
            _element(f"for {tag['arg_name']} in {rows}"),
            _element(f"set {each_name(rows)} = {tag['arg_name']}"),
            "a()",
            _element("endfor"),
        ]
        return tag | {"children": [{"contents": f"((a)=>{_SSR}?[{','.join(marks)}]:a())(()=>({row}))"}]}


def cond(asked: Any, first: Any, second: Any = _NOTHING) -> Any:
    """`rx.cond`. Raises: UnreadableCondition for a condition on a primed value that only a browser could decide."""
    asked = LiteralVar.create(asked).bool()
    script, branches = str(asked), (first,) if second is _NOTHING else (first, second)
    if not concerns(script, _rows.get()):
        return rx.cond(asked, *branches)
    spoken = condition(script, _rows.get())
    if any(isinstance(branch, BaseComponent) for branch in branches):
        return _choice(asked, spoken, *branches)
    return _text(script, spoken, rx.cond(asked, *branches), *branches)


def match(value: Any, *cases: Any) -> Any:
    """`rx.match`: the last argument may be the default. A case is (value, ..., result)."""
    value = LiteralVar.create(value)
    if not concerns(str(value), _rows.get()):
        return rx.match(value, *cases)
    *tried, default = cases if not isinstance(cases[-1], tuple) else (*cases, rx.fragment())
    chosen = default
    for *wanted, result in reversed(tried):
        asked = functools.reduce(lambda left, right: left | right, (value == one for one in wanted))
        chosen = cond(asked, result, chosen)
    return chosen


def each(rows: Any, render: Callable[..., rx.Component]) -> rx.Component:
    """`rx.foreach`; over a list of a primed state a loop that the server runs, too."""
    script = str(rows)
    if not concerns(script, _rows.get()):
        return rx.foreach(rows, render)

    @functools.wraps(render)
    def within(row: Any, *index: Any) -> rx.Component:
        with _row_of(str(row)):
            return render(row, *index)

    return Each.create(rows, within)


def _choice(asked: Any, spoken: str, *branches: Any) -> rx.Component:
    parts = [part if isinstance(part, BaseComponent) else rx.fragment(part) for part in branches]
    frame: Any = Choice.create(asked, *parts)
    frame.children[0].asked = spoken
    return frame


def _text(script: str, spoken: str, plain: Any, *branches: Any) -> Any:
    if not all(_is_text(branch) for branch in branches):
        raise UnreadableCondition(f"what depends on {script} is neither a component nor a text")
    first, second = (str(Var.create(branch)) for branch in branches)
    marks = "+".join([_said(f"if {spoken}"), f"({first})", _said("else"), f"({second})", _said("endif")])
    data = VarData.merge(plain._get_all_var_data())
    code = f"({_SSR}?({marks}):({script}?({first}):({second})))"
    if _SSR in first or _SSR in second:  # written once: doubled at every depth it would grow without bounds
        marks = "+".join([_said(f"if {spoken}"), "a()", _said("else"), "b()", _said("endif")])
        code = f"((a,b)=>{_SSR}?({marks}):{script}?a():b())(()=>({first}),()=>({second}))"
    return Var(_js_expr=code, _var_type=str, _var_data=data).guess_type()


def _is_text(value: Any) -> bool:
    if not isinstance(value, Var):
        return isinstance(value, str)
    return value._var_type is str or typing.get_origin(value._var_type) is typing.Literal


def _element(said: str) -> str:
    return f'jsx("x-m",{{k:{json.dumps(said)}}})'


def _said(said: str) -> str:
    return json.dumps(f"\ue002{said}\ue003")


@contextmanager
def _row_of(script: str) -> Iterator[None]:
    name = script if script.endswith(FIELD_MARKER) else ""
    token = _rows.set(_rows.get() | {name})
    try:
        yield
    finally:
        _rows.reset(token)
