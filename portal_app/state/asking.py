"""What every load handler asks first: for whom, and in which language."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.errors import Busy, PortalError
from portal_app.format import clock
from portal_app.state.session import SessionState, current_customer
from portal_app.text import SENTENCES, say


@dataclass(frozen=True)
class Asking:
    """One event of one tab."""

    customer: Customer
    locale: str

    def clock(self, at: datetime) -> str:
        """The time of a copy as the page shows it."""
        return clock(at, wiring.clock().now(), self.locale)

    def sentence(self, key: str) -> str:
        """What a door left to be said, in the customer's language; "" where there is no such sentence."""
        return say(self.locale, key) if key in SENTENCES else ""


async def asking(state: rx.State) -> Asking:
    """Who asks. Raises NotSignedIn when the session is over."""
    customer = await current_customer(state)
    ident = await state.get_state(SessionState)
    return Asking(customer, ident.locale)


async def opened(me: Asking, subject: str) -> None:
    """A record is on the screen ("invoice:101"): what the bell said of it counts as read."""
    with suppress(Busy):  # the record itself was found, and is worth more
        await wiring.notices().read_subject(me.customer, subject)


def notice_of(failure: PortalError, unavailable: str) -> str:
    """The key of the notice for a block that could not be read."""
    return "billing.busy" if isinstance(failure, Busy) else unavailable
