"""What is missing or refused in a customer's own account: tasks only, each with a source of its own."""

import asyncio

import reflex as rx

from portal_app import wiring
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking
from portal_app.state.dashboard_blocks import BESIDE_S, DashboardBlocks
from portal_app.state.dashboard_tasks import identity_tasks, payment_tasks, profile_tasks
from portal_app.state.primed import primed

_UNREADABLE = (UpstreamError, Busy, TimeoutError)


class AccountBlock(DashboardBlocks, rx.State, mixin=True):
    """Mixed into the dashboard's state. What cannot be read now is no task, and no sign that nothing is to be done."""

    @rx.event
    @signed_in(live="payments")
    @primed
    async def load_payment(self):
        """Whether there is something to pay with."""
        me, today = await asking(self), wiring.clock().today_in_japan()
        try:
            async with asyncio.timeout(BESIDE_S):
                copy = await wiring.pay_methods().get_copy(me.customer)
        except (*_UNREADABLE, NotFound):
            return
        self._to_do("payment", payment_tasks(copy.items, today, me.locale))

    @rx.event
    @signed_in(live="checks")
    @primed
    async def load_identity(self):
        """Whether staff accepted the identity document."""
        me = await asking(self)
        try:
            async with asyncio.timeout(BESIDE_S):
                checks = await wiring.checks().get(me.customer)
        except NotFound:  # no account there yet, so nothing was refused
            self._to_do("identity", [])
            return
        except _UNREADABLE:
            return
        self._to_do("identity", identity_tasks(checks.document))

    @rx.event
    @signed_in(live="profile")
    @primed
    async def load_profile(self):
        """Whether something is missing in the profile."""
        me = await asking(self)
        try:
            async with asyncio.timeout(BESIDE_S):
                complete = await wiring.profiles().complete(me.customer)
        except (*_UNREADABLE, NotFound):
            return
        self._to_do("profile", profile_tasks(complete=complete))
