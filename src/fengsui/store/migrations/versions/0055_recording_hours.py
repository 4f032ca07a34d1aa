"""Hours of recording plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0050"


def upgrade() -> None:
    """The plans there are record always: they have none."""
    op.add_column("recording_plans", sa.Column("hours", sa.Text, nullable=False, server_default="[]"))
