"""Who gave an account the password or the way in that it has: that person and the account are not two persons (rules A14, A15)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Nobody knows it of the accounts that are there."""
    op.add_column("users", sa.Column("given_by", sa.Integer, nullable=False, server_default="0"))
