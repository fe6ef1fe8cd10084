"""Fulfilments and their steps, cursors of event streams, events that could not be read."""

import sqlalchemy as sa

from alembic import op

revision = "0005_fulfilment"
down_revision = "0004_last_seen"
branch_labels = None
depends_on = None

LIVE = sa.text("state NOT IN ('COMPLETED', 'CANCELLED')")


def upgrade() -> None:
    op.create_table(
        "fulfilments",
        sa.Column("salesforce_order_id", sa.String(18), nullable=False),
        sa.Column("order_number", sa.String(30), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("whmcs_client_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("hold", sa.String(20), nullable=False),
        sa.Column("step_no", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(60), nullable=False),
        sa.Column("error_text", sa.String(255), nullable=False),
        sa.Column("report", sa.String(20), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("whmcs_order_id", sa.Integer(), nullable=False),
        sa.Column("whmcs_service_ids", sa.Text(), nullable=False),
        sa.Column("whmcs_invoice_id", sa.Integer(), nullable=False),
        sa.Column("sim_sealed", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wakes", sa.Integer(), nullable=False),
        sa.Column("wakes_seen", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(36), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("salesforce_order_id"),
    )
    op.create_index("ix_fulfilments_due", "fulfilments", ["next_attempt_at"], sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("ix_fulfilments_user", "fulfilments", ["user_id"])
    op.create_index("ix_fulfilments_updated", "fulfilments", ["updated_at"])
    op.create_table(
        "fulfilment_steps",
        sa.Column("salesforce_order_id", sa.String(18), nullable=False),
        sa.Column("step_no", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(20), nullable=False),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("hold", sa.String(20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("correlation_id", sa.String(80), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("salesforce_order_id", "step_no"),
    )
    op.create_index("ix_fulfilment_steps_at", "fulfilment_steps", ["at"])
    op.create_table(
        "replay_cursors",
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("replay_id", sa.LargeBinary(), nullable=False),
        sa.Column("from_earliest", sa.Boolean(), nullable=False),
        sa.Column("gap_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic"),
    )
    op.create_table(
        "quarantined_events",
        sa.Column("quarantine_id", sa.String(36), nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("schema_id", sa.String(100), nullable=False),
        sa.Column("replay_id", sa.LargeBinary(), nullable=False),
        sa.Column("payload_sealed", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("quarantine_id"),
        sa.UniqueConstraint("topic", "event_id", name="uq_quarantined_events_topic_event"),
    )
    op.create_index("ix_quarantined_events_received_at", "quarantined_events", ["received_at"])


def downgrade() -> None:
    for table in ("quarantined_events", "replay_cursors", "fulfilment_steps", "fulfilments"):
        op.drop_table(table)
