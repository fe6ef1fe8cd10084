"""Which records of the outside systems belong to a portal user."""

from sqlmodel import Field

from portal_app.storage.tables.base import Table


class IdMapping(Table, table=True):
    """One per linked user. A WHMCS client belongs to one user only."""

    __tablename__ = "id_mappings"

    user_id: str = Field(primary_key=True, max_length=36, foreign_key="users.user_id", ondelete="CASCADE")
    whmcs_client_id: int = Field(unique=True)
    sf_account_id: str = Field(default="", max_length=18, index=True)
    sf_contact_id: str = Field(default="", max_length=18)
