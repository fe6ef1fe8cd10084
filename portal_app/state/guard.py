"""The one event middleware: default-deny for every event, whatever its origin (socket, upload, chain or push).

Reflex calls `preprocess` for each event before its handler. The guard never raises: an event that fails here must not
come back as an error event, or browser and server would answer each other for ever.
"""

import inspect
import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Annotated, Any, get_type_hints
from urllib.parse import quote

import reflex as rx
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, create_model
from reflex.event import Event, EventSpec
from reflex.istate.delta import _resolve_delta
from reflex.middleware import Middleware
from reflex.state import (
    BaseState,
    FrontendEventExceptionState,
    OnLoadInternalState,
    State,
    StateUpdate,
    UpdateVarsInternalState,
)
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext

from portal_app import routes, wiring
from portal_app.errors import TooManyTries
from portal_app.observability import correlation, metrics
from portal_app.priming.declared import handlers_of
from portal_app.security.policy import FRESH, Policy, policy_of
from portal_app.security.sessions import Session
from portal_app.state.session import SessionState

log = logging.getLogger(__name__)

FRAMEWORK_HANDLERS = frozenset(
    f"{state.get_full_name()}.{handler}"
    for state, handlers in {
        State: ("hydrate", "hydrate_and_load", "set_is_hydrated"),
        OnLoadInternalState: ("on_load_internal", "set_is_hydrated"),
        UpdateVarsInternalState: ("update_vars_internal",),
        FrontendEventExceptionState: ("handle_frontend_exception",),
    }.items()
    for handler in handlers
)
"""The handlers of Reflex itself that any visitor's browser must be able to call; every other one needs a policy."""

BoundedText = Annotated[str, StringConstraints(max_length=2000)]
BoundedInt = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
BoundedForm = Annotated[dict[BoundedText, BoundedText], Field(max_length=50)]


class Guard(Middleware):
    """Binds each tab to the session behind its socket; lets only declared, authorised, well-formed events through."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the event run; an update replaces it (empty: the event is dropped)."""
        correlation.bind(correlation.new())
        try:
            outcome = await self._check(state, event)
        except Exception as failure:  # a failed check never means "allowed" (I4)
            log.error("guard_failed", extra={"event": event.name[:200], "error": type(failure).__name__})
            return await _announce(state, "session.check_failed")
        metrics.event_seen(event.name, "allowed" if outcome is None else "refused")
        return outcome

    async def _check(self, state: BaseState, event: Event) -> StateUpdate | None:
        if not state.router_data and not _found_again(state):
            return StateUpdate()
        session = await _session_behind(state)
        ident = await state.get_state(SessionState)
        if ident._session_id != (session.session_id if session else ""):
            await _bind(state, ident, session)
        token = state.router.session.client_token
        if session:
            wiring.live_tabs().bind(token, session.session_id, session.user_id)
            if event.router_data:
                wiring.live_tabs().routed(token, event.router_data)
        if event.name in FRAMEWORK_HANDLERS:
            if "hashes" in event.payload:
                await _start_anew(state)
            return None
        registered = RegistrationContext.get().event_handlers.get(event.name)
        function = registered.handler.fn if registered else None
        policy = policy_of(function) if function else None
        if function is None or policy is None:
            log.warning("undeclared_handler", extra={"event": event.name[:200]})
            return StateUpdate()
        if policy.who == "signed_in" and session and session.must_set_password:
            return await _redirected(state, routes.SET_PASSWORD)
        if policy.who == "signed_in" and not satisfies(policy, session):
            return await _to_show_who(state, routes.LOGIN if session is None else _page_that_asks(session))
        if not _arguments_fit(function, event):
            log.warning("bad_arguments", extra={"event": event.name[:200]})
            return StateUpdate()
        if session and event.router_data and not await within_limits(session):
            return await _announce(state, "problem.busy")
        if session:
            for topic in policy.live.split():
                wiring.live_tabs().shows(token, _path_of(state), topic, event.name)
            if event.router_data:  # pushes carry none and never extend idle time
                await wiring.sessions().touch(session.session_id)
        return None


def _found_again(state: BaseState) -> bool:
    """Whether a push to a tab whose state is gone (Redis was emptied) may go on.

    Reflex hydrates such a tab once more, but only if it knows its page and handshake, and a push carries neither.
    """
    router = wiring.live_tabs().router_of(EventContext.get().token)
    if router:
        state.router_data = state._update_router_vars(router, {})
    return bool(router)


def satisfies(policy: Policy, session: Session | None) -> bool:
    """Whether somebody may run a handler that is not for everybody."""
    if session is None or session.customer is None or session.must_set_password:
        return False
    return not policy.fresh or wiring.clock().now() - session.auth_time <= FRESH


