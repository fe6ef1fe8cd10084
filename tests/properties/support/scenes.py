"""What may happen: what a customer sends, and how often, what staff do, and what goes wrong meanwhile."""

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from tests.fakes.troubles import AT_CALL, KINDS, Trouble
from tests.properties.scenes import joined, weighted

WAITS: Final = (1, 6, 20, 45, 65, 130, 900, 4000)
"""Seconds: within a pause, a settle time, a lease, an hour."""
WRITES: Final = ("upsert Case", "create CaseComment", "composite", "update Case", "attach")
LOST: Final = ("lost_before", "lost_after", "late", "garbled", "crash_after_call", "crash_before_call")


@dataclass(frozen=True)
class Step:
    """`what` is the name of an act; the others are its choices, as far as it needs any."""

    what: str
    which: int = 0
    right: bool = True
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Scene:
    """One life."""

    steps: tuple[Step, ...]


_points = st.sampled_from([1, 1, 1, 2, 2, 3, 4, 5, 6, 8])
_any_trouble = st.builds(Trouble, st.sampled_from(KINDS), _points)
_worst = st.builds(Trouble, st.sampled_from(AT_CALL), st.just(1), st.sampled_from(WRITES))
_often = weighted((2, st.none()), (3, _any_trouble), (4, _worst))
_seldom = weighted((4, st.none()), (1, _any_trouble))
_which = st.sampled_from([0, 0, 0, 1, 2])


def _lost(operation: str) -> st.SearchStrategy[Trouble | None]:
    return st.builds(Trouble, st.sampled_from(LOST), st.just(1), st.just(operation))


def _does(what: str, trouble: st.SearchStrategy[Trouble | None] = _seldom, **chosen: Any) -> st.SearchStrategy[Any]:
    return st.builds(Step, st.just(what), trouble=trouble, **chosen)


def _outside(what: str, **chosen: Any) -> st.SearchStrategy[Any]:
    return st.builds(Step, st.just(what), **chosen)


_wait, _deliver = _outside("wait", which=st.integers(0, len(WAITS) - 1)), _does("deliver", _often)
_opens = _does("open", _often, right=st.booleans())
_opens_lost, _calm = _does("open", _lost("upsert Case"), right=st.booleans()), _does("open", st.none())
_replies = _does("reply", _often, which=_which, right=st.booleans())
_replies_lost = _does("reply", _lost("create CaseComment"), which=_which, right=st.booleans())
_again = _does("again", _seldom, which=_which, right=st.booleans())
_moves = weighted((1, _does("close", _often, which=_which)), (1, _does("reopen", _often, which=_which)))
_staff = weighted(
    (2, _outside("staff_says", which=_which, right=st.booleans())),
    (2, _outside("staff_moves", which=st.integers(0, 4))),
    (1, _does("hears", _often, which=_which)),
    (1, _does("looks", _often)),
)
_runs = weighted(
    (2, st.tuples(_opens, _deliver)),
    (3, st.tuples(_opens_lost, _again, _wait, _deliver)),
    (2, st.tuples(_does("open_twice", _often), _deliver)),
    (3, st.tuples(_calm, _replies, _again, _deliver)),
    (4, st.tuples(_calm, _replies_lost, _again, _wait, _deliver, _deliver)),
    (2, st.tuples(_calm, _outside("staff_moves", which=st.just(1)), _replies, _wait, _deliver)),
    (2, st.tuples(_calm, _does("reply_twice", _often, which=_which), _deliver)),
    (3, st.tuples(_calm, _moves, _moves, _wait, _deliver)),
    (2, st.tuples(_calm, _staff, _staff, _does("looks"))),
    (1, st.tuples(_outside("weather", right=st.booleans()))),
    (1, st.tuples(_outside("restart"))),
    (1, st.tuples(_wait, _deliver)),
)


def scenes(most_runs: int) -> st.SearchStrategy[Scene]:
    """Scenes of up to so many runs of steps."""
    runs = st.lists(_runs, min_size=1, max_size=most_runs)
    return st.builds(Scene, steps=runs.map(lambda found: joined(*found)))
