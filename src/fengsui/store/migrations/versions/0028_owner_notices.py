"""What partner owners are told, and how far each has read (A37)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "owner_notices",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("told", sa.String(16), nullable=False),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("classes", sa.Integer, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("request", sa.String(32), nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
    )
    op.create_table(
        "owner_notices_read",
        sa.Column("user_id", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
