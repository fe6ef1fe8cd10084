"""Forms whose draft the browser keeps until a door has said that it took it."""

import uuid

import reflex as rx

from portal_app.state.asking import asking
from portal_app.state.case_rows import draft_owner
from portal_app.state.forms import FormState


class SentFormState(FormState, rx.State, mixin=True):
    """Mixed into the state of a page that shows such a form, or where its door leads to.

    `owner`: whose drafts this tab may show. `told`: grows new with each piece of good news, and is kept through
    reconnects, so that the browser forgets what was sent once and nothing that is written afterwards.
    """

    owner: str = ""
    told: str = ""

    _arrived_with: str = ""

    async def _take_told(self) -> bool:
        """Show once what the page was sent to, or back, with; whether that is of now."""
        before = self._flash_key
        await self._take_flash()
        if fresh := self._flash_key != before:
            self.told = uuid.uuid4().hex[:12] if self.notice else ""
        self.owner = draft_owner((await asking(self)).customer.user_id)
        return fresh

    def _arrive(self) -> None:
        """The page was opened: what was said the last time is not said again."""
        if self._arrived_with == self._flash_key:
            self._show({})
        self._arrived_with = self._flash_key
