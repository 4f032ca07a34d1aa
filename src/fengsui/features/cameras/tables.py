"""Tables of catalogue items, of what operators add, and of cameras that left."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

catalogue_items = sa.Table(
    "catalogue_items",
    metadata,
    sa.Column("device", sa.String(32), primary_key=True),
    sa.Column("code", sa.String(32), primary_key=True),
    *(sa.Column(name, sa.String(512)) for name in ("kind", "name", "maker", "model", "area", "shown_area", "camera_class")),
    *(sa.Column(name, sa.String(512)) for name in ("address", "parents", "status")),
    sa.Column("longitude", sa.Float),
    sa.Column("latitude", sa.Float),
    sa.Column("business_group", sa.String(32)),
    sa.Column("ptz_type", sa.Integer),
    sa.Column("streams", sa.String(32)),
    sa.Column("details", sa.Text),
    sa.Column("fingerprint", sa.String(32)),
    sa.Column("unit", sa.String(8)),
)
camera_notes = sa.Table(
    "camera_notes",
    metadata,
    sa.Column("code", sa.String(32), primary_key=True),
    sa.Column("own_name", sa.String(256)),
    sa.Column("own_area", sa.String(8)),
    sa.Column("longitude", sa.Float),
    sa.Column("latitude", sa.Float),
    sa.Column("tags", sa.Text),
    sa.Column("audio_basis", sa.String(256)),
    sa.Column("camera_class", sa.String(24)),
    sa.Column("seal", sa.String(64)),
)
sealed(camera_notes, "own_area", "audio_basis", "camera_class")
withdrawn_cameras = sa.Table(
    "withdrawn_cameras",
    metadata,
    sa.Column("code", sa.String(32), primary_key=True),
    sa.Column("device", sa.String(32), nullable=False),
    sa.Column("name", sa.String(512), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("camera_class", sa.String(24), nullable=False),
    sa.Column("longitude", sa.Float),
    sa.Column("latitude", sa.Float),
    sa.Column("withdrawn_at", sa.Float, nullable=False),
    sa.Column("seal", sa.String(64)),
)
sealed(withdrawn_cameras, "device", "area", "camera_class", "withdrawn_at")
