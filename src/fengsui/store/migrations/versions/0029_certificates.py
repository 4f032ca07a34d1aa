"""The number of the certificate that somebody's training ended with (A9)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Empty until it is entered."""
    op.add_column("users", sa.Column("certificate_no", sa.String(64), nullable=False, server_default=""))
