"""Figures of a shift stand in its handover; closings of incidents, and when they were opened, are found by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0104"
down_revision = "0099"


def upgrade() -> None:
    """Earlier handovers have none."""
    op.add_column("duty_handovers", sa.Column("figures", sa.Text))
    op.create_index("incidents_by_opened", "incidents", ["opened_at"])
    closed = sa.text("kind = 'closed'")
    columns = ["at", "incident_id"]
    op.create_index("incident_lines_closed", "incident_lines", columns, sqlite_where=closed, postgresql_where=closed)
