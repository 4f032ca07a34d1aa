"""A device's profile: whose SSRC it is, what follows its change, how long packets are waited for, who gets parameter sets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Every policy at its default."""
    for name, default in (("ssrc", "source"), ("ssrc_change", "auto"), ("reorder", "standard"), ("parameter_sets", "insert")):
        op.add_column("devices", sa.Column(name, sa.String(16), nullable=False, server_default=default))
