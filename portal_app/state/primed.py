"""`@primed`: a load handler whose result is in the HTML already; and who runs such handlers for an answer.

The HTML never waits: handlers read what is kept (mirror, cache, our own database) within 50 ms in all. Whatever fails,
is not kept or takes longer leaves its block as the plain page has it, and the socket's load fills it as always.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import reflex as rx
from reflex.event import EventHandler
from reflex.istate.data import RouterData
from reflex.istate.delta import _resolve_delta
from reflex.state import BaseState
from reflex.utils import format as reflex_format
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.registry import RegistrationContext

from portal_app import wiring
from portal_app.priming.declared import declare, declare_vars, is_primed, marked
from portal_app.priming.handover import Visit
from portal_app.security.policy import Policy, policy_of
from portal_app.security.sessions import Session
from portal_app.state.guard import cookie_items, satisfies
from portal_app.state.live import event_name
from portal_app.state.session import SessionState
from portal_app.storage.kept import NotKept, kept_only, only_kept

log = logging.getLogger(__name__)
Load = TypeVar("Load", bound=Callable[..., Any])
BUDGET_S: Final = 0.05
"""What an answer may take longer for the sake of its data."""

declare_vars(SessionState, "locale", "signed_in")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a page shows first. `values`: state as scripts name it -> var -> value, whole. `told`: JSON of what differs
    from the page's compiled defaults, for the browser."""

    values: Mapping[str, Mapping[str, Any]]
    told: str


