"""What kind of day each was by the calendar it was recorded by; and runs that began because the clock was set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    """Runs of before began with the node, as was said of them. Days of before get their kind with the next reckoning."""
    op.add_column("footage_runs", sa.Column("clock_set", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "footage_day_kinds",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("kind", sa.Integer, nullable=False),
    )
