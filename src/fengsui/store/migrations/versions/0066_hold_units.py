"""Which unit a hold of footage was asked for by: it opens older footage to that one alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    """Empty: who asked for the holds of before sees what they hold; another of the unit asks for a hold again."""
    op.add_column("footage_holds", sa.Column("asked_unit", sa.String(128), nullable=False, server_default=""))
