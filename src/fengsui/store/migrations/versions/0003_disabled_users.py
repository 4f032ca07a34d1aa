"""Users can be disabled; the table tells when somebody last signed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds `disabled` and `signed_in_at`."""
    op.add_column("users", sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("users", sa.Column("signed_in_at", sa.Float, nullable=False, server_default="0"))
