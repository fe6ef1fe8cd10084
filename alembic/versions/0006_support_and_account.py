"""Support cases, notifications, second factors; what a service is billed by."""

import sqlalchemy as sa

from alembic import op

revision = "0006_support_and_account"
down_revision = "0005_fulfilment"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'WAITING'")


def upgrade() -> None:
    _support()
    _notifications()
    _second_factors()
    op.add_column("subscriptions_mirror", sa.Column("gateway", sa.String(60), nullable=False, server_default=""))
    op.add_column("subscriptions_mirror", sa.Column("whmcs_order_id", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "invoice_lines_read",
        sa.Column("whmcs_invoice_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("whmcs_client_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("whmcs_invoice_id"),
    )
    op.create_index("ix_invoice_lines_read_whmcs_client_id", "invoice_lines_read", ["whmcs_client_id"])
    op.create_table(
        "invoice_services_mirror",
        sa.Column("whmcs_invoice_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("whmcs_service_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("whmcs_client_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("whmcs_invoice_id", "whmcs_service_id"),
    )
    op.create_index(
        "ix_invoice_services_mirror_service", "invoice_services_mirror", ["whmcs_client_id", "whmcs_service_id"]
    )


def _support() -> None:
    op.create_table(
        "case_posts",
        sa.Column("post_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("salesforce_case_id", sa.String(18), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body_sealed", sa.Text(), nullable=False),
        sa.Column("error_code", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("intent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("post_id"),
    )
    op.create_index(
        "uq_case_posts_waiting",
        "case_posts",
        ["user_id", "salesforce_case_id", "body_hash"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_case_posts_user_created", "case_posts", ["user_id", "created_at"])
    op.create_index("ix_case_posts_case", "case_posts", ["salesforce_case_id", "created_at"])
    op.create_table(
        "case_files",
        sa.Column("file_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("name_sealed", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("salesforce_document_id", sa.String(18), nullable=False),
        sa.Column("post_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_id"),
    )
    op.create_index("ix_case_files_user_created", "case_files", ["user_id", "created_at"])
    op.create_index("ix_case_files_salesforce_document_id", "case_files", ["salesforce_document_id"])
    op.create_index("ix_case_files_post_id", "case_files", ["post_id"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("notification_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("values_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("notification_id"),
        sa.UniqueConstraint("user_id", "kind", "source_id", name="uq_notifications_source"),
    )
    op.create_index("ix_notifications_user_created", "notifications", ["user_id", "created_at"])
    op.create_index("ix_notifications_subject", "notifications", ["subject"])
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "kind"),
    )


def _second_factors() -> None:
    op.create_table(
        "totp",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("password_short", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])
    op.create_table(
        "sign_in_challenges",
        sa.Column("challenge_id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("sign_in_version", sa.String(64), nullable=False),
        sa.Column("device_label", sa.String(100), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("challenge_id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_sign_in_challenges_user_id", "sign_in_challenges", ["user_id"])
    op.create_index("ix_sign_in_challenges_expires_at", "sign_in_challenges", ["expires_at"])


def downgrade() -> None:
    for table in (
        "invoice_services_mirror",
        "invoice_lines_read",
        "sign_in_challenges",
        "recovery_codes",
        "totp",
        "notification_preferences",
        "notifications",
        "case_files",
        "case_posts",
    ):
        op.drop_table(table)
    op.drop_column("subscriptions_mirror", "whmcs_order_id")
    op.drop_column("subscriptions_mirror", "gateway")
