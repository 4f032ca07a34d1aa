"""Lines of rosters and permits to sign on carry the node's seal, and that of a shift is about its end and what prolonged it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Empty: the rows of before are sealed at the first start, once, on record."""
    for table in ("duty_slots", "duty_permits"):
        op.add_column(table, sa.Column("seal", sa.String(64), nullable=False, server_default=""))
