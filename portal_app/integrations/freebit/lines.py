"""Before and after every request: whose line it is, how Freebit spells it, when an accepted one should be done."""

from datetime import date, datetime, timedelta
from typing import Protocol

from portal_app.domain.customer import Customer
from portal_app.domain.sims import Receipt, SimLine, national_number
from portal_app.errors import NotFound
from portal_app.integrations.freebit.refusals import SimRefused
from portal_app.storage.clock import JAPAN


class HasNow(Protocol):
    """The part of storage's Clock used here."""

    def now(self) -> datetime:
        """UTC."""
        ...


def owned_account(customer: Customer, line: SimLine, operation: str) -> str:
    """The account of a customer's own line. Raises: NotFound for somebody else's, SimRefused for no number at all."""
    if line.whmcs_client_id != customer.whmcs_client_id:
        raise NotFound("sim")
    try:
        return national_number(line.freebit_line_number)
    except ValueError:
        raise SimRefused(operation, "invalid_freebit_line_number") from None


def today(clock: HasNow) -> date:
    """The calendar day in Japan."""
    return clock.now().astimezone(JAPAN).date()


def receipt(clock: HasNow, takes: timedelta, on: date | None = None, *, done: bool = False) -> Receipt:
    """Accepted now; expected when it takes that long from now, or from the day it is for."""
    now = clock.now()
    starts_at = now if on is None else max(now, datetime(on.year, on.month, on.day, tzinfo=JAPAN))
    return Receipt(accepted_at=now, expected_by=starts_at + takes, effective_on=on, done=done)
