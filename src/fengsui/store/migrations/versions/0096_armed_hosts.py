"""Openings and closings of alarm hosts are found without the other alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0098"


def upgrade() -> None:
    """An index."""
    only = sa.text("category = 'open_close'")
    op.create_index("alarms_open_close", "alarms", ["account", "section", "id", "code"], sqlite_where=only, postgresql_where=only)
