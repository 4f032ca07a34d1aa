"""The desk's queue is counted by priority and kind from an index alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0086b"
down_revision = "0088b"
KIND = ["priority", "category", "owner_id", "escalated", "first_at", "area", "camera_class", "state"]


def upgrade() -> None:
    """A new index, of what somebody still has to do with alone."""
    only = sa.text("state IN ('open', 'claimed', 'verified')")
    op.create_index("alarms_in_work_by_kind", "alarms", KIND, sqlite_where=only, postgresql_where=only)
