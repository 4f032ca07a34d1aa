"""Whose lift it is and under which ticket it was given, for the records of its end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Lifts of before end within hours, under no ticket that is known here."""
    op.add_column("mask_lifts", sa.Column("name", sa.String(128), nullable=False, server_default=""))
    op.add_column("mask_lifts", sa.Column("ticket", sa.String(24), nullable=False, server_default=""))
