"""The tables, one noun per module. `metadata` knows all of them."""

from portal_app.storage.tables import (
    audit,
    id_mappings,
    inbox,
    jobs,
    login_failures,
    marks,
    mirrors,
    outbox,
    payments,
    sessions,
    users,
)
from portal_app.storage.tables.base import Table

metadata = Table.metadata

__all__ = [
    "Table",
    "audit",
    "id_mappings",
    "inbox",
    "jobs",
    "login_failures",
    "marks",
    "metadata",
    "mirrors",
    "outbox",
    "payments",
    "sessions",
    "users",
]
