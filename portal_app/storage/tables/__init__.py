"""The tables, one noun per module. `metadata` knows all of them."""

from portal_app.storage.tables import (
    account_locks,
    audit,
    carts,
    email_tokens,
    fulfilments,
    id_mappings,
    idempotency_keys,
    inbox,
    jobs,
    last_seen,
    login_failures,
    marks,
    mirrors,
    order_times,
    outbox,
    payments,
    replay_cursors,
    sessions,
    signups,
    users,
)
from portal_app.storage.tables.base import Table

metadata = Table.metadata

__all__ = [
    "Table",
    "account_locks",
    "audit",
    "carts",
    "email_tokens",
    "fulfilments",
    "id_mappings",
    "idempotency_keys",
    "inbox",
    "jobs",
    "last_seen",
    "login_failures",
    "marks",
    "metadata",
    "mirrors",
    "order_times",
    "outbox",
    "payments",
    "replay_cursors",
    "sessions",
    "signups",
    "users",
]
