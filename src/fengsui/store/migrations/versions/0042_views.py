"""Walls and tours that are saved and shared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0044"


def upgrade() -> None:
    """One table."""
    op.create_table(
        "views",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("user_id", "centre")),
        *(sa.Column(name, sa.String(128), nullable=False) for name in ("owner", "name")),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("kind", "sharing", "post", "area")),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("views_of", "views", ["user_id"])
