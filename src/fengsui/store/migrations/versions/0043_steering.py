"""Who steers a camera, its sector, home position and patrols, and the pictures of its presets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0041"


def upgrade() -> None:
    """Five tables."""
    op.create_table(
        "camera_holds",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("since", sa.Float, nullable=False),
    )
    op.create_table(
        "camera_sectors",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("pan_from_deg", sa.Float, nullable=False),
        sa.Column("pan_to_deg", sa.Float, nullable=False),
        sa.Column("tilt_from_deg", sa.Float, nullable=False),
        sa.Column("tilt_to_deg", sa.Float, nullable=False),
        sa.Column("zoom_max", sa.Float, nullable=False),
        sa.Column("presets", sa.Text, nullable=False),
    )
    op.create_table(
        "camera_homes",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("preset", sa.Integer, nullable=False),
        sa.Column("reset_time_s", sa.Integer, nullable=False),
        sa.Column("by_node", sa.Boolean, nullable=False),
    )
    op.create_table(
        "camera_patrols",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("stops", sa.Text, nullable=False),
        sa.Column("speed", sa.Integer, nullable=False),
        sa.Column("by_device", sa.Boolean, nullable=False),
        sa.Column("running", sa.Boolean, nullable=False),
        sa.Column("begun_by", sa.String(128), nullable=False),
    )
    op.create_table(
        "preset_pictures",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("preset", sa.Integer, primary_key=True),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("hidden", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.Float, nullable=False),
    )
