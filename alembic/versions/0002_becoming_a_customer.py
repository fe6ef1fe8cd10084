"""Sign-ups, mailed tokens, idempotency keys; a Salesforce account belongs to one user."""

import sqlalchemy as sa

from alembic import op

revision = "0002_becoming_a_customer"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

SCHEDULED = sa.text("next_attempt_at IS NOT NULL")
OPEN = sa.text("used_at IS NULL AND voided_at IS NULL")
KNOWN = sa.text("sf_account_id <> ''")


def upgrade() -> None:
    _refuse_shared_accounts()
    op.drop_index("ix_id_mappings_sf_account_id", "id_mappings")
    op.create_index(
        "uq_id_mappings_sf_account_id",
        "id_mappings",
        ["sf_account_id"],
        unique=True,
        sqlite_where=KNOWN,
        postgresql_where=KNOWN,
    )

    op.create_table(
        "signups",
        sa.Column("signup_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("payload_sealed", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("email_index", sa.String(64), nullable=False),
        sa.Column("number_index", sa.String(64), nullable=False),
        sa.Column("sf_account_id", sa.String(18), nullable=False),
        sa.Column("sf_contact_id", sa.String(18), nullable=False),
        sa.Column("claimed_account", sa.String(18), nullable=True),
        sa.Column("case_id", sa.String(18), nullable=False),
        sa.Column("whmcs_client_id", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(36), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signup_id"),
        sa.UniqueConstraint("user_id"),
        sa.UniqueConstraint("claimed_account"),
    )
    op.create_index(
        "ix_signups_due", "signups", ["next_attempt_at"], sqlite_where=SCHEDULED, postgresql_where=SCHEDULED
    )
    op.create_index("ix_signups_email_index", "signups", ["email_index"])
    op.create_index("ix_signups_state_updated", "signups", ["state", "updated_at"])

    op.create_table(
        "email_tokens",
        sa.Column("token_id", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("payload_sealed", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_email_tokens_expires_at", "email_tokens", ["expires_at"])
    op.create_index("ix_email_tokens_subject_created", "email_tokens", ["purpose", "subject", "created_at"])
    op.create_index(
        "uq_email_tokens_open",
        "email_tokens",
        ["purpose", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )

    op.create_table(
        "idempotency_keys",
        sa.Column("key_id", sa.String(36), nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("operation", sa.String(40), nullable=False),
        sa.Column("key_index", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("recovery_point", sa.String(40), nullable=False),
        sa.Column("resource_ref", sa.String(100), nullable=False),
        sa.Column("response_status", sa.Integer(), nullable=False),
        sa.Column("response_sealed", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.String(36), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
        sa.UniqueConstraint("scope", "operation", "key_index", name="uq_idempotency_keys_scope_operation_key"),
    )
    op.create_index("ix_idempotency_keys_expires_at", "idempotency_keys", ["expires_at"])


def _refuse_shared_accounts() -> None:
    """Which of two users an account belongs to is for a person to decide."""
    shared = sa.text(
        "SELECT count(*) FROM (SELECT sf_account_id FROM id_mappings WHERE sf_account_id <> '' "
        "GROUP BY sf_account_id HAVING count(*) > 1) AS shared"
    )
    if count := op.get_bind().scalar(shared):
        raise RuntimeError(
            f"{count} Salesforce accounts are mapped to several users (id_mappings.sf_account_id): "
            "clear the wrong ones, then migrate again"
        )


def downgrade() -> None:
    for table in ("idempotency_keys", "email_tokens", "signups"):
        op.drop_table(table)
    op.drop_index("uq_id_mappings_sf_account_id", "id_mappings")
    op.create_index("ix_id_mappings_sf_account_id", "id_mappings", ["sf_account_id"])
