"""Privacy masks and their lifts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "masks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("camera", sa.String(32), nullable=False, index=True),
        sa.Column("preset", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("points", sa.Text, nullable=False),
        sa.Column("made_by", sa.Integer, nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
    )
    op.create_table(
        "mask_lifts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("camera", sa.String(32), nullable=False, index=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("reason", sa.String(256), nullable=False),
        sa.Column("approved_by", sa.String(128), nullable=False),
    )
