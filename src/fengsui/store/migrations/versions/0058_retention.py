"""Holds of footage, and what was removed of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0059"


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "footage_holds",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("case_number", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("approved_by", sa.String(128), nullable=False),
        sa.Column("held_at", sa.Float, nullable=False),
        sa.Column("review_at", sa.Float, nullable=False),
        sa.Column("released_at", sa.Float, nullable=False),
        sa.Column("released_by", sa.String(272), nullable=False),
        sa.Column("seal", sa.String(64)),
    )
    op.create_index("ix_footage_holds_camera", "footage_holds", ["camera"])
    op.create_table(
        "footage_removals",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("stream", sa.String(96), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.Float, nullable=False),
        sa.Column("policy", sa.String(128), nullable=False),
        sa.Column("data_class", sa.String(32), nullable=False),
        sa.Column("digests", sa.LargeBinary, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
    )
    op.create_index("footage_removals_by_day", "footage_removals", ["camera", "day"])
