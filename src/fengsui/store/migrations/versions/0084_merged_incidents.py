"""What was merged into an incident is found without reading them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0075"


def upgrade() -> None:
    """A new index, of those that were merged alone."""
    merged = sa.text("into_id <> 0")
    op.create_index("incidents_merged", "incidents", ["into_id", "id"], sqlite_where=merged, postgresql_where=merged)
