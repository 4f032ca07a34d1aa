"""Recording on event: the times of plans before and after one, and when something happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0057"


def upgrade() -> None:
    """The plans there are do not record on event: the times that a new one proposes."""
    for table in ("recording_plans", "recording_plans_past"):
        op.add_column(table, sa.Column("before_s", sa.Integer, nullable=False, server_default="10"))
        op.add_column(table, sa.Column("after_s", sa.Integer, nullable=False, server_default="30"))
    op.create_table(
        "recording_periods",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("at", sa.Float, primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("stream", sa.String(8), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
    )
    op.create_index("recording_periods_by_end", "recording_periods", ["until"])
