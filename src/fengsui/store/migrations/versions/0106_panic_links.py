"""Links by which somebody at a protected place presses for help."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0104"


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "panic_links",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("camera", sa.String(32), nullable=False),
        *(sa.Column(name, sa.Float) for name in ("longitude", "latitude")),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("seal", sa.String(64)),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("alarm_id", "presses")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("pressed_at", "tried_at")),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("token_hash"),
    )
