"""Tables of completeness."""

import sqlalchemy as sa

from fengsui.store import metadata


def _sums() -> list[sa.Column[float]]:
    """Seconds due, and missing by cause."""
    return [sa.Column(name, sa.Float, nullable=False) for name in ("due_s", "device_s", "node_s", "disk_s", "line_s", "unknown_s")]


footage_runs = sa.Table(
    "footage_runs",
    metadata,
    sa.Column("began", sa.Float, primary_key=True),
    sa.Column("alive_until", sa.Float, nullable=False),
    sa.Column("clock_set", sa.Boolean, nullable=False, server_default=sa.false()),  # forward, at the end of this run
)
footage_day_kinds = sa.Table(
    "footage_day_kinds",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("kind", sa.Integer, nullable=False),
)
footage_lapses = sa.Table(
    "footage_lapses",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("since", sa.Float, primary_key=True),
    sa.Column("until", sa.Float),
    sa.Column("cause", sa.String(16), nullable=False),
)
footage_days = sa.Table(
    "footage_days",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("camera_class", sa.String(24), nullable=False),
    *_sums(),
    sa.Column("filled_s", sa.Float, nullable=False, server_default="0"),
    sa.Column("missing_s", sa.Float, nullable=False),
    sa.Column("gaps", sa.Integer, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Index("footage_days_by_missing", "day", "missing_s"),
)
footage_day_parts = sa.Table(  # of a day on which the camera came to another place; `cameras`: 1 where it is counted, else 0
    "footage_day_parts",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("camera_class", sa.String(24), nullable=False),
    sa.Column("cameras", sa.Integer, nullable=False),
    *_sums(),
    sa.Column("filled_s", sa.Float, nullable=False),
    sa.Index("footage_day_parts_by_day", "day"),
)
footage_area_days = sa.Table(
    "footage_area_days",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("area", sa.String(8), primary_key=True),
    sa.Column("camera_class", sa.String(24), primary_key=True),
    sa.Column("cameras", sa.Integer, nullable=False),
    sa.Column("whole", sa.Integer, nullable=False),
    *_sums(),
    sa.Column("filled_s", sa.Float, nullable=False, server_default="0"),
)
