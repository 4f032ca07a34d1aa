"""Where alarm points are and what looks at them, which are in test, and when each told something last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0117"
down_revision = "0112"


def upgrade() -> None:
    """A point of before has its one camera, is nowhere, and was never in test."""
    op.create_table(
        "alarm_point_facts",
        sa.Column("point_id", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
        sa.Column("cameras", sa.Text, nullable=False),
    )
    op.create_table(
        "alarm_point_tests",
        sa.Column("point_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("host_id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("begun_at", "until")),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("seal", sa.String(64)),
    )
    op.create_table(
        "alarm_point_signals",
        sa.Column("point_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.add_column("alarms", sa.Column("tested", sa.Boolean, nullable=False, server_default=sa.false()))
