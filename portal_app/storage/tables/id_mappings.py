"""Which records of the outside systems belong to a portal user."""

from sqlalchemy import Index, text
from sqlmodel import Field

from portal_app.storage.tables.base import Table

_KNOWN = text("sf_account_id <> ''")


class IdMapping(Table, table=True):
    """One per linked user. A WHMCS client belongs to one user only; so does a Salesforce account, where it is known."""

    __tablename__ = "id_mappings"
    __table_args__ = (
        Index(
            "uq_id_mappings_sf_account_id", "sf_account_id", unique=True, sqlite_where=_KNOWN, postgresql_where=_KNOWN
        ),
    )

    user_id: str = Field(primary_key=True, max_length=36, foreign_key="users.user_id", ondelete="CASCADE")
    whmcs_client_id: int = Field(unique=True)
    sf_account_id: str = Field(default="", max_length=18)
    sf_contact_id: str = Field(default="", max_length=18)
