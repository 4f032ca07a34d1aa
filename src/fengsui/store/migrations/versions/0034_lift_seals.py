"""Each lift of masks carries the node's seal. Lifts of before have none: they lift nothing any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """They end within hours, and can be asked for anew."""
    op.add_column("mask_lifts", sa.Column("seal", sa.String(64), nullable=False, server_default=""))
