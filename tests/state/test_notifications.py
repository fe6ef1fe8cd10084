"""The bell and the page of notices: what they say in both languages, where it leads, and whose it is."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from portal_app import routes, wiring
from portal_app.components.bell import ICONS
from portal_app.domain.notices import CHOICES, SECURITY_CHANGES, VALUES, Bell, NoticeKind, Told
from portal_app.errors import Busy, InvalidInput, NotFound
from portal_app.pages.notifications import EVENTS, GROUPS
from portal_app.security.policy import policy_of
from portal_app.state.notice_rows import NoticeRow, ago
from portal_app.state.notifications import MOST, STEP, BellState, NotificationsState
from portal_app.state.session import SessionState

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
ORDER_ID, CASE_ID = "801000000000001AAA", "500000000000001AAA"
SAMPLE = {
    "number": "00000101",
    "line": "sim",
    "need": "payment",
    "total": "12980",
    "due": "2026-01-31",
    "reason": "Glare",
    "method": "Visa 4242",
    "expires": "2026-02-28",
    "title": "No signal",
    "status": "closed",
    "what": "password",
}
SUBJECTS = {"order": f"order:{ORDER_ID}", "invoice": "invoice:101", "case": f"case:{CASE_ID}"}


def a_notice(kind: NoticeKind, number: int = 1, *, read: bool = False, **changed: str) -> Told:
    values = {name: SAMPLE[name] for name in VALUES[kind]} | changed
    subject = SUBJECTS.get(kind.value.partition("_")[0], "")
    return Told(notification_id=f"n{number}", kind=kind, subject=subject, values=values, at=NOW, read=read)


class ScreenNotices:
    """Answers from a list, newest first; remembers what was done."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.mail = {choice.name: choice.default for choice in CHOICES}
        self.done: list[tuple[str, ...]] = []
        self.failure: Exception | None = None

    async def bell(self, customer) -> Bell:
        if self.failure:
            raise self.failure
        return Bell(sum(not one.read for one in self.told), tuple(self.told[:10]))

    async def list(self, customer, *, limit: int, before: str | None = None) -> tuple[Told, ...]:
        if self.failure:
            raise self.failure
        return tuple(self.told[:limit])

    async def mail_choices(self, customer) -> dict[str, bool]:
        return self.mail

    async def choose_mail(self, customer, name: str, mail: bool) -> None:
        if name not in self.mail:
            raise InvalidInput("kind", "notices.no_choice")
        self.mail[name] = mail

    async def read(self, customer, key: str) -> None:
        self._own(key)
        self.done.append(("read", customer.user_id, key))

    async def dismiss(self, customer, key: str) -> None:
        self._own(key)
        self.done.append(("dismiss", customer.user_id, key))

    async def read_all(self, customer) -> None:
        self.done.append(("read_all", customer.user_id))

    def _own(self, key: str) -> None:
        if key not in {one.notification_id for one in self.told}:
            raise NotFound("notification", key)


@pytest.fixture
def notices(outside: SimpleNamespace):
    screen = ScreenNotices()
    with wiring.use(notices=screen):
        yield screen


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_every_kind_has_words_a_look_and_a_page_of_its_own(kind, locale):
    row = NoticeRow.of(a_notice(kind), NOW, locale)
    assert row.title and row.body and "{" not in row.title + row.body
    assert row.href.startswith("/") and not row.href.endswith("/")
    assert row.icon in (*ICONS, "other")
    other = NoticeRow.of(a_notice(kind), NOW, "en" if locale == "ja" else "ja")
    assert row.title != other.title


@pytest.mark.parametrize("what", SECURITY_CHANGES)
def test_every_change_of_security_is_named(what):
    assert NoticeRow.of(a_notice(NoticeKind.SECURITY_CHANGE, what=what), NOW, "en").body


def test_it_leads_to_the_record_it_is_about():
    pages = {kind: NoticeRow.of(a_notice(kind), NOW, "en").href for kind in NoticeKind}
    assert pages[NoticeKind.ORDER_ACTIVATED] == routes.order(ORDER_ID)
    assert pages[NoticeKind.INVOICE_PAID] == routes.invoice(101)
    assert pages[NoticeKind.CASE_REPLY] == routes.case(CASE_ID)
    assert pages[NoticeKind.SECURITY_CHANGE] == routes.SECURITY


