"""The profile page: what is on file, the form that changes it, and a look at a field when it is left."""

from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.emails import clean_email
from portal_app.domain.profile import FIELDS, check_field
from portal_app.errors import Busy, InvalidInput, NotFound, UpstreamError
from portal_app.security.policy import public, signed_in
from portal_app.state.address_rows import AddressView, Filed
from portal_app.state.asking import asking
from portal_app.state.forms import FormState
from portal_app.state.profile_rows import ProfileView

_UNREADABLE = (NotFound, UpstreamError, Busy, TimeoutError)


class ProfileState(FormState, rx.State):
    """`form` is what the profile form begins with; `refused` says which form of the page came back."""

    known: Literal["loading", "held", "failed"] = "loading"
    profile: ProfileView = ProfileView()
    form: ProfileView = ProfileView()
    filed: Filed = "loading"
    address: AddressView = AddressView()
    refused: Literal["", "profile", "email"] = ""

    @rx.event
    @signed_in(live="profile")
    async def load(self):
        """What is on file, and once what a door had to say."""
        await self._take_flash()
        self.refused = self._which()
        me = await asking(self)
        try:
            held = await wiring.profiles().get(me.customer)
        except _UNREADABLE:
            self.known = "failed" if self.known == "loading" else self.known
            return
        self.known, self.profile = "held", ProfileView.of(held, me.locale)
        self.form = self.profile.typed(self.values) if self.refused == "profile" else self.profile

    @rx.event
    @signed_in(live="address")
    async def load_address(self):
        """The address on file."""
        me = await asking(self)
        try:
            held = await wiring.addresses().get(me.customer)
        except _UNREADABLE:
            self.filed = "failed" if self.filed == "loading" else self.filed
            return
        self.filed, self.address = ("held", AddressView.of(held)) if held else ("none", AddressView())

    @rx.event
    @public
    def check(self, field: str, value: str) -> None:
        """Say what is the matter with a field that was filled in; the value is judged and not kept."""
        if field not in (*FIELDS, "email"):
            return
        reason = _reason(field, value) if value.strip() else ""
        if reason != self.errors.get(field, ""):
            others = {name: key for name, key in self.errors.items() if name != field}
            self.errors = others | ({field: reason} if reason else {})

    def _which(self) -> Literal["", "profile", "email"]:
        if not self.error:
            return ""
        return "email" if self.email or "email" in self.errors else "profile"


def _reason(field: str, value: str) -> str:
    if field != "email":
        return check_field(field, value, wiring.clock().today_in_japan())
    try:
        clean_email(value)
    except InvalidInput as refused:
        return refused.reason
    return ""
