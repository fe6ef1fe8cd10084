"""What one process remembers of sessions, so that not every event asks the database; ends are heard of at once."""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from portal_app.security.session import Session
from portal_app.security.session_rows import IDLE, alive

KEPT: Final = timedelta(seconds=5)
TOUCH_EVERY: Final = timedelta(minutes=1)
MOST_KEPT: Final = 10_000


class SessionMemory:
    """`endings` counts: what was read while one was heard of may be over, and is not kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[datetime, Session | None]] = OrderedDict()
        self._touched: OrderedDict[str, datetime] = OrderedDict()
        self.endings = 0

    def recent(self, session_id: str, now: datetime) -> tuple[datetime, Session | None] | None:
        """What was read of it within five seconds."""
        kept = self._kept.get(session_id)
        return kept if kept is not None and now - kept[0] < KEPT else None

    def keep(self, session_id: str, kept: tuple[datetime, Session | None], endings: int) -> None:
        """Remember it, if nothing has ended since `endings` was looked at."""
        if endings == self.endings:
            _remember(self._kept, session_id, kept)

    def forget(self, session_id: str) -> None:
        """It is over."""
        self.endings += 1
        self._kept.pop(session_id, None)

    def forget_all(self) -> None:
        """Some may be over that nobody told us of."""
        self.endings += 1
        self._kept.clear()

    def due(self, session_id: str, now: datetime) -> bool:
        """Whether a touch is to be written: once a minute."""
        last = self._touched.get(session_id)
        if last is not None and now - last < TOUCH_EVERY:
            return False
        _remember(self._touched, session_id, now)
        return True

    def touched(self, session_id: str, now: datetime) -> None:
        """It was written."""
        kept = self._kept.get(session_id)
        if kept is not None and kept[1] is not None and alive(kept[1], now):
            self._kept[session_id] = (kept[0], replace(kept[1], idle_until=now + IDLE))


def _remember(kept: OrderedDict[str, Any], key: str, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
