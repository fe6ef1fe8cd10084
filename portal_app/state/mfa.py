"""The page that asks for a code after the password. The code itself never comes near this class."""

import reflex as rx

from portal_app import routes
from portal_app.security.policy import public
from portal_app.state.forms import FormState


class MfaState(FormState, rx.State):
    """Public: nobody is signed in yet. Which sign-in waits, only the browser's cookie knows."""

    next: str = routes.DASHBOARD

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        self.next = routes.safe_next(self.router.url.query_parameters.get("next"))
        await self._take_flash()
