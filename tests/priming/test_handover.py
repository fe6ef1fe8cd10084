"""What the HTML answer showed is taken over once by the same visit, and never when anything changed meanwhile."""

import pytest

from portal_app.priming.handover import MOST_ALIKE, Handover, Visit
from portal_app.storage.bus import RECONNECTED, MemoryBus
from tests.fakes.clock import FakeClock

PLACE = "ja|/billing/invoices?status=open"
MINE = Visit("session-1", "user-1", PLACE)
MY_OTHER_SESSION = Visit("session-2", "user-1", PLACE)
SOMEBODY = Visit("session-3", "user-2", PLACE)
VISITOR = Visit("", "", "en|/plans?")
LOAD, LOAD_SERVICES = "invoices.load", "services.load"
ROWS = {"rows": ["one", "two"]}


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def handover(bus, clock) -> Handover:
    handover = Handover(bus, clock)
    handover.start()
    return handover


def kept(handover: Handover, visit: Visit = MINE, handler: str = LOAD, **values: object) -> None:
    handover.keep(visit, handler, handover.begin(visit), values or ROWS)


def test_the_first_load_takes_over_what_the_answer_showed(handover):
    kept(handover)
    assert handover.take(MINE, LOAD) == ROWS


def test_it_is_taken_once(handover):
    kept(handover)
    handover.take(MINE, LOAD)
    assert handover.take(MINE, LOAD) is None
    assert handover.held == 0


def test_what_was_never_kept_is_not_there(handover):
    assert handover.take(MINE, LOAD) is None


def test_an_answer_without_a_var_is_handed_over_as_such(handover):
    handover.keep(MINE, LOAD, handover.begin(MINE), {})
    assert handover.take(MINE, LOAD) == {}


def test_one_ticket_does_for_every_handler_of_the_page(handover):
    ticket = handover.begin(MINE)
    handover.keep(MINE, LOAD, ticket, {"rows": 1})
    handover.keep(MINE, LOAD_SERVICES, ticket, {"rows": 2})
    assert handover.take(MINE, LOAD_SERVICES) == {"rows": 2}
    assert handover.take(MINE, LOAD) == {"rows": 1}


def test_what_the_keeper_assigns_later_is_not_handed_over(handover):
    values = {"notice": ""}
    handover.keep(MINE, LOAD, handover.begin(MINE), values)
    values["notice"] = "billing.unavailable"
    assert handover.take(MINE, LOAD) == {"notice": ""}


def test_what_is_handed_over_cannot_be_assigned_to(handover):
    kept(handover)
    with pytest.raises(TypeError):
        handover.take(MINE, LOAD)["rows"] = []


class TestWhose:
    """Session, user, place and handler must all be the same."""

    @pytest.mark.parametrize(
        "another",
        [
            MY_OTHER_SESSION,
            SOMEBODY,
            Visit("session-1", "user-2", PLACE),
            Visit("", "", PLACE),
            Visit("session-1", "user-1", PLACE.replace("ja", "en")),
            Visit("session-1", "user-1", PLACE + "&page=2"),
        ],
        ids=["another session", "another customer", "another user", "a visitor", "another language", "another page"],
    )
    def test_another_visit_takes_nothing_and_leaves_everything(self, handover, another):
        kept(handover)
        assert handover.take(another, LOAD) is None
        assert handover.take(MINE, LOAD) == ROWS

    def test_a_customer_takes_nothing_of_a_visitor(self, handover):
        kept(handover, VISITOR)
        assert handover.take(Visit("session-1", "user-1", VISITOR.place), LOAD) is None

    def test_another_handler_takes_nothing(self, handover):
        kept(handover)
        assert handover.take(MINE, LOAD_SERVICES) is None

    @pytest.mark.parametrize("half", [("session-1", ""), ("", "user-1")])
    def test_a_session_without_its_user_is_nobody(self, half):
        with pytest.raises(ValueError, match="or neither"):
            Visit(*half, PLACE)


class TestTwoTabs:
    """The same place opened twice by one session."""

    def test_each_takes_once(self, handover):
        kept(handover, rows=1)
        kept(handover, rows=2)
        assert [handover.take(MINE, LOAD) for _ in range(3)] == [{"rows": 2}, {"rows": 1}, None]

    def test_the_oldest_goes_when_there_are_too_many(self, handover):
        for number in range(MOST_ALIKE + 2):
            kept(handover, rows=number)
        assert handover.held == MOST_ALIKE
        assert [handover.take(MINE, LOAD) for _ in range(4)] == [{"rows": 4}, {"rows": 3}, {"rows": 2}, None]

    def test_one_place_does_not_crowd_out_another(self, handover):
        elsewhere = Visit("session-1", "user-1", "ja|/dashboard?")
        kept(handover, elsewhere, rows="dashboard")
        for _ in range(MOST_ALIKE + 2):
            kept(handover)
        assert handover.take(elsewhere, LOAD) == {"rows": "dashboard"}

    async def test_a_change_voids_both(self, handover, bus):
        kept(handover)
        kept(handover)
        await bus.publish("customer:user-1:invoices")
        assert [handover.take(MINE, LOAD) for _ in range(2)] == [None, None]


