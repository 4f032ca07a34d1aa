"""Protected places: what stands there, whom to call, what to do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0116"
down_revision = "0117"


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "alarm_sites",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.Column("seal", sa.String(64)),
    )
