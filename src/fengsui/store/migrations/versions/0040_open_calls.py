"""Calls that were answered and not yet ended, so that a node that was killed can end them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """One table."""
    op.create_table(
        "open_calls",
        sa.Column("call_id", sa.String(128), primary_key=True),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("ssrc", sa.BigInteger, nullable=False),
        sa.Column("host", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("dialog", sa.Text, nullable=False),
    )
