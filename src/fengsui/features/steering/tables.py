"""Tables of who steers, of sectors, homes, patrols and pictures of presets. Times: seconds since 1970."""

import sqlalchemy as sa

from fengsui.store import metadata

camera_holds = sa.Table(
    "camera_holds",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("user_id", sa.Integer, nullable=False),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)
camera_sectors = sa.Table(
    "camera_sectors",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    *(sa.Column(name, sa.Float, nullable=False) for name in ("pan_from_deg", "pan_to_deg", "tilt_from_deg", "tilt_to_deg")),
    sa.Column("zoom_max", sa.Float, nullable=False),
    sa.Column("presets", sa.Text, nullable=False),
)
camera_homes = sa.Table(
    "camera_homes",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("preset", sa.Integer, nullable=False),
    sa.Column("reset_time_s", sa.Integer, nullable=False),
    sa.Column("by_node", sa.Boolean, nullable=False),
)
camera_patrols = sa.Table(
    "camera_patrols",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("stops", sa.Text, nullable=False),
    sa.Column("speed", sa.Integer, nullable=False),
    sa.Column("by_device", sa.Boolean, nullable=False),
    sa.Column("running", sa.Boolean, nullable=False),
    sa.Column("begun_by", sa.String(128), nullable=False),
)
preset_pictures = sa.Table(
    "preset_pictures",
    metadata,
    sa.Column("camera", sa.String(32), primary_key=True),
    sa.Column("preset", sa.Integer, primary_key=True),
    sa.Column("device", sa.String(32), nullable=False),
    sa.Column("hidden", sa.String(64), nullable=False),
    sa.Column("taken_at", sa.Float, nullable=False),
)
