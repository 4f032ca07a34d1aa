"""Tasks of a span of time are found by an index."""

from __future__ import annotations

from alembic import op

revision = "0098"
down_revision = "0095"


def upgrade() -> None:
    """An index alone."""
    op.create_index("incident_tasks_by_sent", "incident_tasks", ["sent_at"])
