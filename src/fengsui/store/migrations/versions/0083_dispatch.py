"""Units and their tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0079"


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "patrol_units",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("call_sign", sa.String(64), nullable=False, unique=True),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("kind", "status")),
        sa.Column("members", sa.Text, nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
        sa.Column("position_at", sa.Float, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("task", "version")),
    )
    op.create_table(
        "incident_tasks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("incident", "unit", "priority")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("order_text", "stamps", "reason", "feedback")),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("need_feedback", "is_running")),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("state", "overdue")),
        sa.Column("sent_at", sa.Float, nullable=False),
        sa.Column("sent_by", sa.String(128), nullable=False),
    )
    op.create_index("incident_tasks_by_incident", "incident_tasks", ["incident", "id"])
    op.create_index("incident_tasks_running", "incident_tasks", ["is_running"])
