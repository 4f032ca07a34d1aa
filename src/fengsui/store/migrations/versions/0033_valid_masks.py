"""Masks whose preset was set anew or deleted hide nothing any more, and are kept to be seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Those of before stand as they are."""
    op.add_column("masks", sa.Column("valid", sa.Boolean, nullable=False, server_default=sa.true()))
