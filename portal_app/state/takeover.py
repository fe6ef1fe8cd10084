"""What an HTML answer showed, taken over by the tab that opens: first the whole screen, then handler after handler.

The screen is what the browser shows already, so the tab starts from it even where something changed since: what has to
be read anew then changes its own part only, and the parts beside it stay. Whether a handler has to read is another
question, and one of it alone: not where the answer was shown what it read and nothing has changed since.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import reflex as rx
from reflex.event import EventHandler
from reflex.state import BaseState

from portal_app import wiring
from portal_app.priming.declared import handlers_of, marked
from portal_app.priming.handover import Visit
from portal_app.security.policy import policy_of
from portal_app.state.guard import cookie_items
from portal_app.state.live import event_name
from portal_app.state.session import SessionState


@dataclass(frozen=True, slots=True)
class Ended:
    """A handler that ran to its end for an answer, the state it filled, and which handler it handed on to.

    `old`: it was given a copy past its time. That is on the screen; the tab reads what has come since.
    """

    handler: EventHandler
    state: BaseState
    following: EventHandler | None
    old: bool = False


def visit_of(session_id: str, user_id: str, locale: str, path: str, query: str) -> Visit:
    """The same for the answer and for the tab, however the address is written."""
    return Visit(session_id, user_id if session_id else "", f"{locale}|{path.rstrip('/')}?{query}")


def hand_over(visit: Visit, ticket: int, ended: Iterable[Ended]) -> None:
    """Keep what an answer shows for the tab that will open, once all its handlers have run."""
    answer, handover, ended = uuid4().hex, wiring.handover(), list(ended)
    for state in {id(one.state): one.state for one in ended}.values():
        values = {var: state.get_value(var) for var in state.dirty_vars | marked(type(state))}
        handover.keep(_screen_of(visit), state.get_full_name(), ticket, {"answer": answer, "values": values})
    for one in (one for one in ended if not one.old):
        name = f"{one.handler.state_full_name}.{one.handler.fn.__name__}"
        handover.keep(visit, name, ticket, {"answer": answer, "following": one.following})


class Opening:
    """One event of a tab that opens a page: a load handler that was primed."""

    def __init__(self, state: rx.State, ident: SessionState, handler: str) -> None:
        self._state, self._ident, self._handler = state, ident, handler
        self._name, url = type(state).get_full_name(), state.router.url
        self._visit = visit_of(ident._session_id, ident._user_id, ident.locale, url.path, url.query)

    def take_over(self) -> Mapping[str, Any] | None:
        """Show what the answer showed, before the first handler of this state. Then what this one left, if that still
        holds: `following`. None: load. So it is where the page was sent to with something to say, once."""
        place = f"{self._state.router.session.session_id}|{self._visit.place}"
        if self._known.place != place:
            self._remember(_Known(place, self._take_screen()))
        if not self._known.answer or cookie_items(self._state.router.headers.cookie).get("flash"):
            return None
        kept = wiring.handover().take(self._visit, event_name(type(self._state), self._handler))
        return kept if kept and kept["answer"] == self._known.answer else None

    def say(self) -> None:
        """After the handler. Where no screen was found the browser shows one all the same, of which nothing is known
        here: once all handlers of the state have run it hears every var, and not before, for it would lose what it
        shows of those that are still to run."""
        if self._known.answer:
            return
        ran = self._known.ran | {self._handler}
        self._remember(_Known(self._known.place, "", ran))
        if ran >= {function.__name__ for function in handlers_of(type(self._state)) if self._may_run(function)}:
            self._say_all()

    def _take_screen(self) -> str:
        kept = wiring.handover().take(_screen_of(self._visit), self._name)
        if kept is None:
            return ""
        for var, value in kept["values"].items():  # type: ignore[attr-defined]
            setattr(self._state, var, value)
        self._say_all()
        return str(kept["answer"])

    def _say_all(self) -> None:
        """The browser's first values are the HTML's, of which Reflex knows nothing: it must hear every one."""
        for var in marked(type(self._state)):
            setattr(self._state, var, self._state.get_value(var))
        self._ident.signed_in = self._ident.signed_in

    def _may_run(self, function: Callable[..., Any]) -> bool:
        policy = policy_of(function)
        return policy is not None and (policy.who == "public" or bool(self._ident._session_id))

    @property
    def _known(self) -> "_Known":
        return _Known(*self._ident._openings.get(self._name, ("", "", frozenset())))

    def _remember(self, known: "_Known") -> None:
        self._ident._openings = {**self._ident._openings, self._name: (known.place, known.answer, known.ran)}


@dataclass(frozen=True, slots=True)
class _Known:
    """Where a tab opened last, the answer whose screen it started from, and else which handlers have run there."""

    place: str
    answer: str
    ran: frozenset[str] = frozenset()


async def opening(state: rx.State, handler: str) -> Opening | None:
    """None in a tab that is open: what is asked for there is read."""
    return None if state.is_hydrated else Opening(state, await state.get_state(SessionState), handler)


def _screen_of(visit: Visit) -> Visit:
    """What a browser shows it shows, whatever changes: for the handover a visit that no change of somebody's voids."""
    return Visit("", "", f"{visit.session_id}|{visit.place}")
