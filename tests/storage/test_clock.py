"""Time."""

import time
from datetime import UTC, date, datetime, timedelta

import time_machine

from portal_app.storage.clock import Clock, DatabaseClock
from tests.fakes.clock import FakeClock


class Server:
    """A database whose clock is wrong by a fixed time."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    async def now(self) -> datetime:
        return self.at


def test_now_is_aware_utc():
    assert Clock().now().tzinfo is UTC


def test_the_day_in_japan_begins_at_15_utc():
    assert FakeClock(datetime(2026, 1, 31, 14, 59, tzinfo=UTC)).today_in_japan() == date(2026, 1, 31)
    assert FakeClock(datetime(2026, 1, 31, 15, 0, tzinfo=UTC)).today_in_japan() == date(2026, 2, 1)


async def test_g5_the_clock_of_the_database_decides():
    clock = DatabaseClock()
    told = datetime(2030, 1, 1, tzinfo=UTC)
    await clock.follow(Server(told))
    assert timedelta(0) <= clock.now() - told < timedelta(seconds=5)


async def test_g5_a_jump_of_the_machines_clock_changes_nothing():
    clock = DatabaseClock()
    await clock.follow(Server(datetime(2030, 1, 1, tzinfo=UTC)))
    before = clock.now()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10), tick=True):
        assert timedelta(0) <= clock.now() - before < timedelta(seconds=5)


async def test_the_database_clock_goes_on_by_itself():
    clock = DatabaseClock()
    before = clock.now()
    time.sleep(0.002)  # the steady clock cannot be moved by hand
    assert clock.now() > before


async def test_the_clock_of_a_real_database_can_be_followed(db):
    clock = DatabaseClock()
    await clock.follow(db)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
