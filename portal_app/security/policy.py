"""What a caller must be to run an event handler. Every public method of a state declares one; undeclared is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, TypeVar, overload

from portal_app.errors import ConfigError

Handler = TypeVar("Handler", bound=Callable[..., Any])

ATTRIBUTE = "__portal_policy__"
FRESH: Final = timedelta(minutes=5)
"""How recently somebody must have shown who they are, before something that matters (S6)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`live`: the bus topics, apart by spaces, that re-run the handler on tabs showing it.

    `fresh`: signed in, or confirmed, within 5 minutes.
    """

    who: Literal["public", "signed_in"]
    live: str = ""
    fresh: bool = False


def public(handler: Handler) -> Handler:
    """Anybody may run it, signed in or not: it must neither read nor write customer data."""
    return _declare(handler, Policy("public"))


@overload
def signed_in(handler: Handler) -> Handler: ...
@overload
def signed_in(*, live: str = "", fresh: bool = False) -> Callable[[Handler], Handler]: ...
def signed_in(handler: Any = None, *, live: str = "", fresh: bool = False) -> Any:
    """Only with a live session. Without one the tab is emptied and sent to the sign-in page."""
    policy = Policy("signed_in", live=live, fresh=fresh)
    if handler is not None:
        return _declare(handler, policy)
    return lambda fn: _declare(fn, policy)


def policy_of(handler: Callable[..., Any]) -> Policy | None:
    """The declared policy of a handler function, or None."""
    return getattr(handler, ATTRIBUTE, None)


def _declare(handler: Handler, policy: Policy) -> Handler:
    if policy_of(handler) is not None:
        raise ConfigError([f"{handler.__qualname__} declares two policies"])
    # Reflex wraps functions in EventHandler objects; the attribute goes onto the function either way.
    setattr(getattr(handler, "fn", handler), ATTRIBUTE, policy)
    return handler
