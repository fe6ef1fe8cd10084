"""What is played: which orders there are, what happens to each, and what happens to the workers meanwhile."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal

from tests.properties.fulfilment.faults import CallName, Fault, kinds_for
from tests.properties.fulfilment.orders import KINDS, SIMS, Kind

Twist = Literal["", "no_card", "no_document", "called_off", "sim_refused", "changed_event"]
TWISTS: Final[tuple[Twist, ...]] = ("no_card", "no_document", "called_off", "sim_refused", "changed_event")
WAYS_TO_GO: Final = ("dies", "dies", "dies", "freezes")
PAUSES_S: Final = (0.5, 5.0, 20.0, 70.0, 130.0)
"""Less and more than a settle time, than a lease."""


@dataclass(frozen=True)
class Errand:
    """One order. `events`: when its event arrives, in seconds after staff approved it; before that it is out of order.

    `twist`: what else happens. `moment`: when, in seconds after the approval.
    """

    kind: Kind
    faults: tuple[Fault, ...] = ()
    events: tuple[float, ...] = (0.0,)
    approved_at: float = 0.0
    twist: Twist = ""
    moment: float = 0.0


@dataclass(frozen=True)
class Fate:
    """At its nth named point a worker dies, or stands still; after so many seconds one is there again."""

    at: int
    how: str = "dies"
    seconds: float = 1.0


@dataclass(frozen=True)
class Plan:
    """One life of the shop. `fates`: for each worker, one after the other."""

    errands: tuple[Errand, ...]
    workers: int = 1
    fates: Mapping[int, Sequence[Fate]] = field(default_factory=dict)
    breaker: bool = False
    seed: int = 0

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.workers} workers, fates {dict(self.fates)}"]
        return "\n".join([*lines, *(f"  {number}: {one}" for number, one in enumerate(self.errands))])


def every_fault_once(calls: Mapping[Kind, Iterable[CallName]]) -> list[tuple[Kind, Fault]]:
    """Each call of each kind of order, with each thing that may go wrong there."""
    return [(kind, Fault(call, how)) for kind, found in calls.items() for call in found for how in kinds_for(call)]


def systematic(calls: Mapping[Kind, Sequence[CallName]], size: int) -> Iterator[Plan]:
    """One fault for each order, `size` orders at once, and nothing else goes wrong."""
    wanted = every_fault_once(calls)
    for number, start in enumerate(range(0, len(wanted), size)):
        part = [Errand(kind, (fault,)) for kind, fault in wanted[start : start + size]]
        yield Plan(tuple(part), workers=2, seed=number)


def at_random(calls: Mapping[Kind, Sequence[CallName]], size: int, seed: int) -> Plan:
    """Several faults for an order, events that come early, twice and late, workers that die and stand still."""
    chance = Random(seed)
    workers = chance.randint(2, 3)
    errands = tuple(_errand(calls, chance) for _ in range(size))
    fates = {worker: [_fate(chance) for _ in range(chance.randint(0, 6))] for worker in range(workers)}
    return Plan(errands, workers, fates, breaker=chance.random() < 0.5, seed=seed)


def _errand(calls: Mapping[Kind, Sequence[CallName]], chance: Random) -> Errand:
    kind = chance.choice(KINDS)
    faults = tuple(_fault(calls[kind], chance) for _ in range(chance.choice((0, 1, 1, 2, 2, 3))))
    events = tuple(round(chance.uniform(-20, 200), 1) for _ in range(chance.choice((0, 0, 1, 2))))
    twist: Twist = chance.choice(TWISTS) if chance.random() < 0.25 else ""
    if twist in ("no_document", "sim_refused") and kind not in SIMS:
        twist = ""
    moment = round(chance.choice((0.0, 0.1, 1.0, 40.0, 100.0, 700.0)) * chance.random(), 1)
    return Errand(kind, faults, (*events, 0.1), round(chance.uniform(0, 60), 1), twist, moment)


def _fault(calls: Sequence[CallName], chance: Random) -> Fault:
    writes = [call for call in calls if call.write]
    call = chance.choice(writes if chance.random() < 0.5 else calls)
    return Fault(call, chance.choice(kinds_for(call)))


def _fate(chance: Random) -> Fate:
    return Fate(chance.randint(1, 120), chance.choice(WAYS_TO_GO), chance.choice(PAUSES_S))
