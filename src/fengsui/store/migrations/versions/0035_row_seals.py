"""Rows that open something carry the node's seal. Those of before are sealed at the first start, once, on record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
TABLES = (
    *("users", "sessions", "passkeys", "recovery_codes", "api_tokens", "camera_notes", "masks"),
    *("duty_centres", "duty_shifts", "emergencies", "ticket_reviews"),
)


def upgrade() -> None:
    """Empty: nobody has sealed them yet."""
    for table in TABLES:
        op.add_column(table, sa.Column("seal", sa.String(64), nullable=False, server_default=""))
    op.add_column("use_tickets", sa.Column("match_seal", sa.String(64), nullable=False, server_default=""))
