"""A device's profile: what its RTP markers mean, when its picture goes on after a loss, what its sound is without a map."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Every policy at its default."""
    for name, default in (("marker", "learn"), ("after_loss", "next-picture"), ("unmapped_sound", "drop")):
        op.add_column("devices", sa.Column(name, sa.String(16), nullable=False, server_default=default))
