"""A camera's other stream has a plan of its own, and what happened is kept for each stream that is recorded for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    """No camera has a second plan yet. What happened at the same moment may stand once for each stream."""
    op.create_table(
        "recording_plans_other",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("stream", sa.String(8), nullable=False),
        sa.Column("set_at", sa.Float, nullable=False),
        sa.Column("set_by", sa.String(128), nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("before_s", sa.Integer, nullable=False),
        sa.Column("after_s", sa.Integer, nullable=False),
    )
    op.drop_index("recording_periods_by_end", "recording_periods")
    op.rename_table("recording_periods", "recording_periods_one_stream")
    op.create_table(
        "recording_periods",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("at", sa.Float, primary_key=True),
        sa.Column("stream", sa.String(8), primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
    )
    columns = 'camera, "at", stream, since, "until", cause'
    op.execute(f"INSERT INTO recording_periods ({columns}) SELECT {columns} FROM recording_periods_one_stream")
    op.drop_table("recording_periods_one_stream")
    op.create_index("recording_periods_by_end", "recording_periods", ["until"])
