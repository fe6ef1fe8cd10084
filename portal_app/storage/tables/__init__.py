"""The tables, one noun per module. `metadata` knows all of them."""

from portal_app.storage.tables import (
    audit,
    email_tokens,
    id_mappings,
    idempotency_keys,
    inbox,
    jobs,
    login_failures,
    marks,
    mirrors,
    outbox,
    payments,
    sessions,
    signups,
    users,
)
from portal_app.storage.tables.base import Table

metadata = Table.metadata

__all__ = [
    "Table",
    "audit",
    "email_tokens",
    "id_mappings",
    "idempotency_keys",
    "inbox",
    "jobs",
    "login_failures",
    "marks",
    "metadata",
    "mirrors",
    "outbox",
    "payments",
    "sessions",
    "signups",
    "users",
]
