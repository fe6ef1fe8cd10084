"""What was last seen of things that change elsewhere."""

import sqlalchemy as sa

from alembic import op

revision = "0004_last_seen"
down_revision = "0003_ordering"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "last_seen",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("value", sa.String(120), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("ix_last_seen_seen_at", "last_seen", ["seen_at"])


def downgrade() -> None:
    op.drop_table("last_seen")
