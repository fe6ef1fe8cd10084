"""Carts, the times of orders, locks by name."""

import sqlalchemy as sa

from alembic import op

revision = "0003_ordering"
down_revision = "0002_becoming_a_customer"
branch_labels = None
depends_on = None

LIVE = sa.text("state NOT IN ('PLACED', 'DROPPED')")
WAITING = sa.text("state IN ('PLACING', 'UNSURE')")


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("cart_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=True),
        sa.Column("guest_index", sa.String(64), nullable=True),
        sa.Column("line", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("payload_sealed", sa.Text(), nullable=False),
        sa.Column("draft_sealed", sa.Text(), nullable=False),
        sa.Column("order_key", sa.String(36), nullable=False),
        sa.Column("cart_hash", sa.String(64), nullable=False),
        sa.Column("salesforce_order_id", sa.String(18), nullable=False),
        sa.Column("order_number", sa.String(30), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(60), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(36), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cart_id"),
        sa.UniqueConstraint("order_key"),
    )
    for owner in ("user", "guest"):
        column = "user_id" if owner == "user" else "guest_index"
        op.create_index(
            f"uq_carts_{owner}_line", "carts", [column, "line"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
        )
    op.create_index("ix_carts_waiting", "carts", ["next_attempt_at"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_carts_state_updated", "carts", ["state", "updated_at"])

    op.create_table(
        "order_times",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("salesforce_order_id", sa.String(18), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "salesforce_order_id", "step"),
    )
    op.create_table(
        "account_locks",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("lease_owner", sa.String(36), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    for table in ("account_locks", "order_times", "carts"):
        op.drop_table(table)
