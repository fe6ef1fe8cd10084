"""Holding a row for a while. The fence grows with every new holder, so that an old one is recognised (K9)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, or_, select

from portal_app.errors import PortalError
from portal_app.storage.tables import Table

LEASE: Final = timedelta(seconds=90)


class LeaseLost(PortalError):
    """Somebody else holds the row by now: whatever the old holder wanted to write, it must not."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A new hold on a row of a table with `lease_owner`, `lease_until` and `fence`."""

    owner: str
    until: datetime

    @classmethod
    def from_now(cls, now: datetime) -> "Lease":
        """90 seconds, under a name nobody else has."""
        return cls(str(uuid.uuid4()), now + LEASE)

    def taken_on(self, table: type[Table]) -> dict[str, Any]:
        """The columns to set on taking the row."""
        columns: Any = table
        return {"lease_owner": self.owner, "lease_until": self.until, "fence": columns.fence + 1}


FREED: Final[dict[str, Any]] = {"lease_owner": "", "lease_until": None}
"""The columns to set on letting go. The fence stays."""


def is_free(table: type[Table], now: datetime) -> Any:
    """The condition that nobody holds the row at that time."""
    columns: Any = table
    return or_(columns.lease_until.is_(None), columns.lease_until <= now)


def once(chosen: Select[Any]) -> Any:
    """Keys that a SELECT with LIMIT and FOR UPDATE chooses, for `key.in_(...)`: chosen one time.

    Written as a plain subquery PostgreSQL may run it again for each row it compares; every run passes over what the
    one before has locked, so that more rows are taken than LIMIT allows. A WITH that locks runs once.
    """
    return select(*chosen.cte("chosen").c)


def held_by(table: type[Table], lease_owner: str, fence: int) -> tuple[Any, ...]:
    """The conditions that the row is still held as it was taken. Without an owner it is held by nobody."""
    columns: Any = table
    return (columns.lease_owner == lease_owner, columns.lease_owner != "", columns.fence == fence)
