"""What travels, as plain values, and what the client needs to be given."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class WireEvent:
    """`event_id` may be "" for change events. `replay_id` is opaque: stored, sent back, never computed or compared."""

    event_id: str
    schema_id: str
    payload: bytes = field(repr=False)
    replay_id: bytes


@dataclass(frozen=True, slots=True)
class Fetched:
    """One response. Without events it says: alive, and `position` is how far this subscription has come."""

    events: tuple[WireEvent, ...]
    position: bytes
    pending: int


class Preset(Enum):
    """Where to begin without a replay id: with what happens from now on, or with all that is retained (72 h)."""

    LATEST = "latest"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class After:
    """Begin strictly after this replay id, which is never empty."""

    replay_id: bytes


Start = Preset | After


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Salesforce speaks every 270 s while there is credit; `silence_s` without a word is a dead line."""

    call_s: float = 10.0
    silence_s: float = 300.0
    http2_ping_s: float = 60.0
    http2_pong_s: float = 20.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    slow_down_s: float = 180.0
    refused_s: float = 300.0
    spent_s: float = 3600.0


class Token(Protocol):
    """A token for one org, as `tokens.Token` is one."""

    @property
    def value(self) -> str: ...
    @property
    def origin(self) -> str:
        """Scheme and host of the instance, no slash at the end."""
        ...

    @property
    def organization_id(self) -> str:
        """15 or 18 characters."""
        ...


class TokenSource(Protocol):
    """Where tokens come from, as `tokens.Tokens` is one."""

    async def get(self) -> Token:
        """Raises: UpstreamError."""
        ...

    def forget(self, token: Any, /) -> None:
        """This very token was refused."""
        ...
