"""Of days on which a camera came to another place: what was due and is missing in each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0095"
down_revision = "0090"
SUMS = ("due_s", "device_s", "node_s", "disk_s", "line_s", "unknown_s", "filled_s")


def upgrade() -> None:
    """Days that are reckoned for good stay in no area's sum."""
    op.create_table(
        "footage_day_parts",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("camera_class", sa.String(24), nullable=False),
        sa.Column("cameras", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in SUMS),
    )
    op.create_index("footage_day_parts_by_day", "footage_day_parts", ["day"])
