"""Which supervisor has taken note that an alarm waits too long."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0138"
down_revision = "0135"


def upgrade() -> None:
    """A column, and an index of the few that nobody has taken note of."""
    op.add_column("alarms", sa.Column("noted_by", sa.String(128), nullable=False, server_default=""))
    only = sa.text("state IN ('open', 'claimed', 'verified') AND escalated > 0 AND noted_by = ''")
    columns = ["priority", "id", "area", "camera_class"]
    op.create_index("alarms_late", "alarms", columns, sqlite_where=only, postgresql_where=only)
