"""When a shift should end, and why it went on; supervisors' words that somebody may sign on without a whole rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Shifts that last now end as they were to."""
    op.add_column("duty_shifts", sa.Column("due", sa.Float, nullable=False, server_default="0"))
    op.add_column("duty_shifts", sa.Column("extensions", sa.Text, nullable=False, server_default="[]"))
    op.execute("UPDATE duty_shifts SET due = until")
    op.create_table(
        "duty_permits",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("centre", "user_id", "given_by")),
        *(sa.Column(name, sa.String(128), nullable=False) for name in ("person", "name")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("given_at", "until")),
        sa.Column("reason", sa.Text, nullable=False),
    )
