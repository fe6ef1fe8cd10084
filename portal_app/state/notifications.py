"""The bell of every page, and the page of all notices with what comes by mail."""

from collections.abc import Awaitable
from typing import Any

import reflex as rx

from portal_app import wiring
from portal_app.errors import Busy, InvalidInput, NotFound
from portal_app.security.policy import public, signed_in
from portal_app.state.asking import asking
from portal_app.state.notice_rows import NoticeRow
from portal_app.state.session import SessionState, current_customer

STEP = 20
MOST = 100
CAP = 9
"""The badge says no higher number."""


class BellState(rx.State):
    """What one tab shows at the bell. `badge` is "" while nothing is unread."""

    loaded: bool = False
    badge: str = ""
    unread: str = "0"
    rows: list[NoticeRow] = []

    @rx.event
    @signed_in(live="notifications")
    async def load(self):
        """Count and the latest ten."""
        me, now = await asking(self), wiring.clock().now()
        try:
            bell = await wiring.notices().bell(me.customer)
        except Busy:
            return  # it stays as it is: what the page itself asks says what is wrong
        self.rows = [NoticeRow.of(told, now, me.locale) for told in bell.latest]
        self.badge = "" if not bell.unread else str(bell.unread) if bell.unread <= CAP else f"{CAP}+"
        self.unread, self.loaded = str(bell.unread), True

    @rx.event
    @public
    async def load_if_signed_in(self) -> Any:
        """For pages anybody may open: only a customer has a bell."""
        ident = await self.get_state(SessionState)
        return BellState.load if ident.signed_in else None

    @rx.event
    @signed_in
    async def read(self, key: str) -> Any:
        """It was clicked; the link itself leads to the page."""
        await _unless_gone(wiring.notices().read(await current_customer(self), key))
        return BellState.load

    @rx.event
    @signed_in
    async def read_all(self) -> Any:
        """Nothing is unread any more."""
        await wiring.notices().read_all(await current_customer(self))
        return BellState.load

    @rx.event
    @signed_in
    async def dismiss(self, key: str) -> Any:
        """It is not shown again."""
        await _unless_gone(wiring.notices().dismiss(await current_customer(self), key))
        return BellState.load


class NotificationsState(rx.State):
    """What one tab shows of all notices. `mailed`: names of the choices that come by mail."""

    loaded: bool = False
    notice: str = ""
    rows: list[NoticeRow] = []
    more: bool = False
    any_unread: bool = False
    mailed: list[str] = []

    _limit: int = STEP

    @rx.event
    @signed_in(live="notifications")
    async def load(self):
        """As many as were asked for, and the choices."""
        me, now = await asking(self), wiring.clock().now()
        try:
            found = await wiring.notices().list(me.customer, limit=self._limit + 1)
            choices = await wiring.notices().mail_choices(me.customer)
        except Busy:
            self.notice, self.loaded = "notices.unavailable", True
            return
        self.rows = [NoticeRow.of(told, now, me.locale) for told in found[: self._limit]]
        self.more = len(found) > self._limit and self._limit < MOST
        self.any_unread = any(not told.read for told in found)
        self.mailed = [name for name, mail in choices.items() if mail]
        self.notice, self.loaded = "", True

    @rx.event
    @signed_in
    async def show_more(self) -> Any:
        """Twenty older ones, a hundred in all at most."""
        self._limit = min(self._limit + STEP, MOST)
        return NotificationsState.load

    @rx.event
    @signed_in
    async def choose(self, name: str, mail: bool) -> Any:
        """Whether that event comes by mail; what is no choice changes nothing."""
        try:
            await wiring.notices().choose_mail(await current_customer(self), name, mail)
        except InvalidInput as refused:
            self.notice = refused.reason
            return None
        return NotificationsState.load


async def _unless_gone(done: Awaitable[None]) -> None:
    """Another tab may have dismissed it, or it was never theirs: then there is nothing to do, and nothing to say."""
    try:
        await done
    except NotFound:
        return
