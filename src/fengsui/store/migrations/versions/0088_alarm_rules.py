"""Rules about alarms, with every version of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"


def _facts() -> list[sa.Column[object]]:
    return [
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
    ]


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "alarm_rules",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("version", sa.Integer, nullable=False),
        *_facts(),
    )
    op.create_table(
        "alarm_rule_versions",
        sa.Column("rule_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *_facts(),
        sa.Column("is_removed", sa.Boolean, nullable=False),
    )
