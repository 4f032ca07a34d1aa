"""When each device was last reset after an alarm: one that was not is reset after the next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0083"


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "alarm_resets",
        sa.Column("device", sa.String(32), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
