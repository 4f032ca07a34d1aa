"""How long footage is kept against how long it must be, and whether what is recorded plays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"


def _place() -> list[sa.Column[str]]:
    return [
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("camera_class", sa.String(24), nullable=False),
    ]


def upgrade() -> None:
    """Nothing is known yet."""
    op.create_table(
        "footage_kept_days",
        *_place(),
        sa.Column("duty_days", sa.Integer, nullable=False),
        sa.Column("ceiling_days", sa.Integer, nullable=False),
        sa.Column("kept_days", sa.Integer, nullable=False),
        sa.Column("planned_days", sa.Integer, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("over", sa.Boolean, nullable=False),
    )
    op.create_index("footage_kept_days_by_day", "footage_kept_days", ["day", "state"])
    op.create_table(
        "footage_try_days",
        *_place(),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("played", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.Float),
        sa.Column("failed_moment", sa.Float),
        sa.Column("failed_why", sa.String(16), nullable=False),
    )
    op.create_index("footage_try_days_by_day", "footage_try_days", ["day"])
