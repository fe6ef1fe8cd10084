"""The profile page: what is on file, the form that changes it, and a look at a field when it is left."""

from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.profile import FIELDS, check_field
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import public, signed_in
from portal_app.state.address_rows import AddressView, Filed
from portal_app.state.asking import asking
from portal_app.state.forms import FormState
from portal_app.state.profile_rows import ProfileView

_UNREADABLE = (NotFound, UpstreamError, Busy, TimeoutError)


class ProfileState(FormState, rx.State):
    """`form` is what the form begins with: what is on file, or what was typed when it came back."""

    known: Literal["loading", "held", "failed"] = "loading"
    profile: ProfileView = ProfileView()
    form: ProfileView = ProfileView()
    drawn: str = ""  # another one each time the form begins with something else: it is drawn anew then
    filed: Filed = "loading"
    address: AddressView = AddressView()

    @rx.event
    @signed_in(live="profile")
    async def load(self):
        """What is on file, and once what a door had to say."""
        await self._take_flash()
        me = await asking(self)
        try:
            held = await wiring.profiles().get(me.customer)
        except _UNREADABLE:
            self.known = "failed" if self.known == "loading" else self.known
            return
        self.known, self.profile = "held", ProfileView.of(held, me.locale)
        begins = self.profile.typed(self.values) if self.error else self.profile
        if begins != self.form:
            self.form, self.drawn = begins, str(int(self.drawn or "0") + 1)

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
        if field not in FIELDS:
            return
        reason = check_field(field, value, wiring.clock().today_in_japan()) if value.strip() else ""
        if reason != self.errors.get(field, ""):
            others = {name: key for name, key in self.errors.items() if name != field}
            self.errors = others | ({field: reason} if reason else {})
