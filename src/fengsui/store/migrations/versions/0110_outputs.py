"""Alarm outputs, and each time that one is switched on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0121"


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "outputs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("switch", sa.Integer, nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("seal", sa.String(64)),
        sa.UniqueConstraint("camera", "switch"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "output_pulses",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("output_id", sa.Integer, nullable=False),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        sa.Column("rule_id", sa.Integer, nullable=False),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("by", sa.String(160), nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("asked_at", "on_at", "until", "ended_at")),
        sa.Column("fault", sa.String(500), nullable=False),
    )
    op.create_index("output_pulses_by_output", "output_pulses", ["output_id", "ended_at"])
    op.create_index("output_pulses_by_end", "output_pulses", ["ended_at"])
