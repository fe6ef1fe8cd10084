"""The page that asks who it is once more. Neither password nor code ever comes near this class."""

from typing import Literal

import reflex as rx

from portal_app import routes, wiring
from portal_app.security.policy import signed_in
from portal_app.state.forms import FormState
from portal_app.state.session import current_customer


class ConfirmState(FormState, rx.State):
    """`by`: what is asked for."""

    by: Literal["", "password", "code"] = ""
    next: str = routes.DASHBOARD

    @rx.event
    @signed_in
    async def load(self):
        """What to ask for, and once why it was not right."""
        self.next = routes.safe_next(self.router.url.query_parameters.get("next"))
        await self._take_flash()
        customer = await current_customer(self)
        self.by = "code" if await wiring.confirming().wants_code(customer.user_id) else "password"
