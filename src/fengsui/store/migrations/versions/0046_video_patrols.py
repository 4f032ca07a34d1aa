"""Video patrols: plans in versions, their rounds, and what was seen at each stop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0042"


def upgrade() -> None:
    """No centre has a plan yet."""
    op.create_table(
        "video_patrol_plans",
        *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("id", "version")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("centre", "tolerance_s", "set_by")),
        *(sa.Column(name, sa.String(128), nullable=False) for name in ("name", "set_by_name")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("stops", "times", "weekdays")),
        sa.Column("set_at", sa.Float, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
    )
    moments = ("due_from", "due_until", "started_at", "touched_at", "ended_at", "noted_at")
    op.create_table(
        "video_patrol_rounds",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("plan", "version", "centre", "user_id", "shift", "entry")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.String(128), nullable=False) for name in ("name", "noted_by")),
        *(sa.Column(name, sa.Float, nullable=False) for name in moments),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("video_patrol_rounds_by_centre", "video_patrol_rounds", ["centre", "due_from"])
    op.create_index("video_patrol_rounds_by_plan", "video_patrol_rounds", ["plan", "due_from"])
    op.create_table(
        "video_patrol_stops",
        *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("round", "stop")),
        sa.Column("camera", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("opened_at", "watched_s", "at")),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("outcome", "kind")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("text", "node_state")),
        sa.Column("snapshot", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("entry", "user_id")),
        sa.Column("name", sa.String(128), nullable=False),
    )
    op.create_table(
        "video_patrol_snapshots",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("camera", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("round", "stop", "user_id", "octets", "width", "height")),
        sa.Column("name", sa.String(128), nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("at", "removed_at")),
        sa.Column("masked", sa.Boolean, nullable=False),
    )
    op.create_table(
        "video_patrol_on_foot",
        *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("centre", "entry")),
        sa.Column("place", sa.String(256), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
