"""Linking a billing account: the form and the page of its mailed code. Secrets go straight to the door."""

import reflex as rx

from portal_app.security.policy import public
from portal_app.state.forms import FormState


class LinkState(FormState, rx.State):
    """Linking a billing account, by its password."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()


class LinkCodeState(FormState, rx.State):
    """The mailed code of a billing account with two factors."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()
