"""The sign-up form: why it was refused, a look at a field when it is left, and how a confirmed sign-up stands."""

from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.prefectures import PREFECTURES
from portal_app.domain.sign_up import FIELDS, check_field
from portal_app.security.policy import public
from portal_app.state.forms import FormState

__all__ = ["PREFECTURES", "SignUpState", "SignUpStatusState"]

Outcome = Literal["", "waiting", "finishing", "refused"]


class SignUpState(FormState, rx.State):
    """`values` holds what a refused form was sent with; the password never comes near this class."""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once."""
        await self._take_flash()

    @rx.event
    @public
    def check(self, field: str, value: str) -> None:
        """Say what is the matter with a field that was filled in; the value is judged and not kept.

        One that was left empty is named only when the form is sent.
        """
        if field not in FIELDS:
            return
        reason = check_field(field, value, wiring.clock().today_in_japan()) if value.strip() else ""
        if reason != self.errors.get(field, ""):
            self.errors = {name: key for name, key in self.errors.items() if name != field} | (
                {field: reason} if reason else {}
            )


class SignUpStatusState(rx.State):
    """One of three sentences. Nothing of an account is known here: the door's answer is in the address."""

    outcome: Outcome = ""

    @rx.event
    @public
    def load(self):
        """Read the address; anything else in it reads as the one that promises least."""
        asked = self.router.url.query_parameters.get("outcome", "")
        self.outcome = asked if asked in ("waiting", "refused") else "finishing"  # type: ignore[assignment]
