"""One question to support: the conversation, and the forms that go on with it."""

from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.cases import CaseThread
from portal_app.errors import NotFound
from portal_app.security.policy import signed_in
from portal_app.state.asking import Asking, asking, opened
from portal_app.state.case_rows import CaseView, FileRow, MessageRow, file_rows, subject_of
from portal_app.state.cases import UNREADABLE
from portal_app.state.named_here import named_in
from portal_app.state.primed import primed
from portal_app.state.sent_forms import SentFormState


class CaseState(SentFormState, rx.State):
    """What one tab shows of the question its URL names. `newest`: changes with each thing the staff did."""

    found: Literal["loading", "found", "missing", "failed"] = "loading"
    here: str = ""
    view: CaseView = CaseView()
    messages: list[MessageRow] = []
    files: list[FileRow] = []
    loose_files: bool = False  # staff added files that belong to no message
    newest: str = ""
    as_of: str = ""
    trouble: str = ""
    refreshing: bool = False

    @rx.event
    @signed_in(live="cases notifications")
    @primed(apart=("refreshing", "errors", "values"))
    async def load(self):
        """Show the question the URL names, and once what a door had to say."""
        fresh = await self._take_told()
        if not fresh and not _same(case_id_of(self.router.url.path), self.view.key):
            self._show({})  # it was about another question
        await self._read()

    @rx.event
    @signed_in
    async def arrived(self):
        """The page was opened, and shows what it has."""
        self._arrive()
        await self._mark_read()

    @rx.event
    @signed_in
    async def seen(self):
        """What staff did while the page was open was looked at."""
        await self._mark_read()

    @rx.event
    @signed_in
    async def refresh(self):
        """Ask Salesforce anew, then show."""
        self.refreshing = True
        yield
        try:
            await wiring.support().refresh((await asking(self)).customer)
            await self._read()
        finally:
            self.refreshing = False

    async def _mark_read(self) -> None:
        """The id is not the address's but that of a question this customer may read."""
        if self.view.key:
            await opened(await asking(self), subject_of(self.view.key))

    async def _read(self) -> None:
        me = await asking(self)
        wanted, self.here = case_id_of(self.router.url.path), named_in(self.router.url.path)
        if not _same(wanted, self.view.key):
            self._clear()
        try:
            thread = await wiring.support().get_thread(me.customer, wanted)
        except NotFound:
            self._clear()
            self.found = "missing"
            return
        except UNREADABLE:
            self.trouble = "support.unavailable"
            self.found = "found" if self.view.key else "failed"
            return
        self._assign(me, thread)

    def _assign(self, me: Asking, thread: CaseThread) -> None:
        self.view = CaseView.of(thread, me)
        self.messages = [MessageRow.of(message, me) for message in thread.messages]
        self.files, self.loose_files = file_rows(thread), bool(thread.files)
        answers = sum(one.author == "staff" for one in thread.messages)
        self.newest = f"{self.view.key}:{answers}:{self.view.status}"
        self.as_of = me.clock(thread.as_of) if thread.as_of else ""
        self.trouble = "support.stale" if thread.stale else ""
        self.found = "found"

    def _clear(self) -> None:
        self.view, self.messages, self.files, self.loose_files = CaseView(), [], [], False
        self.newest, self.as_of, self.trouble, self.found = "", "", "", "loading"


def case_id_of(path: str) -> str:
    """The Salesforce id a URL names; whether it is one at all is for support to say."""
    return path.rstrip("/").rpartition("/")[2][:40]


def _same(one: str, other: str) -> bool:
    """Salesforce writes an id with 15 characters, or with three more that only repeat its capitals."""
    return bool(one and other) and one[:15] == other[:15]
