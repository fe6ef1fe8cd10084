"""What the owner of an account may see of its safety: where they are signed in, and what happened lately."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A live session as its owner may see it. `handle` names it and opens nothing; times are UTC."""

    handle: str
    device: str
    started_at: datetime
    last_seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Activity:
    """One act as its owner may read it. `at` is UTC; `device` is "" where no session is known any more."""

    at: datetime
    event: str
    outcome: str
    device: str = ""
