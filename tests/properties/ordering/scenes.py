"""What may happen: how the customers stand, what they, the staff and the machines do, and what goes wrong meanwhile."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from portal_app.domain.catalog import ProductLine
from tests.fakes.troubles import AT_CALL, KINDS, Trouble
from tests.properties.scenes import joined, weighted

PEOPLE: Final = 2
LINES: Final = (ProductLine.SIM, ProductLine.INTERNET, ProductLine.VPN)
PLACING: Final = "composite"
"""The one call that makes an order."""
LOST: Final = ("lost_before", "lost_after", "late", "garbled", "crash_after_call")


@dataclass(frozen=True)
class Person:
    """How one customer stands at first: `offering` of the address ("": never asked), a card, a document."""

    offering: str = "Home 1G"
    card: bool = True
    document: str = "Submitted"


@dataclass(frozen=True)
class Step:
    """`what` is the name of an act; the others are its choices, as far as it needs any."""

    what: str
    who: int = 0
    line: int = 0
    which: int = 0
    right: bool = True
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Scene:
    """`lenient`: see Market."""

    people: tuple[Person, ...]
    lenient: bool
    steps: tuple[Step, ...]


WAITS: Final = (1, 6, 20, 65, 100, 900, 4000, 90_000, 3_000_000)
"""Seconds: within a pause, a settle time, a lease, a quarter, an hour, a day, more than a month."""

_people = st.builds(
    Person,
    offering=st.sampled_from(["Home 1G"] * 12 + ["Apartment 1G", "", "no"]),
    card=st.sampled_from([True] * 9 + [False]),
    document=st.sampled_from(["Submitted"] * 9 + ["Verified", "Rejected", ""]),
)
_one = {"who": st.sampled_from([0, 0, 0, 1]), "line": st.sampled_from([0, 0, 0, 0, 1, 1, 2])}
_which = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
_right = st.sampled_from([True] * 5 + [False])
_points = st.sampled_from([1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 19, 22])
_any_trouble = st.builds(Trouble, st.sampled_from(KINDS), _points)
_worst_trouble = st.builds(Trouble, st.sampled_from(AT_CALL), st.just(1), st.just(PLACING))
_worst_move = st.builds(Trouble, st.sampled_from(AT_CALL), st.just(1), st.just("UpdateClient"))
_lost = st.builds(Trouble, st.sampled_from(LOST), st.just(1), st.just(PLACING))
_seldom = weighted((4, st.none()), (1, _any_trouble))
_any_often = weighted((2, st.none()), (3, _any_trouble), (2, _worst_move))
_often = weighted((3, st.none()), (3, _any_trouble), (4, _worst_trouble))


def _does(what: str, trouble: st.SearchStrategy[Trouble | None] = _seldom, **chosen: Any) -> st.SearchStrategy[Any]:
    return st.builds(Step, st.just(what), trouble=trouble, **chosen)


def _outside(what: str, **chosen: Any) -> st.SearchStrategy[Any]:
    return st.builds(Step, st.just(what), **chosen)


@cache
def _runs(who: int, line: int) -> st.SearchStrategy[tuple[Step, ...]]:
    """What one person does about one line."""
    me = {"who": st.just(who), "line": st.just(line)}
    choose = _does("choose", which=_which, **me)
    look, place = _does("look", **me), _does("place", _often, which=_which, right=_right, **me)
    ready = (choose, _does("answer", st.none(), right=_right, **me), _does("accept", **me))
    lost, calm = _does("place", _lost, **me), _does("place", **me)
    change = _does("change", which=_which, right=_right, **me)
    price = _outside("price", line=st.just(line), which=_which, right=_right)
    wait, moment = _outside("wait", which=st.integers(2, 8)), _outside("wait", which=st.sampled_from([1, 2, 2, 3]))
    resume, deliver = _does("resume", _often), _does("deliver")
    return weighted(
        (4, st.tuples(*ready, look, place)),
        (2, st.tuples(*ready, look, place, wait, resume)),
        (3, st.tuples(*ready, look, lost, moment, resume, wait, resume)),
        (2, st.tuples(*ready, look, lost, moment, change, look, place)),
        (2, st.tuples(*ready, look, _does("twice", _often, **me))),
        (2, st.tuples(*ready, look, change, look, _does("both", _often, **me))),
        (2, st.tuples(*ready, look, _does("meanwhile", _often, which=_which, **me))),
        (4, st.tuples(*ready, look, price, calm)),
        (1, st.tuples(*ready, look, place, place, deliver)),
        (1, st.tuples(*ready, look, place, change, look, place)),
        (1, st.tuples(change, look, place)),
        (1, st.tuples(look, place)),
        (1, st.tuples(*ready, look, _does("stranger", **me))),
        (1, st.tuples(_does("visit", which=_which, **me), *ready[1:], look, place)),
        (1, st.tuples(_does("drop", **me))),
        (1, st.tuples(_does("move", _any_often, which=_which, **me), look, place)),
        (1, st.tuples(*ready, look, _does("move", _any_often, which=_which, **me), deliver, look, place)),
    )


_buys = st.tuples(st.sampled_from([0, 0, 0, 1]), st.sampled_from([0, 0, 1, 2])).flatmap(lambda one: _runs(*one))
_world = weighted(
    (3, st.tuples(_outside("wait", which=st.integers(0, 8)))),
    (3, st.tuples(_does("resume", _often))),
    (2, st.tuples(_does("deliver"))),
    (2, st.tuples(_outside("price", line=st.integers(0, 2), which=_which, right=_right))),
    (2, st.tuples(_outside("decide", which=_which, right=_right))),
    (1, st.tuples(_outside("card", who=_one["who"], right=st.booleans()))),
    (1, st.tuples(_outside("address", who=_one["who"], which=_which))),
    (1, st.tuples(_outside("availability", who=_one["who"], which=_which))),
    (1, st.tuples(_outside("document", who=_one["who"], which=_which))),
    (1, st.tuples(_outside("weather", which=st.integers(0, 3)))),
    (1, st.tuples(_outside("restart"))),
    (1, st.tuples(_does("housekeep"))),
)


def scenes(most_runs: int) -> st.SearchStrategy[Scene]:
    """Scenes of up to so many runs of steps."""
    runs = st.lists(weighted((3, _buys), (2, _world)), min_size=1, max_size=most_runs)
    people = st.lists(_people, min_size=PEOPLE, max_size=PEOPLE).map(tuple)
    return st.builds(Scene, people=people, lenient=st.booleans(), steps=runs.map(lambda found: joined(*found)))
