"""How much data a line used, what was added to it, and adding more.

One line at a time and never in a loop: polling in bulk is forbidden. Callers keep the answer for a few minutes.
"""

from datetime import date, timedelta
from typing import Final

from portal_app.domain.customer import Customer
from portal_app.domain.sims import LEAST_TOP_UP_MB, MOST_TOP_UP_MB, Receipt, SimLine, SimUsage, TopUp
from portal_app.integrations.freebit.client import ADD_QUOTA, HISTORY, TRAFFIC, Caller, FreebitClient
from portal_app.integrations.freebit.lines import HasNow, owned_account, receipt
from portal_app.integrations.freebit.refusals import SimRefused

TOP_UP_TAKES: Final = timedelta(minutes=5)


class Usage:
    """Raises everywhere: NotFound for another customer's line, SimRefused, UpstreamUnavailable."""

    def __init__(self, client: FreebitClient, clock: HasNow) -> None:
        self._client, self._clock = client, clock

    async def get_usage(self, customer: Customer, line: SimLine) -> SimUsage:
        """This month's figures, read now."""
        account = owned_account(customer, line, TRAFFIC)
        found = await self._client.get_traffic(account, caller=Caller(customer.user_id))
        return SimUsage(found.used, found.quota, found.remaining, found.today, self._clock.now())

    async def list_top_ups(self, customer: Customer, line: SimLine, since: date, until: date) -> tuple[TopUp, ...]:
        """In the network's order; both days inclusive."""
        account = owned_account(customer, line, HISTORY)
        history = await self._client.get_history(account, since, until, caller=Caller(customer.user_id))
        return tuple(TopUp(row.quota_code, row.megabytes, row.add_date, row.expire) for row in history.rows)

    async def request_top_up(
        self, customer: Customer, line: SimLine, megabytes: int, reference: str, expires_on: date | None = None
    ) -> Receipt:
        """Adds data EACH time it is asked. `reference`: 1 to 512 characters, one per payment.

        After UpstreamOutcomeUnknown look for the reference with find_top_up until the receipt's time is over; never ask
        again on the strength of not finding it: that is for a person.
        """
        account = owned_account(customer, line, ADD_QUOTA)
        if not LEAST_TOP_UP_MB <= megabytes <= MOST_TOP_UP_MB:
            raise SimRefused(ADD_QUOTA, "invalid_megabytes")
        if not 1 <= len(reference) <= 512:
            raise SimRefused(ADD_QUOTA, "invalid_reference")
        caller = Caller(customer.user_id)
        await self._client.add_quota(account, megabytes, reference, expires_on, caller=caller)
        return receipt(self._clock, TOP_UP_TAKES)

    async def find_top_up(
        self, customer: Customer, line: SimLine, reference: str, since: date, until: date
    ) -> tuple[TopUp, ...]:
        """Those with this reference: none yet, one, or more than one where something went wrong."""
        return tuple(one for one in await self.list_top_ups(customer, line, since, until) if one.reference == reference)
