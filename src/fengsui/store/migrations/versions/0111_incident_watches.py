"""Who watches which incident by a link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0111"
down_revision = "0116"


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "incident_watches",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("incident", "user_id")),
        *(sa.Column(name, sa.String(128), nullable=False) for name in ("name", "made_by")),
        sa.Column("cameras", sa.String(128), nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("made_at", "until", "ended_at")),
        sa.Column("seal", sa.String(64)),
    )
    op.create_index("incident_watches_by_until", "incident_watches", ["until"])
