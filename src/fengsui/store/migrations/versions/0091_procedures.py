"""Procedures with every version of them, their runs, and what was done at each step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0093"


def _facts() -> list[sa.Column[object]]:
    return [
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("is_mandatory", sa.Boolean, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
    ]


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "procedures",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("version", sa.Integer, nullable=False),
        *_facts(),
    )
    op.create_table(
        "procedure_versions",
        sa.Column("procedure_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *_facts(),
        sa.Column("is_removed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "procedure_runs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("procedure", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("area", sa.String(8), nullable=False),
        sa.Column("camera_class", sa.String(32), nullable=False),
        sa.Column("alarm", sa.BigInteger),
        sa.Column("incident", sa.Integer),
        sa.Column("is_mandatory", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("started_by", sa.String(128), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("step_at", sa.Float, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("reviewed_at", sa.Float),
        sa.Column("reviewed_by", sa.String(128), nullable=False),
    )
    op.create_table(
        "procedure_entries",
        sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("answer", sa.String(128), nullable=False),
        sa.Column("way", sa.Integer),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("took_s", sa.Float, nullable=False),
        sa.Column("is_late", sa.Boolean, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
    )
    op.create_index("procedure_runs_by_alarm", "procedure_runs", ["alarm"])
    op.create_index("procedure_runs_by_incident", "procedure_runs", ["incident"])
    op.create_index("procedure_runs_skipped", "procedure_runs", ["skipped", "id"])