async def within_limits(session: Session) -> bool:
    """What a person asks for by clicking is far below it; pushes and chained loads do not count (L5)."""
    try:
        await wiring.limits().hit("read", session.user_id)
    except TooManyTries:
        return False
    return True


async def _session_behind(state: BaseState) -> Session | None:
    """The live session named by the reference Edge put into the handshake, re-checked on every event (S10)."""
    reference = cookie_items(state.router.headers.cookie).get("ref", "")
    return await wiring.sessions().find(reference) if reference else None


def cookie_items(header: str) -> dict[str, str]:
    """Name -> value of a cookie header; empty when it cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header or "").items()}
    except CookieError:
        return {}


async def _bind(state: BaseState, ident: SessionState, session: Session | None) -> None:
    """Give the tab to another session: nothing of the one before survives, in any registered class.

    With Redis only the needed substates are loaded, so walking the loaded tree alone would leak.
    """
    locale = ident.locale
    for state_class in list(RegistrationContext.get().base_states.values()):
        if state_class is not State:
            (await state.get_state(state_class)).reset()
    ident.locale = locale
    ident._bind(session.session_id if session else "", session.user_id if session else "")


async def _start_anew(state: BaseState) -> None:
    """A page was loaded into a tab that had another one, and shows what its HTML came with: what the tab knew is older.

    Only a page's first hydrate says what the browser holds; a line that comes back finds the tab as it left it.
    """
    for state_class in list(RegistrationContext.get().base_states.values()):
        if any(handlers_of(state_class)):
            (await state.get_state(state_class)).reset()


def _page_that_asks(session: Session) -> str:
    """Who is signed in for long shows again who they are; who belongs to no customer has to sign in as one."""
    return routes.CONFIRM if session.customer is not None else routes.LOGIN


async def _to_show_who(state: BaseState, page: str) -> StateUpdate:
    return await _redirected(state, f"{page}?next={quote(_wanted(state), safe='/')}")


def _wanted(state: BaseState) -> str:
    """The page somebody is kept from; of the page that asks who it is, the one it was asked for."""
    url = state.router.url
    asking = url.path.rstrip("/") == routes.CONFIRM
    return routes.safe_next(url.query_parameters.get("next") if asking else _path_of(state))


async def _redirected(state: BaseState, target: str) -> StateUpdate:
    if _path_of(state).rstrip("/") == target:
        return StateUpdate(delta=await _delta(state))  # there already: a redirect would load it again for ever
    return StateUpdate(delta=await _delta(state), events=Event.from_event_type(rx.redirect(target)))


async def _announce(state: BaseState, problem: str) -> StateUpdate:
    try:
        ident = await state.get_state(SessionState)
        ident.problem, ident.problem_reference = problem, correlation.current()
        return StateUpdate(delta=await _delta(state))
    except Exception as failure:
        log.error("guard_could_not_announce", extra={"error": type(failure).__name__})
        return StateUpdate()


async def _delta(state: BaseState) -> Mapping[str, Mapping[str, Any]]:
    root = state._get_root_state()
    delta = await _resolve_delta(root.get_delta())
    root._clean()
    return delta


def _path_of(state: BaseState) -> str:
    url = state.router.url
    return url.path + (f"?{url.query}" if url.query else "")


def _arguments_fit(function: Callable[..., Any], event: Event) -> bool:
    """Validate and bound the payload in place; annotations are only hints to Reflex itself."""
    try:
        checked = argument_model(function).model_validate(event.payload)
    except ValidationError:
        return False
    event.payload.update({name: getattr(checked, name) for name in event.payload})
    return True


@lru_cache(maxsize=512)
def argument_model(function: Callable[..., Any]) -> type[BaseModel]:
    """A strict model of a handler's arguments. Raises TypeError for an argument without a supported annotation."""
    hints = get_type_hints(function)
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        bounded = {str: BoundedText, int: BoundedInt, bool: bool, dict: BoundedForm, dict[str, str]: BoundedForm}.get(
            hints.get(name)  # type: ignore[arg-type]
        )
        if bounded is None:
            raise TypeError(f"{function.__qualname__}: argument {name} needs str, int, bool or dict[str, str]")
        fields[name] = (bounded, ... if parameter.default is inspect.Parameter.empty else parameter.default)
    return create_model(function.__qualname__, __config__=ConfigDict(extra="forbid", strict=True), **fields)


def explain(exception: Exception) -> EventSpec:
    """Reflex's hook for an exception in a handler: logged by type and place, shown as a sentence with a reference."""
    trace = exception.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""
    correlation.bind(correlation.current())  # Reflex may call this outside the event's own context
    log.error("handler_failed", extra={"error": type(exception).__name__, "place": place})
    event: Any = SessionState.announce_problem  # calling a handler on its class makes an event
    return event("problem.our_bug", correlation.current())
