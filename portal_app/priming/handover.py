"""What an HTML answer showed, kept for seconds: the first load of the same visit takes it over and reads nothing again.

Only when nothing changed meanwhile. A hint on the bus says that something of a user changed, not what, so it voids all
that is kept for that user, whatever its topic. That includes a hint of the very read that is kept, such as a refresh
that landed: newer rows are there. A hint between a read and its keeping voids it too, which is what tickets are for.

In this process only. Where the socket ends up in another one nothing is found and the page loads as ever: correct, one
read more. Shared, it would have to be sealed, and a hint could come after the taking of what it should have voided.

A hint that is still on its way from another process, or missed while the bus is cut off, makes no difference to a live
page: its tab is noted before the load runs, and is told to read again as soon as the hint or the bus is back.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from portal_app.storage.bus import RECONNECTED, Bus
from portal_app.storage.clock import Clock

MOST_ALIKE: Final = 3
"""Tabs that one session opens on the same place at the same time."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at what. `place` is `locale|path?query` as the tab shows it. A visitor has neither session nor user.

    All visitors of a place are one visit: keep for them only what every visitor sees alike.
    """

    session_id: str
    user_id: str
    place: str

    def __post_init__(self) -> None:
        """Raises: ValueError for half a person, whose changes nobody could tell."""
        if bool(self.session_id) != bool(self.user_id):
            raise ValueError("a session and its user, or neither")

    @property
    def owners(self) -> tuple[str, ...]:
        """How topics of the bus begin that are about this visit; none for a visitor."""
        return (f"customer:{self.user_id}", f"session:{self.session_id}") if self.user_id else ()


class Handover:
    """Nothing is kept before `start` and after `stop`: who hears no hints knows of no change."""

    def __init__(self, bus: Bus, clock: Clock, *, kept_s: float = 20.0, most: int = 5_000) -> None:
        self._bus, self._clock = bus, clock
        self._kept_for, self._most = timedelta(seconds=kept_s), most
        self._changes, self._shelf = _Changes(most), _Shelf()
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Listen. What was read before this is not kept."""
        if not self._unsubscribe:
            # Plain callbacks: they have run when a publisher of this process goes on.
            self._unsubscribe = [
                self._bus.subscribe("customer:", self._owner_changed),
                self._bus.subscribe("session:", self._owner_changed),
                self._bus.subscribe("everybody:", self._all_changed),
                self._bus.subscribe(RECONNECTED, self._all_changed),
            ]
            self._all_changed()

    def stop(self) -> None:
        """Stop listening and forget everything."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._all_changed()

    def begin(self, visit: Visit) -> int:
        """The ticket to `keep` with: call this before anything is read for the visit.

        One ticket does for every handler of the page. Nothing is kept for it: one that is never used costs nothing.
        """
        return self._changes.ticket()

    def keep(self, visit: Visit, handler: str, ticket: int, values: Mapping[str, object]) -> None:
        """Keep what the handler showed; nothing happens when the ticket is void.

        The mapping is copied, what is in it is not: nobody may change that any more.
        """
        now = self._clock.now()
        self._shelf.drop_expired(now)
        if not self._unsubscribe or self._changes.since(ticket, visit.owners):
            return
        self._shelf.put(_Kept(visit, handler, now + self._kept_for, MappingProxyType(dict(values))))
        while len(self._shelf) > self._most:
            self._shelf.drop_oldest()

    def take(self, visit: Visit, handler: str) -> Mapping[str, object] | None:
        """What was kept last for the handler, which is gone afterwards; None: read it.

        Only for the first load of a visit: what asks later wants to know what is there now.
        """
        now = self._clock.now()
        self._shelf.drop_expired(now)
        kept = self._shelf.take(visit, handler)
        return kept.values if kept is not None and kept.until > now else None

    @property
    def held(self) -> int:
        """How many are kept. What is too old goes with the next call of `keep` or `take`."""
        return len(self._shelf)

    def _owner_changed(self, topic: str, _payload: str) -> None:
        owner = ":".join(topic.split(":", 2)[:2])
        self._changes.of(owner)
        self._shelf.drop(owner)

    def _all_changed(self, _topic: str = "", _payload: str = "") -> None:
        self._changes.of_all()
        self._shelf = _Shelf()


class _Changes:
    """Whose changes came after which ticket: both are numbers of one count. Of no more than `most` owners.

    A ticket older than an owner's forgotten change is void for everybody: a read more, never a change less.
    """

    def __init__(self, most: int) -> None:
        self._most, self._count, self._oldest_good = most, 0, 0
        self._last: OrderedDict[str, int] = OrderedDict()

    def ticket(self) -> int:
        return self._count

    def of(self, owner: str) -> None:
        self._count += 1
        self._last[owner] = self._count
        self._last.move_to_end(owner)
        while len(self._last) > self._most:
            _, self._oldest_good = self._last.popitem(last=False)

    def of_all(self) -> None:
        self._count += 1
        self._oldest_good = self._count
        self._last.clear()

    def since(self, ticket: int, owners: tuple[str, ...]) -> bool:
        return ticket < self._oldest_good or any(self._last.get(owner, 0) > ticket for owner in owners)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one handler showed in one answer."""

    visit: Visit
    handler: str
    until: datetime
    values: Mapping[str, object]

    @property
    def labels(self) -> tuple[object, ...]:
        """All that it is found by."""
        return ((self.visit, self.handler), *self.visit.owners)


class _Shelf:
    """What is kept, in order of age, and found by its labels."""

    def __init__(self) -> None:
        self._next = 0
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._labelled: dict[object, OrderedDict[int, None]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, kept: _Kept) -> None:
        self._next += 1
        self._kept[self._next] = kept
        for label in kept.labels:
            self._labelled.setdefault(label, OrderedDict())[self._next] = None
        alike = self._labelled[kept.visit, kept.handler]
        if len(alike) > MOST_ALIKE:
            self._remove(next(iter(alike)))

    def take(self, visit: Visit, handler: str) -> _Kept | None:
        alike = self._labelled.get((visit, handler))
        return self._remove(next(reversed(alike))) if alike else None

    def drop(self, label: object) -> None:
        for number in list(self._labelled.get(label, ())):
            self._remove(number)

    def drop_oldest(self) -> None:
        self._remove(next(iter(self._kept)))

    def drop_expired(self, now: datetime) -> None:
        while self._kept and self._kept[next(iter(self._kept))].until <= now:
            self.drop_oldest()

    def _remove(self, number: int) -> _Kept:
        kept = self._kept.pop(number)
        for label in kept.labels:
            numbers = self._labelled[label]
            del numbers[number]
            if not numbers:
                del self._labelled[label]
        return kept
