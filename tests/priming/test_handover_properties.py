"""Whatever happens in whatever order: what is handed over was read after every change that was told of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import hypothesis.strategies as st
from hypothesis import given, settings

from portal_app.priming.handover import MOST_ALIKE, Handover, Visit
from portal_app.storage.bus import RECONNECTED, MemoryBus
from tests.fakes.clock import FakeClock

KEPT_S = 20
MOST = 6
PEOPLE = [("session-1", "user-1"), ("session-2", "user-1"), ("session-3", "user-2"), ("", "")]
VISITS = [Visit(*person, place) for person, place in product(PEOPLE, ["en|/a?", "ja|/a?"])]
HANDLERS = ["invoices.load", "services.load"]
TOPICS = {
    "customer:user-1:invoices": {"user-1"},
    "customer:user-1:security": {"user-1"},
    "customer:user-2:invoices": {"user-2"},
    "session:session-1:ended": {"session-1"},
    "session:session-2:ended": {"session-2"},
    "everybody:catalog": {"everybody"},
    RECONNECTED: {"everybody"},
    "work:inbox": set[str](),
}
Move = tuple[str, object]


@st.composite
def moves(draw: st.DrawFn) -> list[Move]:
    """Of few visits at a time, or they would hardly ever meet."""
    visit = st.sampled_from(draw(st.lists(st.sampled_from(VISITS), min_size=1, max_size=3, unique=True)))
    handler = st.sampled_from(draw(st.lists(st.sampled_from(HANDLERS), min_size=1, unique=True)))
    keep = st.tuples(st.just("keep"), st.tuples(st.integers(0, 2), handler))
    take = st.tuples(st.just("take"), st.tuples(visit, handler))
    move = st.one_of(
        *[st.tuples(st.just("begin"), visit)] * 2,
        *[keep] * 3,
        *[take] * 2,
        st.tuples(st.just("publish"), st.sampled_from(draw(st.lists(st.sampled_from(sorted(TOPICS)), min_size=1)))),
        st.tuples(st.just("pass"), st.sampled_from([1, KEPT_S // 2])),
    )
    many = draw(st.integers(0, 50))  # by itself a list is rarely longer than five
    return draw(st.lists(move, min_size=many, max_size=many))


@dataclass(frozen=True)
class Answer:
    """One HTML answer; its reads are as old as its ticket may be, the worst that can happen."""

    visit: Visit
    ticket: int
    read: int  # how many hints had been given by then


@dataclass(frozen=True)
class Shown:
    """What one handler of an answer showed."""

    answer: Answer
    handler: str
    at: datetime
    number: int


class World:
    """Does each move with the real handover, and remembers all that ever happened, which that one may not."""

    def __init__(self, most: int) -> None:
        self.bus, self.clock, self.most = MemoryBus(), FakeClock(), most
        self.handover = Handover(self.bus, self.clock, kept_s=KEPT_S, most=most)
        self.handover.start()
        self.hints: list[set[str]] = []
        self.answers: list[Answer] = []
        self.shown: list[Shown] = []  # all that was kept and not taken, void or not
        self.handed: list[tuple[Visit, str, Mapping[str, object] | None, list[Shown]]] = []
        self.numbers = 0

    async def do(self, moves: list[Move]) -> "World":
        for move, what in moves:
            await getattr(self, f"_{move}")(what)
        return self

    def good(self, one: Shown) -> bool:
        """Whether it is young, and nothing that concerns it was told of since it was read."""
        visit = one.answer.visit
        mine = {"everybody", visit.user_id, visit.session_id}
        told = any(mine & hint for hint in self.hints[one.answer.read :])
        return not told and self.clock.now() - one.at < timedelta(seconds=KEPT_S)

    async def _begin(self, visit: Visit) -> None:
        self.answers.append(Answer(visit, self.handover.begin(visit), len(self.hints)))

    async def _keep(self, what: tuple[int, str]) -> None:
        back, handler = what
        if not self.answers:
            return
        answer = self.answers[-1 - back % len(self.answers)]
        self.numbers += 1
        shown = Shown(answer, handler, self.clock.now(), self.numbers)
        self.handover.keep(answer.visit, handler, answer.ticket, {"shown": shown})
        if self.good(shown):
            self._shelve(shown)

    def _shelve(self, shown: Shown) -> None:
        """The rules of what goes first, said once more and as simply as can be."""
        self.shown = [one for one in self.shown if self.good(one)] + [shown]
        alike = [one for one in self.shown if self._key(one) == self._key(shown)]
        if len(alike) > MOST_ALIKE:
            self.shown.remove(alike[0])
        del self.shown[: -self.most]

    async def _take(self, what: tuple[Visit, str]) -> None:
        due = [one for one in self.shown if self._key(one) == what and self.good(one)]
        self.handed.append((*what, self.handover.take(*what), due))
        if due:
            self.shown.remove(due[-1])
        self._judge()

    async def _publish(self, topic: str) -> None:
        self.hints.append(TOPICS[topic])
        await self.bus.publish(topic)

    async def _pass(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @staticmethod
    def _key(one: Shown) -> tuple[Visit, str]:
        return one.answer.visit, one.handler

    def _judge(self) -> None:
        """Of what was just handed over: it was this visit's, young, and read after every change that was told of."""
        visit, handler, values, _ = self.handed[-1]
        if values is not None:
            shown = values["shown"]
            assert isinstance(shown, Shown)
            assert self._key(shown) == (visit, handler)
            assert self.good(shown), "read before a change, or too old"
        assert self.handover.held <= self.most


@settings(max_examples=150, deadline=None)
@given(moves(), st.integers(0, 2))
async def test_nothing_read_before_a_change_is_handed_over_however_little_is_remembered(played, most):
    world = await World(most).do(played)
    numbers = [values["shown"].number for _, _, values, _ in world.handed if values is not None]
    assert len(numbers) == len(set(numbers)), "handed over twice"


@settings(max_examples=150, deadline=None)
@given(moves())
async def test_what_is_still_good_is_handed_over_newest_first(played):
    world = await World(MOST).do(played)
    for _, _, values, due in world.handed:
        assert (values and values["shown"]) == (due[-1] if due else None)