def test_what_is_said_depends_on_what_happened():
    def said(kind: NoticeKind, locale: str = "en", **changed: str) -> tuple[str, str]:
        row = NoticeRow.of(a_notice(kind, **changed), NOW, locale)
        return row.title, row.body

    assert said(NoticeKind.INVOICE_CREATED)[1] == "Invoice 00000101 for ¥12,980, due on 31 Jan 2026"
    assert said(NoticeKind.INVOICE_CREATED, due="")[1] == "Invoice 00000101 for ¥12,980"
    assert "￥12,980" in said(NoticeKind.INVOICE_PAID, "ja")[1]
    assert said(NoticeKind.ORDER_FAILED, need="staff")[0] == "Your order takes a little longer"
    assert "identity document" in said(NoticeKind.ORDER_FAILED, need="document")[1]
    assert said(NoticeKind.VERIFICATION_REJECTED)[1] == "The reason: Glare"
    assert "could not accept" in said(NoticeKind.VERIFICATION_REJECTED, reason="")[1]
    assert said(NoticeKind.CASE_STATUS, status="awaiting_customer")[0] == "Your question is waiting for your reply"
    assert said(NoticeKind.CASE_STATUS, status="in_progress")[0] == "Your question has a new status"
    assert "2026年2月28日" in said(NoticeKind.PAYMENT_METHOD_EXPIRING, "ja")[1]


def test_words_of_a_customer_are_shown_as_they_are():
    row = NoticeRow.of(a_notice(NoticeKind.CASE_REPLY, title="{0} <b>{number}</b>"), NOW, "en")
    assert row.body == "{0} <b>{number}</b> (number 00000101)"


@pytest.mark.parametrize(
    ("before", "said"),
    [(5, "Just now"), (90, "1 min ago"), (59 * 60, "59 min ago"), (3 * 3600, "3 h ago"), (14 * 3600, "14 Jan 2026")],
)
def test_how_long_ago_is_said_while_it_is_today_in_japan(before, said):
    assert ago(NOW - timedelta(seconds=before), NOW, "en") == said


@pytest.mark.parametrize(("unread", "badge"), [(0, ""), (1, "1"), (9, "9"), (10, "9+"), (40, "9+")])
async def test_the_badge_counts_to_nine(notices, tab, unread, badge):
    notices.told = [a_notice(NoticeKind.INVOICE_PAID, n) for n in range(unread)]
    state = tab(BellState)
    await state.load()
    assert (state.badge, state.unread, len(state.rows)) == (badge, str(unread), min(unread, 10))


async def test_clicking_marks_read_and_the_cross_takes_away_for_this_customer(notices, tab):
    notices.told = [a_notice(NoticeKind.INVOICE_PAID, 1)]
    state = tab(BellState)
    assert await state.read("n1") == BellState.load
    assert await state.dismiss("n1") == BellState.load
    assert await state.read_all() == BellState.load
    assert notices.done == [("read", "user-1", "n1"), ("dismiss", "user-1", "n1"), ("read_all", "user-1")]


async def test_o1_somebody_elses_notice_changes_nothing_and_says_nothing(notices, tab):
    state = tab(BellState)
    for act in (state.read, state.dismiss):
        assert await act("another-customers") == BellState.load
    assert notices.done == [] and tab(SessionState).problem == ""


async def test_a_visitor_of_an_open_page_is_asked_for_no_bell(notices, tab):
    assert await tab(BellState, signed_in=False).load_if_signed_in() is None
    assert await tab(BellState).load_if_signed_in() == BellState.load


async def test_a_busy_database_leaves_the_bell_as_it_was_and_is_said_on_the_page(notices, tab):
    notices.told = [a_notice(NoticeKind.INVOICE_PAID, 1)]
    bell, page = tab(BellState), tab(NotificationsState)
    await bell.load()
    await page.load()
    notices.failure = Busy("database")
    await bell.load()
    await page.load()
    assert (bell.badge, len(bell.rows)) == ("1", 1)
    assert (page.notice, len(page.rows)) == ("notices.unavailable", 1)


async def test_the_page_shows_twenty_and_more_until_a_hundred(notices, tab):
    notices.told = [a_notice(NoticeKind.INVOICE_PAID, n, read=True) for n in range(130)]
    state = tab(NotificationsState)
    await state.load()
    assert (len(state.rows), state.more, state.any_unread) == (STEP, True, False)
    for _ in range(9):
        await state.show_more()
    await state.load()
    assert (len(state.rows), state.more) == (MOST, False)


async def test_a_choice_is_switched_and_what_is_none_is_said(notices, tab):
    state = tab(NotificationsState)
    await state.choose("case_status", True)
    await state.choose("invoice_paid", False)
    await state.load()
    assert "case_status" in state.mailed and "invoice_paid" not in state.mailed and "security_change" in state.mailed
    await state.choose("everything", True)
    assert state.notice == "notices.no_choice"


def test_the_table_names_every_choice_and_every_kind_is_decided_by_one():
    assert list(EVENTS) == [choice.name for choice in CHOICES]
    assert set(GROUPS) == {choice.group for choice in CHOICES}
    assert sorted(kind for choice in CHOICES for kind in choice.kinds) == sorted(NoticeKind)


def test_only_a_customer_may_do_anything_and_both_hear_the_news():
    handlers = [h for state in (BellState, NotificationsState) for h in state.event_handlers.items()]
    public = {name for name, handler in handlers if policy_of(handler.fn) and policy_of(handler.fn).who == "public"}
    assert public == {"load_if_signed_in"}
    assert {policy_of(state.event_handlers["load"].fn).live for state in (BellState, NotificationsState)} == {
        "notifications"
    }
