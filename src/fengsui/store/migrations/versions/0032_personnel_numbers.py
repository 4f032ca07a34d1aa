"""A personnel number ties the accounts of one human being together (rules A10, A15, A35)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Nobody's is known yet."""
    op.add_column("users", sa.Column("personnel_number", sa.String(64), nullable=False, server_default=""))
    op.create_index("users_by_personnel_number", "users", ["personnel_number"])
