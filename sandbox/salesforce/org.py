"""One Salesforce org: its records, sessions, request allocation, open query cursors and keys."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.pubsub.bus import EventBus
from sandbox.salesforce import ids
from sandbox.salesforce.keys import Keys
from sandbox.salesforce.records import ORG_ID, Record, Records
from sandbox.store import Store

SESSION_S = 2 * 3600
TOUCH_EVERY_S = 60
MOST_CURSORS = 50
DAILY_REQUESTS = 1_000_000


@dataclass(slots=True)
class Allocation:
    """The rolling day is one long day here; staff may set how much of it is spent."""

    most: int = DAILY_REQUESTS
    used: int = 0

    @property
    def header(self) -> str:
        return f"api-usage={self.used}/{self.most}"


@dataclass(slots=True)
class Cursors:
    """Rows of a query that wait for their next page. Forgotten by a restart, the oldest first."""

    kept: OrderedDict[str, list[Record]] = field(default_factory=OrderedDict)
    count: int = 0

    def open(self, rows: list[Record]) -> str:
        self.count += 1
        name = ids.make("01g", self.count)
        self.kept[name] = rows
        while len(self.kept) > MOST_CURSORS:
            self.kept.popitem(last=False)
        return name


class Sessions:
    """Access tokens. Use keeps them alive; staff may end them all."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def open(self) -> str:
        token = f"{ORG_ID[:15]}!AQ4AQ{secrets.token_urlsafe(48)}"
        self._store.insert("sf_sessions", token=token, used_at=self._clock.unix())
        return token

    def valid(self, token: str) -> bool:
        used_at = self._store.value("SELECT used_at FROM sf_sessions WHERE token = ?", token)
        now = self._clock.unix()
        if used_at is None or now - used_at > SESSION_S:
            return False
        if now - used_at > TOUCH_EVERY_S:
            self._store.execute("UPDATE sf_sessions SET used_at = ? WHERE token = ?", now, token)
        return True

    def count(self) -> int:
        least = self._clock.unix() - SESSION_S
        return int(self._store.value("SELECT COUNT(*) FROM sf_sessions WHERE used_at >= ?", least))

    def expire(self, token: str | None = None) -> int:
        """All of them, or one. How many there were."""
        if token is None:
            return self._store.execute("DELETE FROM sf_sessions")
        return self._store.execute("DELETE FROM sf_sessions WHERE token = ?", token)


class Org:
    def __init__(self, config: Config, clock: Clock, store: Store, faults: Faults) -> None:
        self.config, self.clock, self.store, self.faults = config, clock, store, faults
        self.records = Records(store, clock)
        self.sessions = Sessions(store, clock)
        self.keys = Keys(config.data, config.sf_public_key)
        self.allocation, self.cursors = Allocation(), Cursors()
        self.events = EventBus(store, clock, self.records)

    def forget(self) -> None:
        """What a reset of the data takes with it: not the keys."""
        self.allocation, self.cursors = Allocation(), Cursors()
        self.events.forget()