class TestChanges:
    """A hint on the bus."""

    @pytest.mark.parametrize("topic", ["invoices", "security", "cases", "x:y"])
    async def test_between_keep_and_take_it_voids_whatever_its_topic(self, handover, bus, topic):
        kept(handover)
        await bus.publish(f"customer:user-1:{topic}")
        assert handover.take(MINE, LOAD) is None
        assert handover.held == 0

    async def test_between_begin_and_keep_it_voids_the_ticket(self, handover, bus):
        ticket = handover.begin(MINE)
        await bus.publish("customer:user-1:invoices")
        handover.keep(MINE, LOAD, ticket, ROWS)
        assert handover.take(MINE, LOAD) is None

    async def test_a_ticket_stays_void_when_a_later_one_is_good(self, handover, bus):
        slow = handover.begin(MINE)
        await bus.publish("customer:user-1:invoices")
        quick = handover.begin(MINE)
        handover.keep(MINE, LOAD, quick, {"rows": "new"})
        handover.keep(MINE, LOAD, slow, {"rows": "old"})
        assert [handover.take(MINE, LOAD) for _ in range(2)] == [{"rows": "new"}, None]

    async def test_before_begin_it_harms_nothing(self, handover, bus):
        await bus.publish("customer:user-1:invoices")
        await bus.publish("everybody:catalog")
        kept(handover)
        assert handover.take(MINE, LOAD) == ROWS

    async def test_it_voids_every_session_and_place_of_the_user(self, handover, bus):
        kept(handover, MY_OTHER_SESSION)
        kept(handover, Visit("session-1", "user-1", "en|/dashboard?"))
        await bus.publish("customer:user-1:invoices")
        assert handover.held == 0

    async def test_another_users_leaves_it(self, handover, bus):
        ticket = handover.begin(MINE)
        await bus.publish("customer:user-2:invoices")
        handover.keep(MINE, LOAD, ticket, ROWS)
        await bus.publish("customer:user-2:invoices")
        assert handover.take(MINE, LOAD) == ROWS

    async def test_a_user_whose_id_only_begins_alike_is_another(self, handover, bus):
        kept(handover, Visit("session-9", "user-10", PLACE))
        await bus.publish("customer:user-1:invoices")
        assert handover.take(Visit("session-9", "user-10", PLACE), LOAD) == ROWS

    async def test_a_refresh_that_lands_while_the_answer_is_made_voids_it(self, handover, bus):
        async def load() -> dict[str, object]:
            old = dict(ROWS)
            await bus.publish("customer:user-1:invoices")
            return old

        ticket = handover.begin(MINE)
        handover.keep(MINE, LOAD, ticket, await load())
        assert handover.take(MINE, LOAD) is None

    @pytest.mark.parametrize("topic", ["everybody:catalog", RECONNECTED])
    async def test_one_for_everybody_drops_all(self, handover, bus, topic):
        for visit in (MINE, SOMEBODY, VISITOR):
            kept(handover, visit)
        await bus.publish(topic)
        assert handover.held == 0
        assert [handover.take(visit, LOAD) for visit in (MINE, SOMEBODY, VISITOR)] == [None] * 3

    @pytest.mark.parametrize("topic", ["everybody:catalog", RECONNECTED])
    @pytest.mark.parametrize("visit", [MINE, VISITOR], ids=["customer", "visitor"])
    async def test_one_for_everybody_voids_every_ticket(self, handover, bus, topic, visit):
        ticket = handover.begin(visit)
        await bus.publish(topic)
        handover.keep(visit, LOAD, ticket, ROWS)
        assert handover.take(visit, LOAD) is None

    @pytest.mark.parametrize("topic", ["customer:user-1:invoices", "customer::invoices", "session:session-1:ended"])
    async def test_what_concerns_a_customer_leaves_visitors_alone(self, handover, bus, topic):
        ticket = handover.begin(VISITOR)
        await bus.publish(topic)
        handover.keep(VISITOR, LOAD, ticket, ROWS)
        await bus.publish(topic)
        assert handover.take(VISITOR, LOAD) == ROWS

    @pytest.mark.parametrize("topic", ["work:inbox", "work:outbox"])
    async def test_work_for_the_worker_is_no_change(self, handover, bus, topic):
        kept(handover)
        await bus.publish(topic)
        assert handover.take(MINE, LOAD) == ROWS


class TestEndOfASession:
    """Nothing of it stays."""

    async def test_all_of_it_is_dropped_and_no_other_session(self, handover, bus):
        kept(handover, handler=LOAD_SERVICES)
        kept(handover)
        kept(handover, MY_OTHER_SESSION)
        await bus.publish("session:session-1:ended", "logout")
        assert handover.held == 1
        assert handover.take(MINE, LOAD) is None
        assert handover.take(MY_OTHER_SESSION, LOAD) == ROWS

    async def test_an_answer_under_way_keeps_nothing(self, handover, bus):
        ticket = handover.begin(MINE)
        await bus.publish("session:session-1:ended", "logout")
        handover.keep(MINE, LOAD, ticket, ROWS)
        assert handover.held == 0


