"""Plans of before, runs of the recorder, times in which cameras lacked recording, and the sums of their days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0055"


def _sums() -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float, nullable=False) for name in ("due_s", "device_s", "node_s", "disk_s", "line_s", "unknown_s")]


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "recording_plans_past",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("set_at", sa.Float, primary_key=True),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("stream", sa.String(8), nullable=False),
        sa.Column("set_by", sa.String(128), nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
    )
    op.create_table(
        "footage_runs",
        sa.Column("began", sa.Float, primary_key=True),
        sa.Column("alive_until", sa.Float, nullable=False),
    )
    op.create_table(
        "footage_lapses",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("since", sa.Float, primary_key=True),
        sa.Column("until", sa.Float),
        sa.Column("cause", sa.String(16), nullable=False),
    )
    op.create_table(
        "footage_days",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("camera_class", sa.String(24), nullable=False),
        *_sums(),
        sa.Column("missing_s", sa.Float, nullable=False),
        sa.Column("gaps", sa.Integer, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
    )
    op.create_index("footage_days_by_missing", "footage_days", ["day", "missing_s"])
    op.create_table(
        "footage_area_days",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("area", sa.String(8), primary_key=True),
        sa.Column("camera_class", sa.String(24), primary_key=True),
        sa.Column("cameras", sa.Integer, nullable=False),
        sa.Column("whole", sa.Integer, nullable=False),
        *_sums(),
    )
