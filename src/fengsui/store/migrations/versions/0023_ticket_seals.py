"""Each version of a use ticket carries the node's seal. Tickets from before have none: they open nothing any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """One column."""
    with op.batch_alter_table("use_tickets") as table:
        table.add_column(sa.Column("seal", sa.String(64), nullable=False, server_default=""))
