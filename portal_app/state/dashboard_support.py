"""Open questions to support on the dashboard."""

import asyncio

import reflex as rx

from portal_app import wiring
from portal_app.domain.cases import CaseStatus
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.format import count
from portal_app.security.policy import signed_in
from portal_app.state.asking import asking
from portal_app.state.case_rows import SUBJECT, CaseRow
from portal_app.state.dashboard_activity import of_cases
from portal_app.state.dashboard_blocks import BESIDE_S, DashboardBlocks
from portal_app.state.dashboard_tasks import case_tasks
from portal_app.state.primed import primed

CASES = 3
"""How many of those that are open; the list has them all."""


class SupportBlock(DashboardBlocks, rx.State, mixin=True):
    """Mixed into the dashboard's state."""

    cases_loaded: bool = False
    cases: list[CaseRow] = []  # open, those that wait for the customer first
    open_cases: str = ""  # how many, "" while that is not known
    cases_notice: str = ""

    @rx.event
    @signed_in(live="cases notifications")
    @primed
    async def load_cases(self):
        """Show what is open at support."""
        me = await asking(self)
        try:
            async with asyncio.timeout(BESIDE_S):
                copy = await wiring.support().list_cases(me.customer)
                unread = await wiring.notices().unread_subjects(me.customer, prefix=SUBJECT)
        except NotFound:  # no account there yet, so no question either
            self.cases, self.open_cases, self.cases_notice, self.cases_loaded = [], count(0, me.locale), "", True
            self._to_do("cases", [])
            self._lately("cases", [])
            return
        except (UpstreamError, Busy, TimeoutError):
            self.cases_notice, self.cases_loaded = "support.unavailable", True
            self._lately("cases", None)
            return
        still = [one for one in copy.items if one.status is not CaseStatus.CLOSED]
        still.sort(key=lambda one: one.status is not CaseStatus.AWAITING_CUSTOMER)
        self.cases = [CaseRow.of(one, me, unread) for one in still[:CASES]]
        self.open_cases = count(len(still) + sum(not one.refused for one in copy.waiting), me.locale)
        self.cases_notice, self.cases_loaded = "support.stale" if copy.stale else "", True
        self._to_do("cases", case_tasks(still))
        self._lately("cases", of_cases(copy.items, me.locale))
