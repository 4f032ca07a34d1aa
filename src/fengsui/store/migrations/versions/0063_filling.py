"""What is fetched from devices to fill gaps, and how much of a day was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    """Of the days that are reckoned nothing was fetched."""
    op.create_table(
        "footage_fills",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("stream", sa.String(96), primary_key=True),
        sa.Column("since", sa.Float, primary_key=True),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("filled_s", sa.Float, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
    )
    op.create_index("footage_fills_by_state", "footage_fills", ["state", "next_at"])
    for table in ("footage_days", "footage_area_days"):
        op.add_column(table, sa.Column("filled_s", sa.Float, nullable=False, server_default="0"))
