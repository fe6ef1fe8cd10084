"""Which handlers are primed, and which vars of which states are marks in the prerendered pages."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Literal

from reflex.state import BaseState
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.registry import RegistrationContext

_APART = "__primed_apart__"
_ALWAYS: dict[str, frozenset[str]] = {}


class UnsupportedVar(TypeError):
    """A var of a primed state that no mark can stand for. The build ends with it."""


def declare(function: Callable[..., Any], apart: tuple[str, ...]) -> None:
    """`function` is a primed load handler; vars named in `apart` are in no markup."""
    setattr(function, _APART, frozenset(apart))


def declare_vars(state: type[BaseState], *names: str) -> None:
    """These vars of a state without a load handler are marks, too: what Edge knows of every visitor."""
    _ALWAYS[state.get_full_name()] = frozenset(names)
    marked.cache_clear()


def is_primed(function: Callable[..., Any]) -> bool:
    """Whether a handler's function was declared."""
    return hasattr(function, _APART)


def handlers_of(state: type[BaseState]) -> Iterator[Callable[..., Any]]:
    """The functions of a state's primed handlers."""
    for handler in state.event_handlers.values():
        if is_primed(handler.fn):
            yield handler.fn


@lru_cache(maxsize=256)
def marked(state: type[BaseState]) -> frozenset[str]:
    """The vars of a state that are marks in the prerender; none for a state without a primed handler."""
    always = _ALWAYS.get(state.get_full_name(), frozenset())
    primed = list(handlers_of(state))
    if not primed:
        return always
    apart = frozenset().union(*(getattr(function, _APART) for function in primed))
    return always | (frozenset(state.base_vars) - apart)


def name_in_script(state: type[BaseState]) -> str:
    """What Reflex calls the state in the scripts it writes."""
    return state.get_full_name().replace(".", "__")


def is_marked(name: str, var: str) -> bool:
    """Whether this var, of the state with this name in scripts, is a mark."""
    state = _by_script_name().get(name)
    return state is not None and var in marked(state)


def _by_script_name() -> dict[str, type[BaseState]]:
    return {name_in_script(state): state for state in RegistrationContext.get().base_states.values()}


def samples() -> dict[str, dict[str, Any]]:
    """State -> var as the browser names them -> what stands for its value in the prerender.

    Raises: UnsupportedVar, naming state and var.
    """
    return {
        state.get_full_name(): {
            name + FIELD_MARKER: sample(f"{name_in_script(state)}.{name}{FIELD_MARKER}", state, name)
            for name in sorted(marked(state))
        }
        for state in RegistrationContext.get().base_states.values()
        if marked(state)
    }


def sample(path: str, state: type[BaseState], name: str) -> Any:
    """What stands for one var. Raises: UnsupportedVar."""
    kind = typing.get_type_hints(state)[name]
    where = f"{state.__name__}.{name}"
    if typing.get_origin(kind) is list and is_dataclass(row := typing.get_args(kind)[0]):
        return [_row(each_name(path), row, where)]
    if is_dataclass(kind):
        return _row(path, kind, where)
    return _mark(path, name, kind, where)


def each_name(path: str) -> str:
    """The name of the row at hand within a loop over this list."""
    return "each_" + path.replace(".", "_")


def _row(path: str, row: Any, where: str) -> dict[str, Any]:
    hints = typing.get_type_hints(row)
    return {
        f.name: _mark(f"{path}.{f.name}", f.name, hints[f.name], f"{where}, {row.__name__}.{f.name}")
        for f in fields(row)
    }


def _mark(path: str, name: str, kind: Any, where: str) -> str:
    if kind is bool:
        return f"\ue000{path}|script\ue001"
    if kind is str:
        is_path = name.endswith(("href", "action"))
        return f"/\ue006{path}\ue007" if is_path else f"\ue000{path}\ue001"
    if typing.get_origin(kind) is Literal and all(isinstance(value, str) for value in typing.get_args(kind)):
        return f"\ue000{path}\ue001"
    shown = kind if isinstance(kind, types.GenericAlias) else getattr(kind, "__name__", kind)
    raise UnsupportedVar(
        f"{where} is {shown}: what is shown of a primed state is str, bool or Literal of strings, a flat dataclass of "
        "these or a list of such; write numbers and dates as text, or name the var in @primed(apart=...)"
    )
