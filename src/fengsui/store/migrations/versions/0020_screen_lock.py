"""Sessions at a screen, and when they were locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Nothing is locked yet; a session proves to be at a screen by its cookie."""
    op.add_column("sessions", sa.Column("at_screen", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("sessions", sa.Column("locked_at", sa.Float, nullable=False, server_default="0"))
