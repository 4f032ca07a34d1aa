"""Use tickets, duty, emergency access."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _columns(kind: sa.types.TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    """Six tables."""
    op.create_table(
        "use_tickets",
        sa.Column("number", sa.String(24), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False, index=True),
        *_columns(sa.String(64), "purpose", "case_number", "matched"),
        *_columns(sa.String(512), "legal_basis", "reason", "opens"),
        *_columns(sa.Text(), "cameras"),
        *_columns(sa.String(8), "area"),
        *_columns(sa.Boolean(), "automatic", "newest"),
        *_columns(sa.Float(), "since", "until", "opened_at", "expires_at", "closed_at", "looked_up_at"),
    )
    op.create_table(
        "ticket_reviews",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_columns(sa.Integer(), "user_id", "reviewer"),
        *_columns(sa.Float(), "at"),
        *_columns(sa.String(512), "note"),
    )
    op.create_table(
        "duty_centres",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_columns(sa.String(128), "name"),
        *_columns(sa.String(8), "area"),
        *_columns(sa.Integer(), "seats", "min_staff"),
        *_columns(sa.Float(), "removed_at"),
    )
    op.create_table(
        "duty_slots",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_columns(sa.Integer(), "centre", "seat", "user_id"),
        sa.Column("since", sa.Float, nullable=False, index=True),
        *_columns(sa.Float(), "until"),
    )
    op.create_table(
        "duty_shifts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_columns(sa.Integer(), "centre", "seat", "user_id", "successor"),
        *_columns(sa.String(128), "name", "state"),
        *_columns(sa.Float(), "since", "until", "ended_at"),
        *_columns(sa.Text(), "remarks", "matters"),
    )
    op.create_table(
        "emergencies",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *_columns(sa.Integer(), "user_id", "judge"),
        *_columns(sa.String(128), "name", "area", "danger", "ticket", "verdict"),
        *_columns(sa.Float(), "opened_at", "ends_at", "reported_at", "judged_at"),
        *_columns(sa.Text(), "said", "report", "note"),
    )
