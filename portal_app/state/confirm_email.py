"""The page of the link that confirms another e-mail address."""

import reflex as rx

from portal_app.security.policy import public
from portal_app.state.forms import FormState


class ConfirmEmailState(FormState, rx.State):
    """Public: the link may be opened in whichever browser reads the mail."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()
