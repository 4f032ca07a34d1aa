"""Recording plans of cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0048"


def upgrade() -> None:
    """No camera is recorded until somebody says so."""
    op.create_table(
        "recording_plans",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("stream", sa.String(8), nullable=False),
        sa.Column("set_at", sa.Float, nullable=False),
        sa.Column("set_by", sa.String(128), nullable=False),
    )
