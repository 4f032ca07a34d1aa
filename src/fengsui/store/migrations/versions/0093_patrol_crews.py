"""Who is in which unit with a phone, and under which key each step of a task was asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0092"


def upgrade() -> None:
    """A new table, and a column without keys."""
    op.create_table(
        "patrol_crews",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unit", sa.Integer, nullable=False),
    )
    op.create_index("patrol_crews_by_unit", "patrol_crews", ["unit"])
    op.add_column("incident_tasks", sa.Column("step_keys", sa.Text))
