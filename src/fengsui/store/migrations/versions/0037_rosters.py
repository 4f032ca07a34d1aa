"""Rosters are published week by week, in versions; two people may swap their slots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Slots that are there bind on."""
    op.add_column("duty_slots", sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_table(
        "duty_roster_versions",
        *(sa.Column(name, sa.Integer, primary_key=True) for name in ("centre", "week", "version")),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("change", "slots")),
    )
    numbers = ("centre", "slot", "other_slot", "asked_by", "asked_of", "decided_by")
    op.create_table(
        "duty_swaps",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in numbers),
        sa.Column("state", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("asked_at", "answered_at", "decided_at")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("reason", "note")),
    )
