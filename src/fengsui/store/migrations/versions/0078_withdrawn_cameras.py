"""What is kept of cameras that left the catalogue, as long as there is footage of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0071"


def upgrade() -> None:
    """Nothing is known of those that left before: whoever wants their footage lists them again."""
    op.create_table(
        "withdrawn_cameras",
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
