"""An alarm's clock goes on when it is given back and taken again, and that it was escalated stays with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0084"


def upgrade() -> None:
    """What is claimed now has its step's end; what was told of is marked so."""
    op.add_column("alarms", sa.Column("step_by", sa.Float))
    op.add_column("alarms", sa.Column("escalated_most", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE alarms SET escalated_most = escalated WHERE escalated > 0")
    op.execute("UPDATE alarms SET step_by = due_at WHERE owner_id IS NOT NULL AND due_at IS NOT NULL")
