"""Who ended a shift that was not their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """No shift was ended by a supervisor before."""
    op.add_column("duty_shifts", sa.Column("ended_by", sa.String(128), nullable=False, server_default=""))