def primed(load: Any = None, *, apart: tuple[str, ...] = ()) -> Any:
    """Put right above a load handler, under its policy. `apart`: vars of the state that are in no markup.

    The handler does not yield, and returns nothing or another primed handler of its state, which then goes on. In a
    tab it first takes over what the HTML answer of this visit showed, if nothing has changed since, and always says
    every var: the browser starts with the HTML's.
    """
    if load is None:
        return functools.partial(primed, apart=apart)

    @functools.wraps(load)
    async def once(self: rx.State) -> EventHandler | None:
        if only_kept():  # for an answer
            return await load(self)
        if shown := await _shown(self, load.__name__):
            following = shown.following
            for name, value in shown.values.items():
                setattr(self, name, value)
        else:
            following = await load(self)
        if not self.is_hydrated:
            await _say_all(self)
        return following

    declare(once, apart)
    return once


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a handler left of its state in an answer, and which handler it handed on to."""

    values: Mapping[str, Any]
    following: EventHandler | None


async def _shown(state: rx.State, handler: str) -> _Shown | None:
    """None where there is nothing to take over, and where the page was sent to with something to say, once."""
    if cookie_items(state.router.headers.cookie).get("flash"):
        return None
    ident = await state.get_state(SessionState)
    url = state.router.url
    visit = _visit(ident._session_id, ident._user_id, ident.locale, url.path, url.query)
    kept = wiring.handover().take(visit, event_name(type(state), handler))
    return kept["shown"] if kept else None  # type: ignore[return-value]


async def _say_all(state: rx.State) -> None:
    """The browser's first values are the HTML's, of which Reflex knows nothing: it must hear every one."""
    for name in marked(type(state)):
        setattr(state, name, state.get_value(name))
    ident = await state.get_state(SessionState)
    ident.signed_in = ident.signed_in


def _visit(session_id: str, user_id: str, locale: str, path: str, query: str) -> Visit:
    return Visit(session_id, user_id if session_id else "", f"{locale}|{path.rstrip('/')}?{query}")


class FirstData:
    """Runs the primed handlers of a page for its HTML answer. `on_load`: path pattern -> handlers, as pages declare."""

    def __init__(self, on_load: Mapping[str, Iterable[EventHandler]]) -> None:
        self._loads = {
            route.strip("/"): [handler for handler in handlers if is_primed(handler.fn)]
            for route, handlers in on_load.items()
        }

    def covers(self, route: str) -> bool:
        """Whether a page has anything to say at once."""
        return bool(self._loads.get(route)) and wiring.settings().FIRST_DATA == "on"

    def plain(self, locale: str) -> Filled:
        """The page before anything is known, in a language."""
        root = _tree("/", None, locale)
        return _filled(root, root.get_delta())

    async def of(self, route: str, path: str, query: str, session: Session | None, locale: str) -> Filled | None:
        """What the page shows first; None where that is not to be had in time."""
        root = _tree(path + (f"?{query}" if query else ""), session, locale)
        allowed = [handler for handler in self._loads[route] if _allows(policy_of(handler.fn), session)]
        visit = _visit(session.session_id if session else "", session.user_id if session else "", locale, path, query)
        work = asyncio.create_task(_run(root, allowed, visit, session), name="first-data")
        done, _ = await asyncio.wait({work}, timeout=BUDGET_S)
        if not done:
            log.warning("first_data_late", extra={"path": route})
            work.add_done_callback(lambda task: task.cancelled() or task.exception())
            return None
        return work.result()


def _allows(policy: Policy | None, session: Session | None) -> bool:
    """As the guard decides for the same handler in a tab."""
    return policy is not None and (policy.who == "public" or satisfies(policy, session))


async def _run(root: rx.State, handlers: Iterable[EventHandler], visit: Visit, session: Session | None) -> Filled:
    handover = wiring.handover()
    ticket = handover.begin(visit)
    waiting, ended = deque(handlers), {}
    with kept_only():
        while waiting:
            handler = waiting.popleft()
            state = _state_of(handler, root)
            before = _vars_of(state)
            try:
                following = await handler.fn(state)
            except Exception as failure:
                if not isinstance(failure, NotKept):
                    log.error("first_data_failed", extra={"event": _name(handler), "error": type(failure).__name__})
                for var, value in before.items():  # its block as if it had not begun
                    setattr(state, var, value)
                continue
            ended[_name(handler)] = (handler, following)
            if following is not None and _allows(policy_of(following.fn), session):
                waiting.appendleft(following)
    filled = _filled(root, await _resolve_delta(root.get_delta()))
    for name, (handler, following) in ended.items():
        state = _state_of(handler, root)
        values = {var: state.get_value(var) for var in state.dirty_vars | marked(type(state))}
        handover.keep(visit, name, ticket, {"shown": _Shown(values, following)})
    return filled


def _vars_of(state: BaseState) -> dict[str, Any]:
    """Its own ones, with those that no browser hears of."""
    fields = type(state).__fields__  # type: ignore[attr-defined]
    return {var: copy(state.get_value(var)) for var, field in fields.items() if field._owner is type(state)}


def _state_of(handler: EventHandler, root: rx.State) -> BaseState:
    return root.get_substate(handler.state_full_name.split("."))


def _name(handler: EventHandler) -> str:
    return f"{handler.state_full_name}.{handler.fn.__name__}"


def _fresh() -> rx.State:
    """A whole tree of states, for nobody: an instance costs 0.2 ms."""
    return rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]


def _tree(url: str, session: Session | None, locale: str) -> rx.State:
    """A state tree of one answer, bound to its session as the guard binds a tab."""
    root = _fresh()
    cookie = f"ref={session.session_id}" if session else ""
    root.router = RouterData.from_router_data({"asPath": url, "pathname": url, "headers": {"cookie": cookie}})
    ident = root.get_substate(SessionState.get_full_name().split("."))
    assert isinstance(ident, SessionState)
    ident.locale = locale
    ident._bind(session.session_id if session else "", session.user_id if session else "")
    return root


def _filled(root: rx.State, delta: Mapping[str, Mapping[str, Any]]) -> Filled:
    told = {
        name: {var: value for var, value in said.items() if var.removesuffix(FIELD_MARKER) in shown}
        for name, said in delta.items()
        if (shown := _shown_of(name))
    }
    text = reflex_format.json_dumps(told)
    said = {name.replace(".", "__"): values for name, values in json.loads(text).items()}
    return Filled({name: {**values, **said.get(name, {})} for name, values in _defaults().items()}, text)


def _shown_of(name: str) -> frozenset[str]:
    """The vars of a state, by its full name, that the browser hears of in an answer: marks, and what is beside them."""
    state = RegistrationContext.get().base_states.get(name)
    if state is None or not marked(state):
        return frozenset()
    return marked(state) if state is SessionState else frozenset(state.base_vars)


@functools.cache
def _defaults() -> dict[str, dict[str, Any]]:
    """What every var is before anything is known, as scripts name states."""
    compiled = _fresh().dict(initial=True)
    return {name.replace(".", "__"): values for name, values in json.loads(reflex_format.json_dumps(compiled)).items()}
