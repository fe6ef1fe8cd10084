"""How fresh the copy of one customer's records is."""

from datetime import datetime

from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class MirrorMark(Table, table=True):
    """One kind of record of one client. The lease says who refreshes it now, `generation` counts what made it stale."""

    __tablename__ = "mirror_marks"

    kind: str = Field(primary_key=True, max_length=30)
    whmcs_client_id: int = Field(primary_key=True)
    as_of: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fresh_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    generation: int = 0
    lease_owner: str = Field(default="", max_length=36)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str = Field(default="", max_length=200)  # of the last refresh; "" once one has landed
    failed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
