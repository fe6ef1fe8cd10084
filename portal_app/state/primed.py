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
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import reflex as rx
from reflex.event import EventHandler
from reflex.istate.data import RouterData
from reflex.state import BaseState
from reflex.utils import format as reflex_format
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.registry import RegistrationContext

from portal_app import wiring
from portal_app.priming.declared import declare, declare_vars, is_primed, marked
from portal_app.security.policy import Policy, policy_of
from portal_app.security.sessions import Session
from portal_app.state.guard import satisfies, within_limits
from portal_app.state.session import SessionState
from portal_app.state.takeover import Ended, hand_over, opening, visit_of
from portal_app.storage.kept import NotKept, kept_only, only_kept

log = logging.getLogger(__name__)
Load = TypeVar("Load", bound=Callable[..., Any])
declare_vars(SessionState, "locale", "signed_in")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a page shows first. `values`: state as scripts name it -> var -> value, whole. `told`: JSON of what differs
    from the page's compiled defaults, for the browser. `missing`: there is no such record, or it is somebody else's."""

    values: Mapping[str, Mapping[str, Any]]
    told: str
    missing: bool = False


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
        tab = None if only_kept() else await opening(self, load.__name__)
        if tab is None:
            return await load(self)
        shown = tab.take_over()
        following = shown["following"] if shown else await load(self)
        tab.say()
        return following

    declare(once, apart)
    return once


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
        """What the page shows first; None where that is not to be had in time, and for whoever asks for too much."""
        if session and not await within_limits(session):
            return None
        root = _tree(path + (f"?{query}" if query else ""), session, locale)
        allowed = [handler for handler in self._loads[route] if _allows(policy_of(handler.fn), session)]
        visit = visit_of(session.session_id if session else "", session.user_id if session else "", locale, path, query)
        answer = _Answer(root, session)
        ticket = wiring.handover().begin(visit)
        work = asyncio.create_task(answer.run(allowed), name="first-data")
        done, _ = await asyncio.wait({work}, timeout=budget_s())
        if done:
            work.result()
        else:
            log.warning("first_data_late", extra={"route": route})
            work.add_done_callback(lambda task: task.cancelled() or task.exception())
        filled = answer.so_far()
        if not done and not answer.ended:
            return None
        hand_over(visit, ticket, answer.ended)
        return filled


def budget_s() -> float:
    """What an answer may take longer for the sake of its data."""
    return wiring.settings().FIRST_DATA_BUDGET_MS / 1000


def _allows(policy: Policy | None, session: Session | None) -> bool:
    """As the guard decides for the same handler in a tab."""
    return policy is not None and (policy.who == "public" or satisfies(policy, session))


class _Answer:
    """The handlers of one answer, one after the other. What is late is left out: nobody waits, nothing is cancelled."""

    def __init__(self, root: rx.State, session: Session | None) -> None:
        self.ended: list[Ended] = []
        self._root, self._session = root, session
        self._at_work: tuple[BaseState, dict[str, Any]] | None = None
        self._over = False

    async def run(self, handlers: Iterable[EventHandler]) -> None:
        waiting = deque(handlers)
        while waiting and not self._over:
            following = await self._run(waiting.popleft())
            if following is not None and _allows(policy_of(following.fn), self._session):
                waiting.appendleft(following)

    async def _run(self, handler: EventHandler) -> EventHandler | None:
        state = self._root.get_substate(handler.state_full_name.split("."))
        self._at_work = (state, _vars_of(state))
        try:
            with kept_only() as looked:
                following: EventHandler | None = await handler.fn(state)
        except Exception as failure:
            if not isinstance(failure, NotKept):
                name = f"{handler.state_full_name}.{handler.fn.__name__}"
                log.error("first_data_failed", extra={"event": name, "error": type(failure).__name__})
            self._undo()
            return None
        self._at_work = None
        if not self._over:
            self.ended.append(Ended(handler, state, following, old=looked.old))
        return following

    def so_far(self) -> Filled:
        """What has ended by now; whoever is still at work changes nothing any more."""
        self._over = True
        self._undo()
        filled = _filled(self._root, self._root.get_delta())
        return replace(filled, missing=any(getattr(one.state, "found", "") == "missing" for one in self.ended))

    def _undo(self) -> None:
        """Its block as if it had not begun."""
        state, before = self._at_work or (self._root, {})
        for var, value in before.items():
            setattr(state, var, value)
        self._at_work = None


def _vars_of(state: BaseState) -> dict[str, Any]:
    """Its own ones, with those that no browser hears of."""
    fields = type(state).__fields__
    return {var: copy(state.get_value(var)) for var, field in fields.items() if field._owner is type(state)}


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
