"""A program's token can be bound to an area and to networks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Those that are there are as wide as their owners."""
    op.add_column("api_tokens", sa.Column("area", sa.String(8), nullable=False, server_default=""))
    op.add_column("api_tokens", sa.Column("networks", sa.String(512), nullable=False, server_default=""))
