"""Table of sightings."""

import sqlalchemy as sa

from fengsui.store import metadata, sealed

sightings = sa.Table(
    "sightings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("camera", sa.String(32), nullable=False),
    sa.Column("camera_class", sa.String(32), nullable=False),
    sa.Column("area", sa.String(8), nullable=False),
    sa.Column("longitude", sa.Float, nullable=False),
    sa.Column("latitude", sa.Float, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("text", sa.String(512), nullable=False),
    sa.Column("case_number", sa.String(64), nullable=False),
    sa.Column("author_id", sa.Integer, nullable=False),
    sa.Column("author", sa.String(128), nullable=False),
    sa.Column("unit", sa.String(128), nullable=False),
    sa.Column("ticket", sa.String(32), nullable=False),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("legal_basis", sa.String(512), nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("withdrawn_at", sa.Float, nullable=False),
    sa.Column("withdrawn_by", sa.String(128), nullable=False),
    sa.Column("withdrawn_why", sa.String(512), nullable=False),
    sa.Column("seal", sa.String(64)),
    sa.Index("sightings_by_time", "at_us"),
    sa.Index("sightings_by_author", "author_id", "made_at"),
)
sealed(
    sightings,
    *("kind", "camera", "camera_class", "area", "longitude", "latitude", "at_us", "text", "case_number", "author_id", "author"),
    *("unit", "ticket", "purpose", "legal_basis", "made_at", "withdrawn_at", "withdrawn_by", "withdrawn_why"),
)
