"""Sightings: a person's own notes with place and time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0060"


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "sightings",
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
    )
    op.create_index("sightings_by_time", "sightings", ["at_us"])
    op.create_index("sightings_by_author", "sightings", ["author_id", "made_at"])
