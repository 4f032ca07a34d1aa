"""What other systems refuse of what waits for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0108"
down_revision = "0107"


def upgrade() -> None:
    """What waits has not been refused so far."""
    op.create_table(
        "link_refusals",
        sa.Column("outbox_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("why", sa.String(256), nullable=False),
        sa.Column("aside_at", sa.Float, nullable=False),
    )
