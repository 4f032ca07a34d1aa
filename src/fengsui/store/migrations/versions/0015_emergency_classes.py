"""Classes of cameras that a ticket for an area and an emergency access open; those of before hold every class."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
EVERY_CLASS = "31"


def upgrade() -> None:
    """Two columns."""
    for table in ("use_tickets", "emergencies"):
        op.add_column(table, sa.Column("classes", sa.Integer, nullable=False, server_default=EVERY_CLASS))
