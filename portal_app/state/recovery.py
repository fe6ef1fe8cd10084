"""Mailed links and passwords: pages with one short form each. Secrets go straight to the doors."""

import reflex as rx

from portal_app.security.policy import public
from portal_app.state.forms import FormState


class VerifyEmailState(FormState, rx.State):
    """The page of the link that confirms an e-mail address."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()


class SetPasswordState(FormState, rx.State):
    """The first password of a linked account. Public: the session it is for may run nothing else (P11)."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()


class ForgotPasswordState(FormState, rx.State):
    """Asking for a reset link."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()


class ResetPasswordState(FormState, rx.State):
    """The page of the link that lets choose a new password."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()


class CheckMailState(FormState, rx.State):
    """What to do next: the same for every address, known or not (P5)."""

    @rx.event
    @public
    async def load(self):
        """Show which address was typed, once."""
        await self._take_flash()
        self.values = {"email": self.email}
