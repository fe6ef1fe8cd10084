"""The account page: the address, and how the two checks stand. Nothing else of a customer is shown here."""

from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import signed_in
from portal_app.state.address_rows import AddressView, Filed
from portal_app.state.asking import asking
from portal_app.state.forms import FormState

Availability = Literal[
    "loading", "not_requested", "requested", "pending_review", "eligible", "ineligible", "unknown", "failed"
]
Document = Literal["loading", "not_submitted", "submitted", "verified", "rejected", "unknown", "failed"]


class SettingsState(FormState, rx.State):
    """What one tab shows. `notice` is what the address form had to say."""

    filed: Filed = "loading"
    address: AddressView = AddressView()
    availability: Availability = "loading"
    document: Document = "loading"

    @rx.event
    @signed_in(live="address")
    async def load(self):
        """The address on file."""
        await self._take_flash()
        me = await asking(self)
        try:
            held = await wiring.addresses().get(me.customer)
        except (NotFound, UpstreamError, Busy, TimeoutError):
            self.filed = "failed" if self.filed == "loading" else self.filed
            return
        self.filed, self.address = ("held", AddressView.of(held)) if held else ("none", AddressView())

    @rx.event
    @signed_in(live="checks address")
    async def load_checks(self):
        """What staff have decided."""
        me = await asking(self)
        try:
            checks = await wiring.checks().get(me.customer)
            settling = await wiring.addresses().is_settling(me.customer)
        except (NotFound, UpstreamError, Busy, TimeoutError):
            self.availability = "failed" if self.availability == "loading" else self.availability
            self.document = "failed" if self.document == "loading" else self.document
            return
        self.document = checks.document.state if checks.document else "unknown"
        if settling:
            self.availability = "not_requested"
        elif checks.eligibility is None:
            self.availability = "unknown"
        else:
            self.availability = checks.eligibility.state.value
