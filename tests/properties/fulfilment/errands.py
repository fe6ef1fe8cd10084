"""What is played: which orders there are, what happens to each, and what happens to the workers meanwhile."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from random import Random
from typing import Final, Literal

from tests.properties.fulfilment.faults import CallName, Fault, kinds_for
from tests.properties.fulfilment.orders import KINDS, SIMS, Kind
from tests.properties.fulfilment.outside import NOT_ABOUT_AN_ORDER
from tests.properties.fulfilment.seed import PEOPLE

Twist = Literal["", "no_card", "no_document", "called_off", "sim_refused", "changed_event"]
TWISTS: Final[tuple[Twist, ...]] = ("no_card", "no_document", "called_off", "sim_refused", "changed_event")
OFTEN: Final = (4, 3, 1, 1, 1)
"""How often each kind of order comes."""
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
class Stop:
    """Whoever is the nth to pass that named point stands still there for so long."""

    name: str
    nth: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """One life of the shop. `fates`: for each worker, one after the other. `people`: how many share the orders."""

    errands: tuple[Errand, ...]
    workers: int = 1
    fates: Mapping[int, Sequence[Fate]] = field(default_factory=dict)
    stop: Stop | None = None
    breaker: bool = False
    activation_s: float = 1.0
    people: int = PEOPLE
    seed: int = 0

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.workers} workers, fates {dict(self.fates)}"]
        return "\n".join([*lines, *(f"  {number}: {one}" for number, one in enumerate(self.errands))])


def every_fault_once(calls: Mapping[Kind, Iterable[CallName]]) -> list[tuple[Kind, Fault]]:
    """Each call of each kind of order, with each thing that may go wrong there.

    What is asked once for everybody, whatever they ordered, is tried with the first kind that asks for it.
    """
    shared: set[CallName] = set()
    found = []
    for kind, asked in calls.items():
        for call in asked:
            if call not in shared:
                found += [(kind, Fault(call, how)) for how in kinds_for(call)]
            if call.operation in NOT_ABOUT_AN_ORDER:
                shared.add(call)
    return found


def systematic(calls: Mapping[Kind, Sequence[CallName]], size: int) -> Iterator[Plan]:
    """Each of those faults, `size` orders at once: two for an order, one in each half of its way.

    What is asked once for everybody is asked by a worker that works on one order.
    """
    wanted = every_fault_once(calls)
    alone = [Errand(kind, (fault,)) for kind, fault in wanted if fault.call.operation in NOT_ABOUT_AN_ORDER]
    others = [errand for kind in calls for errand in _shared_out(kind, [one[1] for one in wanted if one[0] == kind])]
    parts = [[one] for one in alone] + [others[start : start + size] for start in range(0, len(others), size)]
    for number, part in enumerate(parts):
        yield Plan(tuple(part), workers=min(2, len(part)), seed=number)


def _shared_out(kind: Kind, faults: Iterable[Fault]) -> Iterator[Errand]:
    own = [fault for fault in faults if fault.call.operation not in NOT_ABOUT_AN_ORDER]
    last = [fault for fault in own if fault.is_the_end]
    own = [fault for fault in own if not fault.is_the_end]
    half = (len(own) + 1) // 2
    for some in zip_longest(own[:half], own[half:]):
        yield Errand(kind, tuple(fault for fault in some if fault))
    yield from (Errand(kind, (fault,)) for fault in last)


def at_random(calls: Mapping[Kind, Sequence[CallName]], size: int, seed: int) -> Plan:
    """Several faults for an order, events that come early, twice and late, workers that die and stand still."""
    chance = Random(seed)
    workers = chance.randint(2, 3)
    errands = tuple(_errand(calls, chance) for _ in range(size))
    fates = {worker: [_fate(chance) for _ in range(chance.randint(0, 5))] for worker in range(workers)}
    activation_s = chance.choice((0.0, 1.0, 6.0, 30.0, 400.0))
    return Plan(errands, workers, fates, breaker=chance.random() < 0.3, activation_s=activation_s, people=14, seed=seed)


def _errand(calls: Mapping[Kind, Sequence[CallName]], chance: Random) -> Errand:
    [kind] = chance.choices(KINDS, OFTEN)
    faults = tuple(_fault(calls[kind], chance) for _ in range(chance.choice((0, 1, 1, 1, 2, 3))))
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


def shorter_plans(plan: Plan) -> Iterator[Plan]:
    """Plans in which less happens, most of it gone first."""
    size = len(plan.errands)
    for part in (size // 2, size // 4, 1):
        if part:
            for start in range(0, size, part):
                kept = plan.errands[:start] + plan.errands[start + part :]
                if kept:
                    yield replace(plan, errands=kept)
    for worker, fates in plan.fates.items():
        for at in range(len(fates)):
            yield replace(plan, fates={**plan.fates, worker: [*fates[:at], *fates[at + 1 :]]})
    for number, errand in enumerate(plan.errands):
        for less in _less(errand):
            yield replace(plan, errands=(*plan.errands[:number], less, *plan.errands[number + 1 :]))
    if plan.workers > 1:
        yield replace(plan, workers=plan.workers - 1, fates={})
    if plan.breaker:
        yield replace(plan, breaker=False)


def _less(errand: Errand) -> Iterator[Errand]:
    for at in range(len(errand.faults)):
        yield replace(errand, faults=errand.faults[:at] + errand.faults[at + 1 :])
    for at in range(len(errand.events) if len(errand.events) > 1 else 0):
        yield replace(errand, events=errand.events[:at] + errand.events[at + 1 :])
    if errand.twist:
        yield replace(errand, twist="")
