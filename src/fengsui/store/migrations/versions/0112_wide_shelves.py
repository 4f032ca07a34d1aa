"""Whole sites and areas that are shelved: of which classes of cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0112"
down_revision = "0109"


def upgrade() -> None:
    """What is shelved already is of its own class alone, which it has."""
    op.add_column("alarm_shelves", sa.Column("classes", sa.Integer, nullable=False, server_default="0"))
