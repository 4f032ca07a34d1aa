"""Requests of two persons, and who opened them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing waits yet."""
    text = {name: sa.Column(name, sa.Text, nullable=False) for name in ("content", "document", "reason", "ended_reason", "told")}
    time = {
        name: sa.Column(name, sa.Float, nullable=False) for name in ("asked_at", "expires_at", "decided_at", "due_at", "ended_at")
    }
    op.create_table(
        "approval_requests",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(64), nullable=False),
        text["content"],
        text["document"],
        text["reason"],
        sa.Column("target", sa.String(128), nullable=False),
        sa.Column("base", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.Integer, nullable=False),
        sa.Column("asked_name", sa.String(64), nullable=False),
        sa.Column("asked_session", sa.String(32), nullable=False),
        sa.Column("asked_address", sa.String(64), nullable=False),
        sa.Column("asked_workstation", sa.String(256), nullable=False),
        time["asked_at"],
        time["expires_at"],
        sa.Column("decided_by", sa.Integer, nullable=False),
        sa.Column("decided_name", sa.String(64), nullable=False),
        sa.Column("decided_address", sa.String(64), nullable=False),
        time["decided_at"],
        time["due_at"],
        sa.Column("seal", sa.String(64), nullable=False),
        time["ended_at"],
        sa.Column("ended_by", sa.String(64), nullable=False),
        text["ended_reason"],
        text["told"],
    )
    op.create_index("ix_approval_requests_state", "approval_requests", ["state", "number"])
    op.create_index("ix_approval_requests_asked_by", "approval_requests", ["asked_by", "number"])
    op.create_table(
        "approval_openings",
        sa.Column("request", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
