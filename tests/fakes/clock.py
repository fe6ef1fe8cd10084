"""A clock that moves only when told."""

from datetime import UTC, datetime, timedelta

from portal_app.storage.clock import Clock


class FakeClock(Clock):
    """Starts on a Thursday noon in Japan."""

    def __init__(self, at: datetime = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta | float) -> datetime:
        """Move on by a timedelta or by seconds; gives the new time."""
        self.at += by if isinstance(by, timedelta) else timedelta(seconds=by)
        return self.at