class TestAge:
    """By the clock."""

    def test_it_can_be_taken_until_it_is_too_old(self, handover, clock):
        kept(handover)
        clock.advance(19.9)
        assert handover.take(MINE, LOAD) == ROWS

    def test_what_is_too_old_is_gone(self, handover, clock):
        kept(handover)
        clock.advance(20)
        assert handover.take(MINE, LOAD) is None

    def test_how_long_is_the_callers_choice(self, bus, clock):
        handover = Handover(bus, clock, kept_s=2)
        handover.start()
        kept(handover)
        clock.advance(2)
        assert handover.take(MINE, LOAD) is None

    def test_what_is_too_old_leaves_memory_with_whatever_is_asked_next(self, handover, clock):
        kept(handover)
        kept(handover, SOMEBODY)
        clock.advance(20)
        assert handover.take(VISITOR, LOAD) is None
        assert handover.held == 0

    def test_what_is_too_old_leaves_memory_with_whatever_is_kept_next(self, handover, clock):
        kept(handover)
        clock.advance(20)
        kept(handover, SOMEBODY)
        assert handover.held == 1

    def test_a_clock_set_back_gives_nothing_too_old(self, handover, clock):
        kept(handover, SOMEBODY)
        clock.advance(-60)
        kept(handover)
        clock.advance(30)
        assert handover.take(MINE, LOAD) is None


class TestBounds:
    """Memory does not grow with visits nobody finishes."""

    def test_ten_thousand_answers_nobody_takes_stay_within_the_limit(self, handover):
        for number in range(10_000):
            kept(handover, Visit(f"session-{number}", f"user-{number}", PLACE), rows=number)
        assert handover.held == 5_000
        assert handover.take(Visit("session-4999", "user-4999", PLACE), LOAD) is None
        assert handover.take(Visit("session-5000", "user-5000", PLACE), LOAD) == {"rows": 5_000}
        assert handover.take(Visit("session-9999", "user-9999", PLACE), LOAD) == {"rows": 9_999}

    def test_one_session_that_opens_everything_stays_within_the_limit(self, bus, clock):
        handover = Handover(bus, clock, most=10)
        handover.start()
        for number in range(100):
            kept(handover, Visit("session-1", "user-1", f"en|/billing/invoices?page={number}"))
        assert handover.held == 10

    def test_nothing_is_left_behind_once_all_is_taken(self, handover):
        visits = [Visit(f"session-{number}", f"user-{number}", PLACE) for number in range(100)]
        for visit in visits:
            kept(handover, visit)
            handover.take(visit, LOAD)
        assert handover.held == 0 and not handover._shelf._labelled

    async def test_a_change_forgotten_for_others_voids_the_tickets_before_it(self, bus, clock):
        handover = Handover(bus, clock, most=3)
        handover.start()
        ticket = handover.begin(MINE)
        await bus.publish("customer:user-1:invoices")
        for number in range(10, 20):
            await bus.publish(f"customer:user-{number}:invoices")
        handover.keep(MINE, LOAD, ticket, ROWS)
        assert handover.held == 0
        assert len(handover._changes._last) == 3
        kept(handover)
        assert handover.take(MINE, LOAD) == ROWS

    async def test_of_owners_who_changed_the_one_longest_ago_is_forgotten(self, bus, clock):
        handover = Handover(bus, clock, most=2)
        handover.start()
        await bus.publish("customer:user-2:invoices")
        await bus.publish("customer:user-3:invoices")
        ticket = handover.begin(MINE)
        await bus.publish("customer:user-2:invoices")
        await bus.publish("customer:user-4:invoices")
        handover.keep(MINE, LOAD, ticket, ROWS)
        assert handover.take(MINE, LOAD) == ROWS


class TestListening:
    """Who hears no hints knows of no change."""

    def test_nothing_is_kept_before_it_starts(self, bus, clock):
        handover = Handover(bus, clock)
        kept(handover)
        assert handover.held == 0

    def test_a_ticket_of_before_is_void(self, bus, clock):
        handover = Handover(bus, clock)
        ticket = handover.begin(MINE)
        handover.start()
        handover.keep(MINE, LOAD, ticket, ROWS)
        assert handover.held == 0

    def test_stopping_forgets_everything(self, handover):
        kept(handover)
        handover.stop()
        kept(handover)
        assert handover.held == 0

    async def test_what_was_missed_between_stop_and_start_is_not_kept(self, handover, bus):
        ticket = handover.begin(MINE)
        handover.stop()
        await bus.publish("customer:user-1:invoices")
        handover.start()
        handover.keep(MINE, LOAD, ticket, ROWS)
        assert handover.take(MINE, LOAD) is None

    def test_starting_twice_listens_once(self, handover, bus):
        handover.start()
        handover.stop()
        assert not bus._subscribers
