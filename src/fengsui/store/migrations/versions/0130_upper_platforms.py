"""Upper platforms, at which the node registers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0134"


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "upper_platforms",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(20), nullable=False, unique=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.Column("domain", sa.String(64), nullable=False),
        sa.Column("transport", sa.String(4), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("keepalive_s", "expires_s", "items")),
        sa.Column("share", sa.Text, nullable=False),
        sa.Column("sealed_password", sa.String(512), nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("seal", sa.String(64)),
        sqlite_autoincrement=True,
    )
