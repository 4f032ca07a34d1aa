"""Notices by rules, and whom each tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0109"
down_revision = "0108"


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.BigInteger, nullable=False),
        sa.Column("rule_id", sa.Integer, nullable=False),
        sa.Column("rule", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        *(sa.Column(name, sa.String(32), nullable=False) for name in ("camera_class", "category")),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("place", sa.String(256), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("more", sa.Integer, nullable=False),
        sa.UniqueConstraint("alarm_id", "rule_id"),
    )
    op.create_index("notices_by_rule", "notices", ["rule_id", "area", "at"])
    op.create_index("notices_by_time", "notices", ["at"])
    op.create_table(
        "notice_readers",
        sa.Column("notice_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("post", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.Float),
    )
    op.create_index("notice_readers_by_user", "notice_readers", ["user_id", "seen_at", "notice_id"])
