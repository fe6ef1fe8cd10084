"""When the portal saw an order reach its steps."""

from datetime import datetime

from sqlmodel import Field

from portal_app.storage.tables.base import Table
from portal_app.storage.types import UtcDateTime


class OrderTimeRow(Table, table=True):
    """One step of one order, for the user who placed it. The first time stays."""

    __tablename__ = "order_times"

    user_id: str = Field(primary_key=True, max_length=36)
    salesforce_order_id: str = Field(primary_key=True, max_length=18)
    step: str = Field(primary_key=True, max_length=20)
    at: datetime = Field(sa_type=UtcDateTime)
