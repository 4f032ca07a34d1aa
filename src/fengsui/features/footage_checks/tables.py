"""Tables of the checks of footage: raw samples, a row a camera and day, from which each figure can be made anew."""

import sqlalchemy as sa

from fengsui.store import metadata


def _place() -> list[sa.Column[str]]:
    return [
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("camera_class", sa.String(24), nullable=False),
    ]


footage_kept_days = sa.Table(
    "footage_kept_days",
    metadata,
    *_place(),
    sa.Column("duty_days", sa.Integer, nullable=False),
    sa.Column("ceiling_days", sa.Integer, nullable=False),
    sa.Column("kept_days", sa.Integer, nullable=False),
    sa.Column("planned_days", sa.Integer, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("over", sa.Boolean, nullable=False),
    sa.Index("footage_kept_days_by_day", "day", "state"),
)
footage_try_days = sa.Table(
    "footage_try_days",
    metadata,
    *_place(),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("played", sa.Integer, nullable=False),
    sa.Column("failed_at", sa.Float),
    sa.Column("failed_moment", sa.Float),
    sa.Column("failed_why", sa.String(16), nullable=False),
    sa.Index("footage_try_days_by_day", "day"),
)
