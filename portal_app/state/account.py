"""The account page: each subject with how it stands, read on its own and shown while others are down."""

from dataclasses import dataclass
from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.pay_methods import PayMethod, first_usable
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import signed_in
from portal_app.state.address_rows import AddressView, Filed
from portal_app.state.asking import asking
from portal_app.state.forms import FormState
from portal_app.state.profile_rows import ProfileView

Availability = Literal[
    "loading", "not_requested", "requested", "pending_review", "eligible", "ineligible", "unknown", "failed"
]
Document = Literal["loading", "not_submitted", "submitted", "verified", "rejected", "unknown", "failed"]
Known = Literal["loading", "held", "failed"]
_UNREADABLE = (NotFound, UpstreamError, Busy, TimeoutError)


@dataclass(frozen=True)
class PayView:
    """What an order would be paid with. `standing`: "none" without any, "expired" when none of them can be used."""

    standing: Literal["loading", "held", "none", "expired", "failed"] = "loading"
    label: str = ""

    @classmethod
    def of(cls, methods: tuple[PayMethod, ...], chosen: PayMethod | None) -> "PayView":
        """`chosen`: the first that can be used."""
        if chosen is None:
            return cls("expired" if methods else "none")
        return cls("held", " •••• ".join(filter(None, (chosen.brand, chosen.last_four))) or chosen.label)


class AccountState(FormState, rx.State):
    """What one tab shows. `notice` is what the form that led here had to say."""

    known: Known = "loading"
    profile: ProfileView = ProfileView()
    filed: Filed = "loading"
    address: AddressView = AddressView()
    availability: Availability = "loading"
    document: Document = "loading"
    pay: PayView = PayView()
    second_factor: Literal["loading", "on", "off", "failed"] = "loading"
    sessions: str = ""

    @rx.event
    @signed_in(live="address")
    async def load(self):
        """The address on file."""
        await self._take_flash()
        me = await asking(self)
        try:
            held = await wiring.addresses().get(me.customer)
        except _UNREADABLE:
            self.filed = "failed" if self.filed == "loading" else self.filed
            return
        self.filed, self.address = ("held", AddressView.of(held)) if held else ("none", AddressView())

    @rx.event
    @signed_in(live="profile")
    async def load_profile(self):
        """Who the customer is."""
        me = await asking(self)
        try:
            held = await wiring.profiles().get(me.customer)
        except _UNREADABLE:
            self.known = "failed" if self.known == "loading" else self.known
            return
        self.known, self.profile = "held", ProfileView.of(held, me.locale)

    @rx.event
    @signed_in(live="checks address")
    async def load_checks(self):
        """What staff have decided."""
        me = await asking(self)
        try:
            checks = await wiring.checks().get(me.customer)
            settling = await wiring.addresses().is_settling(me.customer)
        except _UNREADABLE:
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

    @rx.event
    @signed_in(live="payments")
    async def load_payments(self):
        """What an order would be paid with."""
        me = await asking(self)
        try:
            methods = await wiring.pay_methods().list_methods(me.customer)
        except _UNREADABLE:
            self.pay = PayView("failed") if self.pay.standing == "loading" else self.pay
            return
        self.pay = PayView.of(methods, first_usable(methods, wiring.clock().today_in_japan()))

    @rx.event
    @signed_in(live="security")
    async def load_security(self):
        """Whether signing in takes a code, and in how many browsers somebody is signed in."""
        me = await asking(self)
        self.second_factor = "on" if await wiring.second_factors().enabled(me.customer.user_id) else "off"
        self.sessions = str(len(await wiring.sessions().list_live(me.customer.user_id)))
