"""Methods with every version of them, and the incidents that they served."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0103"
down_revision = "0096"


def _facts() -> list[sa.Column[object]]:
    return [
        sa.Column("title", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
    ]


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "methods",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("version", sa.Integer, nullable=False),
        *_facts(),
    )
    op.create_table(
        "method_versions",
        sa.Column("method_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *_facts(),
    )
    op.create_table(
        "method_uses",
        sa.Column("method", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("incident", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("opened_at", sa.Float, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
    )
    op.create_index("method_uses_by_incident", "method_uses", ["incident"])
