"""The identity document: how it stands, and why an upload was refused. The file goes straight to its door."""

from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.documents import DocumentCheck
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import JAPAN, day
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking
from portal_app.state.forms import FormState
from portal_app.state.returning import return_to

Standing = Literal["loading", "not_submitted", "submitted", "verified", "rejected", "unknown", "unlinked", "failed"]


class VerificationState(FormState, rx.State):
    """`unknown`: staff wrote a word we do not know. `failed`: it could not be read, and was never read before."""

    standing: Standing = "loading"
    submitted_on: str = ""
    verified_on: str = ""
    reason: str = ""  # the staff's words, only while rejected
    back: str = ""

    @rx.event
    @signed_in(live="checks")
    async def load(self):
        """Show how it stands now, and once what the door had to say."""
        await self._take_flash()
        self.back = return_to(self)
        me = await asking(self)
        try:
            check = await wiring.identity_documents().get(me.customer)
        except NotFound:
            self.standing = "unlinked"
        except (UpstreamError, Busy, TimeoutError):
            self.standing = "failed" if self.standing == "loading" else self.standing
        else:
            self._show_check(check, me.locale)

    def _show_check(self, check: DocumentCheck | None, locale: str) -> None:
        self.standing = check.state if check else "unknown"
        sent, seen = (check.submitted_at, check.verified_at) if check else (None, None)
        self.submitted_on = day(sent.astimezone(JAPAN).date(), locale) if sent else ""
        self.verified_on = day(seen.astimezone(JAPAN).date(), locale) if seen else ""
        self.reason = check.reason if check else ""
