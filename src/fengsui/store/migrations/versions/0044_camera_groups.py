"""Favourites, and groups of cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0045"


def upgrade() -> None:
    """Three tables, empty."""
    op.create_table(
        "favourites",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
    )
    op.create_table(
        "camera_groups",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.Integer, nullable=False, index=True),
        sa.Column("owner_name", sa.String(128), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("post", sa.String(32), nullable=False, index=True),
        sa.Column("centre", sa.Integer, nullable=False, index=True),
    )
    op.create_table(
        "camera_group_items",
        sa.Column("group_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
    )
